// The task's name first, since it says what else a recipe may hold.
#include "atlas/pipeline/recipe/recipe.h"

#include <fmt/ranges.h>

#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/recipe/tasks.h"

namespace atlas {
namespace {

TaskEntry find_task(const Yaml& yaml) {
  const std::string& wanted = yaml.at("task").text();
  std::vector<std::string_view> names;
  for (const TaskEntry& entry : recipe_tasks()) {
    if (entry.name == wanted) return entry;
    names.push_back(entry.name);
  }
  yaml.at("task").expected(fmt::format("one of {}", fmt::join(names, ", ")));
}

}  // namespace

Recipe::Recipe(const std::filesystem::path& file, const SessionOptions& options) : name_(file.stem()) {
  const Stopwatch watch;
  const Yaml yaml = Yaml::read(file);
  entry_ = find_task(yaml);
  files_ = std::make_unique<RecipeFiles>(file.parent_path(), options);
  task_ = entry_.open(yaml, *files_);
  load_ms_ = watch.milliseconds();
}

RecipeSummary check_recipe(const Yaml& yaml) {
  const TaskEntry entry = find_task(yaml);
  entry.check(yaml);
  return {yaml.at("about").text(), entry};
}

}  // namespace atlas
