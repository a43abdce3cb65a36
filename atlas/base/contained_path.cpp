// Lexical checks first, then the place that symbolic links lead to.
#include "atlas/base/contained_path.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {

std::filesystem::path contained_path(const std::filesystem::path& folder, std::string_view relative) {
  const std::filesystem::path wanted(relative);
  const bool lexical = !relative.empty() && relative.find('\0') == std::string_view::npos &&
                       wanted.is_relative() && std::ranges::find(wanted, "..") == wanted.end();
  require(lexical, "path '{}': expected a path inside the folder of the model", relative);
  std::error_code error;
  const std::filesystem::path root = std::filesystem::canonical(folder.empty() ? "." : folder, error);
  if (error) fail(ErrorCode::NotFound, "{}: {}", folder.string(), error.message());
  const std::filesystem::path target = std::filesystem::canonical(root / wanted, error);
  if (error) fail(ErrorCode::NotFound, "{}: {}", (folder / wanted).string(), error.message());
  const auto [root_end, rest] = std::mismatch(root.begin(), root.end(), target.begin(), target.end());
  require(root_end == root.end() && rest != target.end(), "path '{}': leads out of the folder of the model",
          relative);
  return target;
}

}  // namespace atlas
