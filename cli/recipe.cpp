// `atlas recipe list|show|schema`: the recipes there are, and what one may hold.
#include "atlas/pipeline/recipe/recipe.h"

#include <fmt/core.h>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/pipeline/recipe/tasks.h"
#include "cli/command_line.h"

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;

void list() {
  for (const fs::path& path : recipes_of_the_zoo()) {
    const RecipeSummary summary = check_recipe(Yaml::read(path));
    fmt::print("{:<10} {:<7} {}\n", path.stem().string(), name(summary.task.input), summary.about);
  }
}

void show(const std::string& name) {
  const auto path = find_recipe(name);
  if (!path) fail(ErrorCode::NotFound, "recipe: no '{}' (atlas recipe list tells which there are)", name);
  check_recipe(Yaml::read(*path));
  fmt::print("# {}\n{}", path->string(), read_text(*path));
}

// As tables of Markdown: docs/recipes.md holds them.
void schema() {
  for (const TaskEntry& task : recipe_tasks()) {
    fmt::print("### {}\n\n{}. Takes: {}.\n\n| Key | Value | Default | Meaning |\n|---|---|---|---|\n",
               task.name, task.about, name(task.input));
    for (const FieldDoc& field : task.fields())
      fmt::print("| `{}` | {} | {} | {} |\n", field.path, field.form, field.otherwise, field.about);
    fmt::print("\n");
  }
}

}  // namespace

int recipe(Arguments arguments) {
  CommandLine line("recipe", "Recipes: what happens around a model, as YAML.");
  line.require_subcommand(1);
  std::string name;
  CLI::App* list_line = line.add_subcommand("list", "The recipes that come with Atlas");
  CLI::App* show_line = line.add_subcommand("show", "Check a recipe and print it");
  show_line->add_option("NAME", name, "Out of the list, or a file that ends in .yaml")->required();
  line.add_subcommand("schema", "Every task with every key that a recipe of it may hold");
  if (!line.read(arguments)) return 0;
  if (list_line->parsed())
    list();
  else if (show_line->parsed())
    show(name);
  else
    schema();
  return 0;
}

}  // namespace atlas::cli
