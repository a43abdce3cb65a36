// Task `detect`: things in a picture with their boxes, by any detector whose outputs the recipe describes.
#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/image/contours.h"
#include "atlas/pipeline/post/detector_output.h"
#include "atlas/pipeline/post/label_file.h"
#include "atlas/pipeline/post/masks.h"
#include "atlas/pipeline/recipe/detection_answer.h"
#include "atlas/pipeline/recipe/image_fields.h"
#include "atlas/pipeline/recipe/image_model.h"
#include "atlas/pipeline/recipe/model_names.h"
#include "atlas/pipeline/recipe/tasks.h"

namespace atlas {
namespace {

constexpr std::size_t kMostAnchorSizes = 256;

struct DetectSettings {
  std::string model;
  ImageInputOptions input;
  std::string labels;
  DetectorOptions output;
  SuppressionOptions suppression;

  void declare(Fields& fields);
};

void declare_outputs(Fields& fields, DetectorOptions& output) {
  fields.text({"boxes", "Form `boxes` and `anchors`: the output with boxes; by default the first", true},
              output.boxes);
  fields.text({"scores", "Likewise with scores; by default the third, with `anchors` the second", true},
              output.scores);
  fields.text({"labels", "Form `boxes`: the output with numbers of labels; by default the second", true},
              output.label_numbers);
  fields.choice({"sizes", "Form `boxes`: whether they are in pixels of the input or from 0 to 1", true},
                output.boxes_form.in_input_sizes, {{"pixels", false}, {"relative", true}});
  fields.choice({"order", "Form `boxes`: left, top, right, bottom, or top first", true},
                output.boxes_form.top_first, {{"left-first", false}, {"top-first", true}});
}

void declare_anchors(Fields& fields, DetectorOptions& output) {
  fields.integers({"strides", "Sides of a cell in pixels of the input, layer by layer"}, output.strides, 1,
                  4096, 16);
  fields.integers({"per_cell", "Anchors in a cell of each layer"}, output.anchors_per_cell, 1, 64, 16);
  fields.reals({"widths", "Of all of them, in pixels of the input, layer by layer"}, output.anchor_widths,
               0.01, 1e5, kMostAnchorSizes);
  fields.reals({"heights", "As many"}, output.anchor_heights, 0.01, 1e5, kMostAnchorSizes);
  fields.numbers({"variance", "Factors of the model's numbers for places and for sizes", true},
                 output.variance, 1e-6, 100);
  fields.choice(
      {"scores", "What the model gives; softmax is taken of logits, sigmoid where there is one a box", true},
      output.scores_are_logits, {{"probabilities", false}, {"logits", true}});
  fields.boolean({"background", "Whether the first score of a box is that of nothing", true},
                 output.has_background);
}

void DetectSettings::declare(Fields& fields) {
  fields.file({"model", "A detector"}, model);
  declare_image_input(fields, input);
  fields.choice(
      {"form",
       "Of the outputs: one [1, n, 5 + labels], one [1, 4 + labels, n], one [1, n, 6] of final boxes, "
       "boxes and labels and scores apart, or boxes relative to anchors"},
      output.form,
      {{"yolov5", DetectorForm::YoloV5},
       {"yolov8", DetectorForm::YoloV8},
       {"yolov10", DetectorForm::Final},
       {"boxes", DetectorForm::Boxes},
       {"anchors", DetectorForm::Anchors}});
  fields.file({"labels", "One label a line; without it those in the model's metadata (`names`)", true},
              labels);
  fields.number({"threshold", "Probability from which a thing is one", true}, suppression.least_score, 0, 1);
  fields.choice(
      {"suppression", "Of boxes that overlap: the best stays; takes the mean; or lowers the others", true},
      suppression.method,
      {{"hard", Suppression::Hard}, {"weighted", Suppression::Weighted}, {"soft", Suppression::Soft}});
  fields.number({"most_overlap", "Of two boxes (intersection over union), to be two things", true},
                suppression.most_overlap, 0, 1);
  fields.number({"sigma", "How fast `soft` lowers them", true}, suppression.sigma, 1e-3, 100);
  fields.boolean({"across_labels", "Whether things of different labels suppress each other", true},
                 suppression.across_labels);
  fields.integer({"most", "Things beyond are left out", true}, suppression.most, 1, 10'000);
  fields.integer({"points", "Key points a thing has (YOLO)", true}, output.points, 0, 1000);
  fields.integer({"point_numbers", "2: x, y; 3: and how sure", true}, output.point_numbers, 2, 3);
  fields.integer(
      {"mask_coefficients", "Numbers of a mask (YOLO, which then has a second output); 0: none", true},
      output.mask_coefficients, 0, 1024);
  fields.section({"outputs", "Which output is which, where that matters", true},
                 [&](Fields& inner) { declare_outputs(inner, output); });
  fields.section({"anchors", "Form `anchors`: where they are", true},
                 [&](Fields& inner) { declare_anchors(inner, output); });
}

/// The outline of the largest part of a thing's mask, in pixels of the original.
Polygon outline_of(const Detection& found, const Tensor& prototypes, ImageSize input,
                   const FittedImage& place) {
  const Tensor mask = prototype_mask(found, prototypes, input);
  Polygon largest;
  for (Polygon& contour : outer_contours(mask, 1000))
    if (contour.size() > largest.size()) largest = std::move(contour);
  for (Point& point : largest) point = place.in_original(point, {mask.dim(0), mask.dim(1)});
  return largest;
}

class Detect : public Task {
 public:
  using Settings = DetectSettings;

  Detect(const DetectSettings& settings, RecipeFiles& files) : settings_(settings), output_(opened(files)) {}

  RecipeResult run(const RecipeInput& input) const override {
    RecipeResult out;
    const auto [fitted, outputs] = model_->run(input.image, "detect", out.stages);
    const Stopwatch watch;
    const ImageSize size{input.image.dim(0), input.image.dim(1)};
    Json things = Json::array();
    const std::vector<Detection> found = suppress(output_.decode(outputs), settings_.suppression);
    std::vector<Detection> placed = found;
    map_to_original(placed, fitted.place, size);
    for (std::size_t i = 0; i < found.size(); ++i) {
      Polygon outline;
      if (const Tensor* prototypes = output_.prototypes(outputs))
        outline = outline_of(found[i], *prototypes, settings_.input.fit.size, fitted.place);
      add(placed[i], outline, things, out);
    }
    if (out.lines.empty()) out.lines.push_back("nothing found");
    out.answer = {{"width", size.width}, {"height", size.height}, {"things", std::move(things)}};
    out.stages.push_back({"boxes", watch.milliseconds()});
    return out;
  }

 private:
  /// Opens the model, reads the labels and learns what the outputs are.
  DetectorOutput opened(RecipeFiles& files) {
    const std::filesystem::path path = files.find(settings_.model);
    Graph graph = files.load(path);
    labels_ = settings_.labels.empty() ? names_in(graph.metadata) : read_labels(files.find(settings_.labels));
    model_.emplace(within([&] { return path.string(); },
                          [&]() -> const Session& { return files.open(std::move(graph)); }),
                   settings_.input);
    DetectorOptions options = settings_.output;
    const bool counts_labels = options.form == DetectorForm::YoloV5 || options.form == DetectorForm::YoloV8;
    require(!counts_labels || !labels_.empty(),
            "recipe: the model's metadata has no labels (name a file of them: labels:)");
    options.labels = static_cast<std::int64_t>(labels_.size());
    options.input = settings_.input.fit.size;
    options.least_score = settings_.suppression.least_score;
    std::vector<std::string> names;
    for (const Port& port : model_->session().outputs()) names.push_back(port.name);
    return DetectorOutput(std::move(options), names);
  }

  std::string label(std::int64_t number) const {
    return number >= 0 && number < static_cast<std::int64_t>(labels_.size())
               ? labels_[static_cast<std::size_t>(number)]
               : fmt::format("{}", number);
  }

  void add(const Detection& found, const Polygon& outline, Json& things, RecipeResult& out) const {
    const std::string name = label(found.label);
    Json thing =
        Json::object({{"label", name}, {"probability", double{found.score}}, {"box", box_json(found.box)}});
    if (!found.points.empty()) thing.set("points", points_json(found.points));
    if (!found.point_scores.empty())
      thing.set("point_probabilities",
                Json::array_of(std::vector<double>(found.point_scores.begin(), found.point_scores.end())));
    if (!outline.empty()) thing.set("outline", points_json(outline));
    things.add(std::move(thing));
    out.lines.push_back(fmt::format("{:.4f}  {} at {:.0f},{:.0f} to {:.0f},{:.0f}", found.score, name,
                                    found.box.left, found.box.top, found.box.right, found.box.bottom));
    out.marks.push_back(mark_of(found, fmt::format("{} {:.2f}", name, found.score)));
    if (!outline.empty()) out.marks.push_back({.outline = outline});
  }

  DetectSettings settings_;
  std::optional<ImageModel> model_;
  std::vector<std::string> labels_;
  DetectorOutput output_;  // last: made of all of the above
};

}  // namespace

TaskEntry detect_task() {
  return task_entry<Detect>("detect", "Things in a picture with their boxes, key points and outlines",
                            InputKind::Image);
}

}  // namespace atlas
