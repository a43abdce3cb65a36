// Opens the recipe once and runs it on each input; one that fails is told and does not end the others.
#include "cli/run_recipe.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/media/image.h"
#include "atlas/pipeline/recipe/recipe.h"
#include "cli/command_line.h"
#include "cli/error_line.h"
#include "cli/limit_options.h"
#include "cli/progress.h"
#include "cli/recipe_inputs.h"
#include "cli/session_options.h"

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;

void write_marked(const fs::path& path, const Tensor& image, const RecipeResult& result) {
  Tensor picture = image.clone();
  draw_marks(picture, result.marks, Fonts::standard());
  write_image(path, picture);
}

Json to_json(const std::vector<Stage>& stages) {
  Json out = Json::object();
  for (const Stage& stage : stages) out.set(stage.name, stage.duration_ms);
  return out;
}

/// Adds times to those of the same name.
void add(std::vector<Stage>& sums, const std::vector<Stage>& stages) {
  for (const Stage& stage : stages) {
    const auto found = std::ranges::find(sums, stage.name, &Stage::name);
    if (found == sums.end())
      sums.push_back(stage);
    else
      found->duration_ms += stage.duration_ms;
  }
}

/// `name` leads where there are several inputs.
void print(const RecipeResult& result, const std::string& name) {
  if (!name.empty()) fmt::print("{}:\n", name);
  for (const std::string& line : result.lines) fmt::print("{}{}\n", name.empty() ? "" : "  ", line);
}

Json to_json(const std::string& input, const RecipeResult& result) {
  Json::Members members{{"input", input}};
  members.insert(members.end(), result.answer.begin(), result.answer.end());
  members.emplace_back("stages_ms", to_json(result.stages));
  return Json::object(std::move(members));
}

/// Reads, runs and, where `picture` names a file, draws.
RecipeResult run_one(const Recipe& recipe, const fs::path& file, const fs::path& picture) {
  Stopwatch watch;
  const RecipeInput input = recipe.read_input(file);
  const double decode_ms = watch.milliseconds();
  RecipeResult result = recipe.run(input);
  result.stages.insert(result.stages.begin(), {"decode", decode_ms});
  if (picture.empty()) return result;
  watch = Stopwatch();
  write_marked(picture, input.image, result);
  result.stages.push_back({"draw", watch.milliseconds()});
  return result;
}

}  // namespace

int run_recipe(const fs::path& file, Arguments arguments) {
  std::vector<std::string> names;
  std::string marked;
  std::string json;
  SessionOptions options;
  LimitOptions limits;
  CommandLine line("run " + file.stem().string(), "Run a recipe on files, or on the files of a folder.");
  line.add_option("INPUT", names, "Files and folders")->required();
  line.add_option("--annotate", marked,
                  "Write the picture with what was found drawn on it: .png or .jpg; a folder for several");
  line.add_option("--json", json, "Write what was found and the time of each stage to this file");
  add_session_options(line, options);
  limits.add_to(line);
  if (!line.read(arguments)) return 0;
  options.limits = limits.limits();

  const Recipe recipe(file, options);
  require(marked.empty() || recipe.input_kind() == InputKind::Image,
          "--annotate: recipe '{}' takes no pictures but {}", recipe.name(), name(recipe.input_kind()));
  const std::vector<fs::path> inputs = recipe_inputs(names, recipe.input_kind());
  const bool is_only = inputs.size() == 1 && inputs[0] == names[0];
  const std::vector<fs::path> pictures = picture_names(inputs);
  if (!marked.empty() && !is_only) fs::create_directories(marked);

  std::vector<Stage> sums{{"load", recipe.load_ms()}};
  Json entries = Json::array();
  std::size_t failed = 0;
  Progress progress(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string shown = inputs[i].string();
    progress.show(i, shown);
    const fs::path picture = marked.empty() || is_only ? fs::path(marked) : fs::path(marked) / pictures[i];
    try {
      const RecipeResult result = run_one(recipe, inputs[i], picture);
      progress.hide();
      print(result, is_only ? "" : shown);
      entries.add(to_json(shown, result));
      add(sums, result.stages);
    } catch (const Error& error) {
      if (is_only) throw;
      ++failed;
      progress.hide();
      print_error(error.what());
      entries.add(Json::object({{"input", shown}, {"error", error.what()}}));
    }
  }

  if (is_only) fmt::print("\n");
  for (const Stage& stage : sums) fmt::print("{:<10} {:9.1f} ms\n", stage.name, stage.duration_ms);
  for (const std::string& notice : recipe.notices()) print_notice(notice);
  const std::vector<std::string> fallbacks = recipe.fallbacks();
  if (!fallbacks.empty())
    fmt::print("{} nodes had no kernel and ran by their reference (--json names them)\n", fallbacks.size());
  if (failed > 0) fmt::print("{} of {} inputs failed\n", failed, inputs.size());
  if (!json.empty())
    write_text(json, Json::object({{"recipe", recipe.name()},
                                   {"inputs", std::move(entries)},
                                   {"load_ms", recipe.load_ms()},
                                   {"fallbacks", Json::array_of(fallbacks)}})
                         .text());
  return failed > 0 ? 1 : 0;
}

}  // namespace atlas::cli
