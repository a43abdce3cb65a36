// `atlas recipe list|show|new|schema`: the recipes there are, one for a model, and what one may hold.
#include "atlas/pipeline/recipe/recipe.h"

#include <fmt/core.h>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/formats/model_file.h"
#include "atlas/ops/infer.h"
#include "atlas/pipeline/recipe/proposal.h"
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

// What the recipe calls the model: its path from the recipe's folder, in which it must lie.
std::string reference_to(const fs::path& model, const fs::path& recipe) {
  if (recipe.empty()) return "./" + model.filename().string();
  const fs::path folder = fs::absolute(recipe).parent_path();
  const fs::path relative = fs::weakly_canonical(model).lexically_relative(fs::weakly_canonical(folder));
  require(!relative.empty() && *relative.begin() != "..",
          "{}: expected a model in the folder of the recipe or below it, got {}", recipe.string(),
          model.string());
  return "./" + relative.string();
}

void propose(const std::string& model, const std::string& output) {
  require(output.empty() || output.ends_with(".yaml"), "--output {}: expected a name that ends in .yaml",
          output);
  require(output.empty() || !fs::exists(output), "--output {}: is there already", output);
  const std::string text = within([&] { return model; },
                                  [&] {
                                    Graph graph = load_model(model);
                                    const Registry registry = standard_registry();
                                    infer_types(graph, registry.ops);
                                    return propose_recipe(graph, reference_to(model, output));
                                  });
  check_recipe(Yaml::parse(text, output.empty() ? "proposal" : output));
  if (output.empty())
    fmt::print("{}", text);
  else
    write_text(output, text);
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
  std::string output;
  CLI::App* new_line = line.add_subcommand("new", "Propose a recipe for a model that takes pictures");
  new_line->add_option("MODEL", name, "An ONNX file, or the text form of a graph (.txt)")->required();
  new_line->add_option("--output", output,
                       "Write it to this file, in the model's folder or above; else print it");
  line.add_subcommand("schema", "Every task with every key that a recipe of it may hold");
  if (!line.read(arguments)) return 0;
  if (list_line->parsed())
    list();
  else if (show_line->parsed())
    show(name);
  else if (new_line->parsed())
    propose(name, output);
  else
    schema();
  return 0;
}

}  // namespace atlas::cli
