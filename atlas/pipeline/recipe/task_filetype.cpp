// Task `filetype`: what kind of file some bytes are, by Magika's model.
#include <fmt/core.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/post/file_type.h"
#include "atlas/pipeline/post/scores.h"
#include "atlas/pipeline/recipe/tasks.h"
#include "atlas/pipeline/session_model.h"

namespace atlas {
namespace {

struct FiletypeSettings {
  std::string model;
  std::string config;
  std::string types;
  std::int64_t shown = 3;

  void declare(Fields& fields) {
    fields.file({"model", "From bytes i32 [1, first + last] to probabilities [1, labels]"}, model);
    fields.file({"config", "Magika's config.min.json: labels, thresholds, how many bytes the model takes"},
                config);
    fields.file({"types", "Magika's content_types_kb.min.json: what each label means"}, types);
    fields.integer({"shown", "How many of the likeliest labels the answer lists", true}, shown, 1, 100);
  }
};

struct FileType {
  std::string description;
  std::string mime;
  std::string group;
  bool is_text = false;
};

std::string text_or_nothing(const Yaml& yaml, std::string_view key) {
  const Yaml* member = yaml.find(key);
  return member && member->is_scalar() ? member->text() : "";
}

std::map<std::string, FileType> read_types(const Yaml& json) {
  std::map<std::string, FileType> out;
  for (const auto& [label, type] : json.members())
    out[label] = {text_or_nothing(type, "description"), text_or_nothing(type, "mime_type"),
                  text_or_nothing(type, "group"), type.at("is_text").boolean()};
  return out;
}

class Filetype : public Task {
 public:
  using Settings = FiletypeSettings;

  Filetype(const FiletypeSettings& settings, RecipeFiles& files)
      : model_(model_of(files.open(settings.model))),
        config_(read_file_type_config(Yaml::read(files.find(settings.config)))),
        types_(read_types(Yaml::read(files.find(settings.types)))),
        shown_(static_cast<std::size_t>(settings.shown)) {}

  RecipeResult run(const RecipeInput& input) const override {
    const Stopwatch watch;
    RecipeResult out;
    const std::vector<std::int32_t> features = file_type_features(input.bytes, config_);
    std::string label;
    float score = 1;
    Json likeliest = Json::array();
    if (features.empty()) {
      label = type_of_few_bytes(input.bytes, config_);
    } else {
      const std::vector<Ranked> best = ask(features);
      for (const Ranked& entry : best)
        likeliest.add(
            Json::object({{"label", config_.labels[entry.index]}, {"probability", double{entry.score}}}));
      const std::string& first = config_.labels[best[0].index];
      score = best[0].score;
      label = reported_type(first, score, type(first).is_text, config_);
    }
    const FileType meaning = type(label);
    out.answer = {{"label", label},
                  {"description", meaning.description},
                  {"mime", meaning.mime},
                  {"group", meaning.group},
                  {"is_text", meaning.is_text},
                  {"probability", double{score}},
                  {"likeliest", std::move(likeliest)}};
    out.lines = {fmt::format("{:<16} {:.4f}  {}{}{}", label, score, meaning.description,
                             meaning.mime.empty() ? "" : ", ", meaning.mime)};
    out.stages = {{"classify", watch.milliseconds()}};
    return out;
  }

 private:
  std::vector<Ranked> ask(const std::vector<std::int32_t>& features) const {
    const Shape shape{1, static_cast<std::int64_t>(features.size())};
    const std::vector<Tensor> outputs = model_({Tensor::of<std::int32_t>(shape, features)});
    require(!outputs.empty() && outputs[0].dtype() == DType::F32 &&
                outputs[0].element_count() == config_.labels.size() && !config_.labels.empty(),
            "filetype: expected probabilities f32[1,{}], got {}", config_.labels.size(),
            outputs.empty() ? "none" : text(outputs[0]));
    return top_k(outputs[0].values<float>(), shown_);
  }

  /// What a label means; one that the table lacks describes itself.
  FileType type(const std::string& label) const {
    const auto found = types_.find(label);
    return found == types_.end() ? FileType{.description = label} : found->second;
  }

  Model model_;
  FileTypeConfig config_;
  std::map<std::string, FileType> types_;
  std::size_t shown_;
};

}  // namespace

TaskEntry filetype_task() {
  return task_entry<Filetype>("filetype", "What kind of file some bytes are", InputKind::Bytes);
}

}  // namespace atlas
