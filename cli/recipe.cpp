// A recipe's name is one word, so that no model's path is taken for one.
#include "cli/recipe.h"

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/zoo/cache.h"
#include "atlas/zoo/data_folder.h"

namespace atlas::cli {

namespace fs = std::filesystem;

std::optional<fs::path> find_recipe(const std::string& name) {
  if (name.ends_with(".yaml")) return name;
  if (name.empty() || name.find_first_of("./") != name.npos || name.starts_with("-")) return std::nullopt;
  const fs::path file = data_folder() / "zoo" / "recipes" / (name + ".yaml");
  if (fs::exists(file)) return file;
  return std::nullopt;
}

fs::path zoo_file(const std::string& reference) {
  const std::size_t slash = reference.find('/');
  require(slash != reference.npos, "recipe: expected a file as MANIFEST/PATH, got '{}'", reference);
  return ZooCache().find(reference.substr(0, slash), reference.substr(slash + 1));
}

}  // namespace atlas::cli
