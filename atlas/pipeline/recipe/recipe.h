// A recipe: a task, its models and what happens before and after them, as a YAML file says.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "atlas/pipeline/recipe/task.h"

namespace atlas {

/// Any number of threads may run one Recipe at once.
class Recipe {
 public:
  /// Reads the recipe strictly and opens its models. Throws InvalidArgument "file:line: path: expected X, got
  /// Y", NotFound where a model is not there.
  explicit Recipe(const std::filesystem::path& file, const SessionOptions& options = {});

  const std::string& name() const { return name_; }  // of the file, without .yaml
  InputKind input_kind() const { return entry_.input; }
  double load_ms() const { return load_ms_; }
  /// Nodes of its models that run by their reference for want of a kernel.
  std::vector<std::string> fallbacks() const { return files_->fallbacks(); }
  const std::vector<std::string>& notices() const { return files_->notices(); }

  RecipeInput read_input(const std::filesystem::path& path) const {
    return read_recipe_input(entry_.input, path);
  }
  RecipeResult run(const RecipeInput& input) const { return task_->run(input); }

 private:
  std::string name_;
  TaskEntry entry_;
  std::unique_ptr<RecipeFiles> files_;
  std::unique_ptr<Task> task_;
  double load_ms_ = 0;
};

/// What a recipe says about itself, without its models.
struct RecipeSummary {
  std::string about;
  TaskEntry task;
};

/// Reads the whole recipe strictly. Throws as Recipe does, but for models that are not there.
RecipeSummary check_recipe(const Yaml& yaml);

}  // namespace atlas
