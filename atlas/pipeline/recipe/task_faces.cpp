// Task `faces`: faces in a picture with six points each, by a model of BlazeFace's kind.
#include <fmt/core.h>

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/post/anchors.h"
#include "atlas/pipeline/post/scores.h"
#include "atlas/pipeline/recipe/detection_answer.h"
#include "atlas/pipeline/recipe/image_fields.h"
#include "atlas/pipeline/recipe/image_model.h"
#include "atlas/pipeline/recipe/tasks.h"

namespace atlas {
namespace {

// The right eye of a face is on the left of the picture.
constexpr std::array<const char*, 6> kPoints = {"right_eye", "left_eye",  "nose",
                                                "mouth",     "right_ear", "left_ear"};
constexpr std::int64_t kNumbers = 4 + 2 * kPoints.size();

struct FacesSettings {
  std::string model;
  ImageInputOptions input;
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> anchors_per_cell;
  SuppressionOptions suppression{.method = Suppression::Weighted, .most_overlap = 0.3f, .least_score = 0.5f};

  void declare(Fields& fields) {
    fields.file(
        {"model", "To logits [1, anchors, 1] and boxes with points [1, anchors, 16], in any number of parts"},
        model);
    declare_image_input(fields, input);
    fields.integers({"strides", "Sides of a cell of anchors in pixels of the input, part by part"}, strides,
                    1, 1024, 16);
    fields.integers({"anchors_per_cell", "As many as strides"}, anchors_per_cell, 1, 64, 16);
    fields.number({"threshold", "Probability from which a face is one", true}, suppression.least_score, 0, 1);
    fields.number({"most_overlap", "Of two boxes (intersection over union), to be two faces", true},
                  suppression.most_overlap, 0, 1);
  }
};

std::vector<Anchor> face_anchors(const FacesSettings& settings) {
  require(settings.strides.size() == settings.anchors_per_cell.size(),
          "recipe: expected as many anchors_per_cell as strides, got {} and {}",
          settings.anchors_per_cell.size(), settings.strides.size());
  std::vector<AnchorLayer> layers;
  for (std::size_t i = 0; i < settings.strides.size(); ++i)
    layers.push_back({settings.strides[i], std::vector<std::array<float, 2>>(
                                               static_cast<std::size_t>(settings.anchors_per_cell[i]))});
  return anchors(layers, settings.input.fit.size);
}

/// The outputs whose last axis has `extent`, one behind the other.
std::vector<float> joined(const std::vector<Tensor>& outputs, std::int64_t extent) {
  std::vector<float> out;
  for (const Tensor& output : outputs)
    if (output.dtype() == DType::F32 && output.rank() == 3 && output.dim(0) == 1 && output.dim(2) == extent)
      out.insert(out.end(), output.values<float>().begin(), output.values<float>().end());
  return out;
}

class Faces : public Task {
 public:
  using Settings = FacesSettings;

  Faces(const FacesSettings& settings, RecipeFiles& files)
      : settings_(settings),
        anchors_(face_anchors(settings)),
        model_(files.open(settings.model), settings.input) {}

  RecipeResult run(const RecipeInput& input) const override {
    RecipeResult out;
    const ImageModel::Run given = model_.run(input.image, "detect", out.stages);
    const Stopwatch watch;
    const ImageSize size{input.image.dim(0), input.image.dim(1)};
    Json faces = Json::array();
    for (const Detection& face : find(given.outputs, given.input.place, size)) {
      faces.add(to_json(face));
      out.lines.push_back(fmt::format("{:.4f}  at {:.0f},{:.0f} to {:.0f},{:.0f}", face.score, face.box.left,
                                      face.box.top, face.box.right, face.box.bottom));
      out.marks.push_back(mark_of(face, fmt::format("{:.2f}", face.score)));
    }
    if (out.lines.empty()) out.lines.push_back("no faces");
    out.answer = {{"width", size.width}, {"height", size.height}, {"faces", std::move(faces)}};
    out.stages.push_back({"boxes", watch.milliseconds()});
    return out;
  }

 private:
  std::vector<Detection> find(const std::vector<Tensor>& outputs, const FittedImage& place,
                              ImageSize original) const {
    std::vector<float> scores = joined(outputs, 1);
    const std::vector<float> boxes = joined(outputs, kNumbers);
    require(scores.size() == anchors_.size() && boxes.size() == anchors_.size() * kNumbers,
            "faces: expected outputs f32[1,n,1] and f32[1,n,{}] for {} anchors in all, got {} and {} numbers",
            kNumbers, anchors_.size(), scores.size(), boxes.size());
    for (float& score : scores) score = sigmoid(score);
    const Tensor numbers =
        Tensor::of<float>({static_cast<std::int64_t>(anchors_.size()), kNumbers}, std::span(boxes));
    std::vector<Detection> found =
        suppress(decode_anchors(anchors_, numbers, scores, {.form = AnchorCode::Form::Pixels},
                                settings_.suppression.least_score),
                 settings_.suppression);
    map_to_original(found, place, original);
    return found;
  }

  static Json to_json(const Detection& face) {
    Json points = Json::object();
    for (std::size_t i = 0; i < kPoints.size(); ++i) points.set(kPoints[i], point_json(face.points[i]));
    return Json::object(
        {{"box", box_json(face.box)}, {"probability", double{face.score}}, {"points", std::move(points)}});
  }

  FacesSettings settings_;
  std::vector<Anchor> anchors_;
  ImageModel model_;
};

}  // namespace

TaskEntry faces_task() {
  return task_entry<Faces>("faces", "Faces in a picture, with eyes, nose, mouth and ears", InputKind::Image);
}

}  // namespace atlas
