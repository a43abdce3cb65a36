// Member by member, each with its bounds.
#include "atlas/pipeline/ocr_recipe.h"

#include "atlas/base/error.h"
#include "atlas/base/file.h"

namespace atlas {
namespace {

constexpr std::int64_t kMostSide = 16384;

float probability(const Yaml& yaml) {
  return static_cast<float>(yaml.number(0, 1));
}

std::array<float, 3> channels(const Yaml& yaml) {
  const std::vector<double> values = yaml.numbers(3);
  return {static_cast<float>(values[0]), static_cast<float>(values[1]), static_cast<float>(values[2])};
}

Normalization normalization(const Yaml& yaml) {
  yaml.allow_only({"scale", "mean", "deviation"});
  Normalization out;
  out.scale = static_cast<float>(yaml.at("scale").number(1e-6, 1e6));
  out.mean = channels(yaml.at("mean"));
  out.deviation = channels(yaml.at("deviation"));
  for (const float deviation : out.deviation)
    if (!(deviation > 0)) yaml.at("deviation").expected("numbers above 0");
  return out;
}

OcrOptions::Detect detect(const Yaml& yaml) {
  yaml.allow_only({"model", "longest_side", "multiple_of", "normalize", "threshold", "box_threshold",
                   "unclip_ratio", "least_side", "most_boxes"});
  OcrOptions::Detect out;
  out.longest_side = yaml.at("longest_side").integer(32, kMostSide);
  out.multiple_of = yaml.at("multiple_of").integer(1, 1024);
  out.normalization = normalization(yaml.at("normalize"));
  out.boxes.threshold = probability(yaml.at("threshold"));
  out.boxes.box_threshold = probability(yaml.at("box_threshold"));
  out.boxes.unclip_ratio = static_cast<float>(yaml.at("unclip_ratio").number(0, 10));
  out.boxes.least_side = static_cast<float>(yaml.at("least_side").number(1, 1000));
  out.boxes.most_boxes = static_cast<std::size_t>(yaml.at("most_boxes").integer(1, 100'000));
  return out;
}

OcrOptions::Classify classify(const Yaml& yaml) {
  yaml.allow_only({"model", "height", "width", "normalize", "threshold"});
  OcrOptions::Classify out;
  out.height = yaml.at("height").integer(1, kMostSide);
  out.width = yaml.at("width").integer(1, kMostSide);
  out.normalization = normalization(yaml.at("normalize"));
  out.threshold = probability(yaml.at("threshold"));
  return out;
}

OcrOptions::Recognise recognise(const Yaml& yaml) {
  yaml.allow_only({"model", "dictionary", "height", "least_width", "most_width", "normalize"});
  OcrOptions::Recognise out;
  out.height = yaml.at("height").integer(1, kMostSide);
  out.least_width = yaml.at("least_width").integer(1, kMostSide);
  out.most_width = yaml.at("most_width").integer(out.least_width, kMostSide);
  out.normalization = normalization(yaml.at("normalize"));
  return out;
}

PixelFormat pixel_format(const Yaml& yaml) {
  if (yaml.text() == "RGB") return PixelFormat::RGB;
  if (yaml.text() == "BGR") return PixelFormat::BGR;
  yaml.expected("RGB or BGR");
}

}  // namespace

OcrRecipe parse_ocr_recipe(const Yaml& yaml) {
  yaml.allow_only({"task", "about", "channels", "detect", "classify", "recognise"});
  if (yaml.at("task").text() != "ocr") yaml.at("task").expected("ocr");
  OcrRecipe out;
  out.detect_model = yaml.at("detect").at("model").text();
  out.classify_model = yaml.at("classify").at("model").text();
  out.recognise_model = yaml.at("recognise").at("model").text();
  out.dictionary = yaml.at("recognise").at("dictionary").text();
  out.options.channels = pixel_format(yaml.at("channels"));
  out.options.detect = detect(yaml.at("detect"));
  out.options.classify = classify(yaml.at("classify"));
  out.options.recognise = recognise(yaml.at("recognise"));
  return out;
}

std::vector<std::string> read_dictionary(const std::filesystem::path& path) {
  const std::string lines = read_text(path);
  std::vector<std::string> labels{""};
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    labels.push_back(lines.substr(at, end - at));
    if (labels.back().ends_with('\r')) labels.back().pop_back();
    at = end + 1;
  }
  require(labels.size() > 1, "{}: expected one label a line, got an empty file", path.string());
  labels.push_back(" ");
  return labels;
}

}  // namespace atlas
