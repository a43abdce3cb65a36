// Task `anomaly`: how unlike what a model has learnt a picture is.
#include <fmt/core.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/pipeline/image/contours.h"
#include "atlas/pipeline/post/anomaly.h"
#include "atlas/pipeline/recipe/detection_answer.h"
#include "atlas/pipeline/recipe/image_fields.h"
#include "atlas/pipeline/recipe/image_model.h"
#include "atlas/pipeline/recipe/tasks.h"

namespace atlas {
namespace {

enum class AnomalyForm { Map, Reconstruction, Score };

struct AnomalySettings {
  std::string model;
  ImageInputOptions input;
  AnomalyForm form = AnomalyForm::Map;
  float share = 0.001f;
  float threshold = 0.5f;
  float least = 0;
  float most = 1;

  void declare(Fields& fields) {
    fields.file({"model", "From a picture to a map of scores, to the picture again, or to one score"}, model);
    declare_image_input(fields, input);
    fields.choice({"form", "What the model gives"}, form,
                  {{"map", AnomalyForm::Map},
                   {"reconstruction", AnomalyForm::Reconstruction},
                   {"score", AnomalyForm::Score}});
    fields.number({"share", "Form `map`: the score is the mean of this part of its highest values", true},
                  share, 0, 1);
    fields.number({"threshold", "Score from which a picture is an anomaly"}, threshold, -1e9, 1e9);
    fields.number({"least", "The lowest score of the pictures that the threshold was chosen on", true}, least,
                  -1e9, 1e9);
    fields.number({"most", "The highest", true}, most, -1e9, 1e9);
  }
};

class Anomaly : public Task {
 public:
  using Settings = AnomalySettings;

  Anomaly(const AnomalySettings& settings, RecipeFiles& files)
      : settings_(settings), model_(files.open(settings.model), settings.input) {
    require(settings.most > settings.least, "recipe: most: expected more than least, {}, got {}",
            settings.least, settings.most);
  }

  RecipeResult run(const RecipeInput& input) const override {
    RecipeResult out;
    const ImageModel::Run given = model_.run(input.image, "score", out.stages);
    const Tensor& output = given.outputs[0];
    require(output.dtype() == DType::F32 && output.element_count() > 0,
            "anomaly: expected an output of f32, got {}", text(output));
    const float score = score_of(given.input.batch, output);
    const bool is_anomaly = score >= settings_.threshold;
    const double scaled = scaled_anomaly(score, settings_.threshold, settings_.least, settings_.most);
    Json outlines = Json::array();
    if (settings_.form == AnomalyForm::Map)
      for (Polygon& outline : parts_above(output, given.input.place)) {
        outlines.add(points_json(outline));
        out.marks.push_back({.outline = std::move(outline), .points = {}, .label = ""});
      }
    const std::string verdict = is_anomaly ? "anomaly" : "as usual";
    out.lines = {fmt::format("{}  {:.6g} (from {:.6g} on it is one)", verdict, score, settings_.threshold)};
    out.marks.push_back({.outline = {}, .points = {}, .label = fmt::format("{} {:.2f}", verdict, scaled)});
    out.answer = {{"is_anomaly", is_anomaly},
                  {"score", double{score}},
                  {"scaled", scaled},
                  {"outlines", std::move(outlines)}};
    return out;
  }

 private:
  float score_of(const Tensor& batch, const Tensor& output) const {
    switch (settings_.form) {
      case AnomalyForm::Reconstruction:
        return reconstruction_error(batch, output);
      case AnomalyForm::Score:
        require(output.element_count() == 1, "anomaly: expected one score, got {}", text(output));
        return output.values<float>()[0];
      case AnomalyForm::Map:
        break;
    }
    return anomaly_score(output.values<float>(), settings_.share);
  }

  /// Outlines of what passes the threshold in a map [1, 1, height, width], in pixels of the original.
  std::vector<Polygon> parts_above(const Tensor& map, const FittedImage& place) const {
    require(map.rank() == 4 && map.dim(0) == 1 && map.dim(1) == 1,
            "anomaly: expected a map f32[1,1,height,width], got {}", text(map));
    Tensor mask(DType::U8, {map.dim(2), map.dim(3)});
    std::ranges::transform(map.values<float>(), mask.values_mutable<std::uint8_t>().begin(),
                           [&](float value) { return value >= settings_.threshold; });
    std::vector<Polygon> out = outer_contours(mask, 1000);
    for (Polygon& outline : out)
      for (Point& at : outline) at = place.in_original(at, {map.dim(2), map.dim(3)});
    return out;
  }

  AnomalySettings settings_;
  ImageModel model_;
};

}  // namespace

TaskEntry anomaly_task() {
  return task_entry<Anomaly>("anomaly", "How unlike what a model has learnt a picture is", InputKind::Image);
}

}  // namespace atlas
