// Task `classify`: what a picture shows, by a model that gives a score a label.
#include <fmt/core.h>

#include "atlas/base/error.h"
#include "atlas/formats/torch/efficientnet_lite.h"
#include "atlas/formats/torch/state_dict.h"
#include "atlas/pipeline/post/label_file.h"
#include "atlas/pipeline/post/scores.h"
#include "atlas/pipeline/recipe/image_fields.h"
#include "atlas/pipeline/recipe/image_model.h"
#include "atlas/pipeline/recipe/model_names.h"
#include "atlas/pipeline/recipe/tasks.h"

namespace atlas {
namespace {

enum class Network { InModel, EfficientnetLite0 };
enum class Scores { Logits, Probabilities };

struct ClassifySettings {
  std::string model;
  Network network = Network::InModel;
  ImageInputOptions input;
  std::string labels;
  Scores scores = Scores::Logits;
  std::int64_t shown = 5;

  void declare(Fields& fields) {
    fields.file({"model", "From a picture to a score a label; or, with `network`, weights of PyTorch (.pth)"},
                model);
    fields.choice({"network", "What the weights are for; `in-model` where the model says so itself", true},
                  network,
                  {{"in-model", Network::InModel}, {"efficientnet-lite0", Network::EfficientnetLite0}});
    declare_image_input(fields, input);
    fields.file({"labels",
                 "One label a line, in the order of the scores; without it those in the model's metadata "
                 "(`names`)",
                 true},
                labels);
    fields.choice({"scores", "What the model gives: softmax is taken of logits", true}, scores,
                  {{"logits", Scores::Logits}, {"probabilities", Scores::Probabilities}});
    fields.integer({"shown", "How many of the likeliest labels the answer lists", true}, shown, 1, 1000);
  }
};

Graph network_of(const ClassifySettings& settings, const RecipeFiles& files,
                 const std::filesystem::path& path) {
  if (settings.network == Network::InModel) return files.load(path);
  const ImageSize size = settings.input.fit.size;
  require(size.height == size.width, "recipe: efficientnet-lite0 takes squares, got {}x{}", size.width,
          size.height);
  return within([&] { return path.string(); },
                [&] { return efficientnet_lite0(read_state_dict(path), size.height); });
}

class Classify : public Task {
 public:
  using Settings = ClassifySettings;

  Classify(const ClassifySettings& settings, RecipeFiles& files)
      : settings_(settings), model_(opened(files), settings.input) {
    require(!labels_.empty(), "recipe: the model's metadata has no labels (name a file of them: labels:)");
  }

  RecipeResult run(const RecipeInput& input) const override {
    RecipeResult out;
    const Tensor given = model_.run(input.image, "classify", out.stages).outputs[0];
    require(given.dtype() == DType::F32 && given.element_count() == labels_.size(),
            "classify: expected a score for each of {} labels, got {}", labels_.size(), text(given));
    const auto scores = given.values<float>();
    const std::vector<float> probabilities = settings_.scores == Scores::Logits
                                                 ? softmax(scores)
                                                 : std::vector<float>(scores.begin(), scores.end());
    Json likeliest = Json::array();
    const std::vector<Ranked> best = top_k(probabilities, static_cast<std::size_t>(settings_.shown));
    for (const Ranked& entry : best) {
      likeliest.add(Json::object(
          {{"label", labels_[entry.index]}, {"index", entry.index}, {"probability", double{entry.score}}}));
      out.lines.push_back(fmt::format("{:.4f}  {}", entry.score, labels_[entry.index]));
    }
    const std::string& first = labels_[best[0].index];
    out.marks.push_back({.label = fmt::format("{} {:.2f}", first, best[0].score)});
    out.answer = {
        {"label", first}, {"probability", double{best[0].score}}, {"likeliest", std::move(likeliest)}};
    return out;
  }

 private:
  /// Opens the model and reads the labels.
  const Session& opened(RecipeFiles& files) {
    const std::filesystem::path path = files.find(settings_.model);
    Graph graph = network_of(settings_, files, path);
    labels_ = settings_.labels.empty() ? names_in(graph.metadata) : read_labels(files.find(settings_.labels));
    return within([&] { return path.string(); },
                  [&]() -> const Session& { return files.open(std::move(graph)); });
  }

  ClassifySettings settings_;
  std::vector<std::string> labels_;
  ImageModel model_;  // last: made of all of the above
};

}  // namespace

TaskEntry classify_task() {
  return task_entry<Classify>("classify", "What a picture shows, of a list of things", InputKind::Image);
}

}  // namespace atlas
