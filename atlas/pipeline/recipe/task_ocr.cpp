// Task `ocr`: the lines of text in a picture, by a detector, an angle classifier and a recogniser.
#include <fmt/core.h>

#include "atlas/pipeline/ocr/dictionary.h"
#include "atlas/pipeline/ocr/ocr.h"
#include "atlas/pipeline/recipe/image_fields.h"
#include "atlas/pipeline/recipe/tasks.h"
#include "atlas/pipeline/session_model.h"

namespace atlas {
namespace {

struct OcrSettings {
  std::string detect_model;
  std::string classify_model;
  std::string recognise_model;
  std::string dictionary;
  OcrOptions options;

  void declare(Fields& fields);
};

void declare_detect(Fields& fields, OcrSettings& settings) {
  OcrOptions::Detect& to = settings.options.detect;
  fields.file({"model", "To probabilities of text [1, 1, height, width]"}, settings.detect_model);
  fields.integer({"longest_side", "Pictures are shrunk to it"}, to.longest_side, 32, kMostSide);
  fields.integer({"multiple_of", "Of either side, after that"}, to.multiple_of, 1, 1024);
  declare_normalization(fields, to.normalization);
  fields.number({"threshold", "Probability from which a pixel is text"}, to.boxes.threshold, 0, 1);
  fields.number({"box_threshold", "Mean probability from which a box is kept"}, to.boxes.box_threshold, 0, 1);
  fields.number({"unclip_ratio", "How far boxes grow back: area x ratio / perimeter"}, to.boxes.unclip_ratio,
                0, 10);
  fields.number({"least_side", "Shorter side of a box before it grows, in pixels of the map"},
                to.boxes.least_side, 1, 1000);
  fields.integer({"most_boxes", "Boxes beyond are left out"}, to.boxes.most_boxes, 1, 100'000);
}

void declare_classify(Fields& fields, OcrSettings& settings) {
  OcrOptions::Classify& to = settings.options.classify;
  fields.file({"model", "To probabilities upright, upside down [batch, 2]"}, settings.classify_model);
  fields.integer({"height", "Of its input"}, to.height, 1, kMostSide);
  fields.integer({"width", "Of its input"}, to.width, 1, kMostSide);
  declare_normalization(fields, to.normalization);
  fields.number({"threshold", "Probability of upside down from which a line is turned"}, to.threshold, 0, 1);
}

void declare_recognise(Fields& fields, OcrSettings& settings) {
  OcrOptions::Recognise& to = settings.options.recognise;
  fields.file({"model", "To probabilities of characters [1, steps, labels]"}, settings.recognise_model);
  fields.file({"dictionary", "One character a line"}, settings.dictionary);
  fields.integer({"height", "Of its input"}, to.height, 1, kMostSide);
  fields.integer({"least_width", "Narrower lines are padded"}, to.least_width, 1, kMostSide);
  fields.integer({"most_width", "Wider lines are squeezed"}, to.most_width, 1, kMostSide);
  declare_normalization(fields, to.normalization);
}

void OcrSettings::declare(Fields& fields) {
  declare_channels(fields, options.channels);
  fields.section({"detect", "Finds boxes of text"}, [&](Fields& inner) { declare_detect(inner, *this); });
  fields.section({"classify", "Finds lines that stand on their head"},
                 [&](Fields& inner) { declare_classify(inner, *this); });
  fields.section({"recognise", "Reads one line"}, [&](Fields& inner) { declare_recognise(inner, *this); });
}

Json to_json(const OcrLine& line) {
  Json corners = Json::array();
  for (const Point& corner : line.corners)
    corners.add(Json::array_of(std::vector<double>{corner.x, corner.y}));
  return Json::object({{"text", line.text},
                       {"confidence", double{line.confidence}},
                       {"corners", std::move(corners)},
                       {"box_score", double{line.box_score}},
                       {"is_upside_down", line.is_upside_down}});
}

class Ocr : public Task {
 public:
  using Settings = OcrSettings;

  Ocr(const OcrSettings& settings, RecipeFiles& files)
      : options_(settings.options),
        models_{model_of(files.open(settings.detect_model)), model_of(files.open(settings.classify_model)),
                model_of(files.open(settings.recognise_model))} {
    options_.labels = read_dictionary(files.find(settings.dictionary));
  }

  RecipeResult run(const RecipeInput& input) const override {
    const OcrResult read = read_lines(input.image, models_, options_);
    RecipeResult out;
    out.stages = {
        {"detect", read.detect_ms}, {"classify", read.classify_ms}, {"recognise", read.recognise_ms}};
    Json lines = Json::array();
    if (!read.lines.empty()) out.lines.push_back("confidence  text");
    for (const OcrLine& line : read.lines) {
      lines.add(to_json(line));
      out.lines.push_back(fmt::format("{:10.4f}  {}", line.confidence, line.text));
      out.marks.push_back({.outline = {line.corners.begin(), line.corners.end()},
                           .label = fmt::format("{} {:.2f}", line.text, line.confidence)});
    }
    out.answer = {{"width", input.image.dim(1)}, {"height", input.image.dim(0)}, {"lines", std::move(lines)}};
    return out;
  }

 private:
  OcrOptions options_;
  OcrModels models_;
};

}  // namespace

TaskEntry ocr_task() {
  return task_entry<Ocr>("ocr", "The lines of text in a picture", InputKind::Image);
}

}  // namespace atlas
