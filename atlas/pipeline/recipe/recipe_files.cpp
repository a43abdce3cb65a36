// A recipe's name is one word, so that no model's path is taken for one.
#include "atlas/pipeline/recipe/recipe_files.h"

#include <algorithm>

#include "atlas/base/contained_path.h"
#include "atlas/base/error.h"
#include "atlas/zoo/cache.h"
#include "atlas/zoo/data_folder.h"

namespace atlas {

namespace fs = std::filesystem;

std::optional<fs::path> find_recipe(const std::string& name) {
  if (name.ends_with(".yaml")) return name;
  if (name.empty() || name.find_first_of("./") != name.npos || name.starts_with("-")) return std::nullopt;
  const fs::path file = data_folder() / "zoo" / "recipes" / (name + ".yaml");
  if (fs::exists(file)) return file;
  return std::nullopt;
}

std::vector<fs::path> recipes_of_the_zoo() {
  std::vector<fs::path> out;
  const fs::path folder = data_folder() / "zoo" / "recipes";
  if (!fs::is_directory(folder)) return out;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

RecipeFiles::RecipeFiles(fs::path folder, SessionOptions options)
    : folder_(std::move(folder)), options_(std::move(options)), registry_(standard_registry()) {}

fs::path RecipeFiles::find(const std::string& reference) const {
  const std::size_t slash = reference.find('/');
  const std::string first = reference.substr(0, slash);
  const bool is_word = !first.empty() && first.find('.') == first.npos;
  if (slash != reference.npos && is_word &&
      fs::exists(data_folder() / "zoo" / "manifests" / (first + ".yaml")))
    return ZooCache().find(first, reference.substr(slash + 1));
  return within([] { return "recipe"; }, [&] { return contained_path(folder_, reference); });
}

const Session& RecipeFiles::open(const std::string& reference) {
  const fs::path path = find(reference);
  OpenedSession opened = open_session(path, registry_, options_);
  if (!opened.notice.empty()) notices_.push_back(std::move(opened.notice));
  return *sessions_.emplace_back(std::make_unique<Session>(std::move(opened.session)));
}

const Session& RecipeFiles::open(Graph graph) {
  return *sessions_.emplace_back(std::make_unique<Session>(std::move(graph), registry_, options_));
}

std::vector<std::string> RecipeFiles::fallbacks() const {
  std::vector<std::string> out;
  for (const auto& session : sessions_)
    out.insert(out.end(), session->fallbacks().begin(), session->fallbacks().end());
  return out;
}

}  // namespace atlas
