// Looks from the program or library upwards, so that a build folder, an installation and a Python package all
// work.
#include "atlas/zoo/data_folder.h"

#include <cstdlib>

#include "atlas/base/error.h"
#include "atlas/base/process.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;

bool holds_data(const fs::path& folder) {
  return fs::is_directory(folder / "zoo" / "manifests");
}

}  // namespace

fs::path data_folder() {
  if (const char* chosen = std::getenv("ATLAS_DATA")) {
    if (!holds_data(chosen))
      fail(ErrorCode::NotFound, "ATLAS_DATA={}: expected a folder with zoo/manifests", chosen);
    return chosen;
  }
  const fs::path binary = this_binary();
  for (fs::path folder = binary.parent_path();; folder = folder.parent_path()) {
    for (const fs::path& candidate : {folder, folder / "share" / "atlas"})
      if (holds_data(candidate)) return candidate;
    if (folder == folder.root_path()) break;
  }
  fail(ErrorCode::NotFound, "no zoo/manifests in any folder above {} (set ATLAS_DATA)", binary.string());
}

}  // namespace atlas
