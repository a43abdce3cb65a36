// Task `similar`: for each line of a text the other lines by how alike their vectors are.
#include <fmt/core.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/post/embeddings.h"
#include "atlas/pipeline/recipe/embedder_fields.h"
#include "atlas/pipeline/recipe/tasks.h"

namespace atlas {
namespace {

// Each line is compared with each other one.
constexpr std::size_t kMostLines = 10'000;

struct SimilarSettings {
  EmbedderSettings embedder;
  std::int64_t shown = 3;

  void declare(Fields& fields) {
    declare_embedder(fields, embedder);
    fields.integer({"shown", "How many other lines are listed for each", true}, shown, 1, 1000);
  }
};

struct Other {
  std::size_t line;
  float likeness;
};

/// All lines but `line`, the most alike first; of equal ones the earlier.
std::vector<Other> ranked(const std::vector<std::vector<float>>& vectors, std::size_t line,
                          std::size_t shown) {
  std::vector<Other> out;
  for (std::size_t i = 0; i < vectors.size(); ++i)
    if (i != line) out.push_back({i, cosine(vectors[line], vectors[i])});
  const std::size_t kept = std::min(out.size(), shown);
  std::ranges::partial_sort(out, out.begin() + static_cast<std::ptrdiff_t>(kept),
                            [](const Other& a, const Other& b) {
                              return a.likeness != b.likeness ? a.likeness > b.likeness : a.line < b.line;
                            });
  out.resize(kept);
  return out;
}

class Similar : public Task {
 public:
  using Settings = SimilarSettings;

  Similar(const SimilarSettings& settings, RecipeFiles& files)
      : embedder_(open_embedder(settings.embedder, files)),
        shown_(static_cast<std::size_t>(settings.shown)) {}

  RecipeResult run(const RecipeInput& input) const override {
    Stopwatch watch;
    RecipeResult out;
    const std::vector<std::string> lines = lines_with_text(input.text, kMostLines);
    require(lines.size() > 1, "text: expected two lines or more to compare, got one");
    const std::vector<std::vector<float>> vectors = embedder_.embed(lines);
    out.stages.push_back({"embed", watch.milliseconds()});
    watch = Stopwatch();
    Json texts = Json::array();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      Json others = Json::array();
      out.lines.push_back(lines[i]);
      for (const Other& other : ranked(vectors, i, shown_)) {
        others.add(Json::object({{"text", lines[other.line]}, {"cosine", double{other.likeness}}}));
        out.lines.push_back(fmt::format("  {:.4f}  {}", other.likeness, lines[other.line]));
      }
      texts.add(Json::object({{"text", lines[i]}, {"similar", std::move(others)}}));
    }
    out.answer = {{"texts", std::move(texts)}};
    out.stages.push_back({"compare", watch.milliseconds()});
    return out;
  }

 private:
  TextEmbedder embedder_;
  std::size_t shown_;
};

}  // namespace

TaskEntry similar_task() {
  return task_entry<Similar>("similar", "For each line of a text the other lines that are most like it",
                             InputKind::Text);
}

}  // namespace atlas
