// Task `segment`: which parts of a picture are what, by a model that scores every pixel.
#include <fmt/core.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/image/contours.h"
#include "atlas/pipeline/post/label_file.h"
#include "atlas/pipeline/post/masks.h"
#include "atlas/pipeline/recipe/detection_answer.h"
#include "atlas/pipeline/recipe/image_fields.h"
#include "atlas/pipeline/recipe/image_model.h"
#include "atlas/pipeline/recipe/tasks.h"

namespace atlas {
namespace {

constexpr std::size_t kMostOutlines = 1000;  // of one label

struct SegmentSettings {
  std::string model;
  ImageInputOptions input;
  std::string labels;
  std::int64_t background = -1;
  float threshold = 0.5f;

  void declare(Fields& fields) {
    fields.file({"model", "From a picture to scores [1, labels, height, width], or to one map of them"},
                model);
    declare_image_input(fields, input);
    fields.file({"labels", "One label a line, in the order of the scores"}, labels);
    fields.integer({"background", "The label that stands for nothing, counted from 0; -1 for none", true},
                   background, -1, 1'000'000);
    fields.number(
        {"threshold", "Where the model gives one map: from which score a pixel has the label", true},
        threshold, -1e6, 1e6);
  }
};

/// The label of each pixel of the map, -1 for none.
std::vector<std::int32_t> labels_of(const Tensor& scores, const SegmentSettings& settings) {
  std::vector<std::int32_t> out;
  if (scores.dim(1) == 1) {
    for (const float score : scores.values<float>()) out.push_back(score >= settings.threshold ? 0 : -1);
    return out;
  }
  const Tensor labels = pixel_labels(scores);
  for (const std::int32_t label : labels.values<std::int32_t>())
    out.push_back(label == settings.background ? -1 : label);
  return out;
}

class Segment : public Task {
 public:
  using Settings = SegmentSettings;

  Segment(const SegmentSettings& settings, RecipeFiles& files)
      : settings_(settings),
        labels_(read_labels(files.find(settings.labels))),
        model_(files.open(settings.model), settings.input) {
    require(settings.background < static_cast<std::int64_t>(labels_.size()),
            "recipe: background: expected a label below {}, got {}", labels_.size(), settings.background);
  }

  RecipeResult run(const RecipeInput& input) const override {
    RecipeResult out;
    const ImageModel::Run given = model_.run(input.image, "segment", out.stages);
    const Stopwatch watch;
    const Tensor& scores = given.outputs[0];
    const auto labels = static_cast<std::int64_t>(labels_.size());
    require(scores.dtype() == DType::F32 && scores.rank() == 4 && scores.dim(0) == 1 &&
                scores.dim(1) == labels && scores.element_count() > 0,
            "segment: expected scores f32[1,{},height,width], got {}", labels, text(scores));
    add_regions(scores, given.input.place, {input.image.dim(0), input.image.dim(1)}, out);
    out.stages.push_back({"regions", watch.milliseconds()});
    return out;
  }

 private:
  void add_regions(const Tensor& scores, const FittedImage& place, ImageSize original,
                   RecipeResult& out) const {
    const std::int64_t height = scores.dim(2), width = scores.dim(3);
    const auto in_original = [&](Point at) { return place.in_original(at, {height, width}); };
    // What was filled around the picture is no part of it.
    std::vector<std::int32_t> labels = labels_of(scores, settings_);
    std::size_t inside = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto column = static_cast<float>(i % static_cast<std::size_t>(width));
      const auto row = static_cast<float>(i / static_cast<std::size_t>(width));
      const Point at = in_original({column, row});
      const bool is_inside = at.x >= 0 && at.y >= 0 && at.x < static_cast<float>(original.width) &&
                             at.y < static_cast<float>(original.height);
      inside += is_inside;
      if (!is_inside) labels[i] = -1;
    }
    Json regions = Json::array();
    for (std::size_t label = 0; label < labels_.size(); ++label) {
      Tensor mask(DType::U8, {height, width});
      const auto pixels = mask.values_mutable<std::uint8_t>();
      std::ranges::transform(labels, pixels.begin(),
                             [&](std::int32_t l) { return l == static_cast<std::int32_t>(label); });
      const auto count = static_cast<std::size_t>(std::ranges::count(pixels, 1));
      if (count == 0) continue;
      const double share = static_cast<double>(count) / static_cast<double>(inside);
      Json outlines = Json::array();
      for (Polygon& contour : outer_contours(mask, kMostOutlines)) {
        for (Point& point : contour) point = in_original(point);
        outlines.add(points_json(contour));
        out.marks.push_back({.outline = std::move(contour), .points = {}, .label = labels_[label]});
      }
      out.lines.push_back(fmt::format("{:6.2f} %  {}", share * 100, labels_[label]));
      regions.add(
          Json::object({{"label", labels_[label]}, {"share", share}, {"outlines", std::move(outlines)}}));
    }
    if (out.lines.empty()) out.lines.push_back("nothing found");
    out.answer = {{"width", original.width}, {"height", original.height}, {"regions", std::move(regions)}};
  }

  SegmentSettings settings_;
  std::vector<std::string> labels_;
  ImageModel model_;
};

}  // namespace

TaskEntry segment_task() {
  return task_entry<Segment>("segment", "Which parts of a picture are what", InputKind::Image);
}

}  // namespace atlas
