// Task `embed`: a vector for each line of a text.
#include <fmt/core.h>

#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/recipe/embedder_fields.h"
#include "atlas/pipeline/recipe/tasks.h"

namespace atlas {
namespace {

constexpr std::size_t kMostLines = 100'000;

struct EmbedSettings {
  EmbedderSettings embedder;

  void declare(Fields& fields) { declare_embedder(fields, embedder); }
};

class Embed : public Task {
 public:
  using Settings = EmbedSettings;

  Embed(const EmbedSettings& settings, RecipeFiles& files)
      : embedder_(open_embedder(settings.embedder, files)) {}

  RecipeResult run(const RecipeInput& input) const override {
    const Stopwatch watch;
    RecipeResult out;
    const std::vector<std::string> lines = lines_with_text(input.text, kMostLines);
    const std::vector<std::vector<float>> vectors = embedder_.embed(lines);
    Json texts = Json::array();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::vector<double> numbers(vectors[i].begin(), vectors[i].end());
      std::string shown;
      for (std::size_t k = 0; k < std::min<std::size_t>(numbers.size(), 4); ++k)
        shown += fmt::format("{:7.4f} ", numbers[k]);
      out.lines.push_back(fmt::format("[{}... {} numbers]  {}", shown, numbers.size(), lines[i]));
      texts.add(Json::object({{"text", lines[i]}, {"vector", Json::array_of(numbers)}}));
    }
    out.answer = {{"texts", std::move(texts)}};
    out.stages = {{"embed", watch.milliseconds()}};
    return out;
  }

 private:
  TextEmbedder embedder_;
};

}  // namespace

TaskEntry embed_task() {
  return task_entry<Embed>("embed", "A vector for each line of a text", InputKind::Text);
}

}  // namespace atlas
