// Recipes by name, the files that they name, and the models in them, open.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "atlas/formats/model_file.h"
#include "atlas/pipeline/model.h"
#include "atlas/run/compiled_model.h"

namespace atlas {

/// The file of the recipe NAME: zoo/recipes/NAME.yaml of the data folder, or NAME itself where it ends in
/// .yaml. Nothing where NAME is no recipe (but, say, a model).
std::optional<std::filesystem::path> find_recipe(const std::string& name);

/// The recipes that Atlas brings along, by name.
std::vector<std::filesystem::path> recipes_of_the_zoo();

/// What a task opens its models and tables with. Sessions live as long as this does.
class RecipeFiles {
 public:
  /// `folder` is the recipe's own.
  RecipeFiles(std::filesystem::path folder, SessionOptions options);

  /// MANIFEST/PATH is a fetched file of the zoo where zoo/manifests/MANIFEST.yaml exists; all else, and what
  /// begins with "./", is a path inside the recipe's folder. Throws InvalidArgument on an absolute path, on
  /// ".." and where a symbolic link leads out of that folder; NotFound, for the zoo saying how to fetch it.
  std::filesystem::path find(const std::string& reference) const;

  /// The model in such a file, or one made in code, ready to run.
  const Session& open(const std::string& reference);
  /// The model in such a file, as it is.
  Graph load(const std::filesystem::path& path) const { return load_model(path, options_.limits); }
  const Session& open(Graph graph);

  /// Nodes of all models that run by their reference for want of a kernel.
  std::vector<std::string> fallbacks() const;
  /// Of models whose compiled file did not serve as it is, why not.
  const std::vector<std::string>& notices() const { return notices_; }

 private:
  std::filesystem::path folder_;
  SessionOptions options_;
  Registry registry_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::string> notices_;
};

}  // namespace atlas
