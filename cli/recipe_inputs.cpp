// Folders are walked in the order of names, so that a run can be compared with another.
#include "cli/recipe_inputs.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "atlas/base/error.h"
#include "atlas/base/letter_case.h"

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 16> kPictureEndings = {
    ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".jp2",
    ".j2k", ".jpx",  ".bmp", ".dib", ".pbm",  ".pgm", ".ppm",  ".pnm"};

constexpr std::array<std::string_view, 5> kSoundEndings = {".wav", ".flac", ".ogg", ".oga", ".opus"};

bool fits(const fs::path& file, InputKind kind) {
  const std::string ending = to_lower(file.extension().string());
  const auto is_among = [&](std::span<const std::string_view> endings) {
    return std::ranges::find(endings, ending) != endings.end();
  };
  switch (kind) {
    case InputKind::Image:
      return is_among(kPictureEndings);
    case InputKind::Sound:
      return is_among(kSoundEndings);
    case InputKind::Text:
    case InputKind::Bytes:
      return true;
  }
  return false;
}

std::vector<fs::path> files_in(const fs::path& folder, InputKind kind) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->symlink_status(ignored).type() == fs::file_type::regular && fits(it->path(), kind))
      out.push_back(it->path());
  }
  if (error) fail(ErrorCode::Io, "{}: {}", folder.string(), error.message());
  require(!out.empty(), "{}: expected files of kind '{}' in this folder, got none", folder.string(),
          name(kind));
  std::ranges::sort(out);
  return out;
}

}  // namespace

std::vector<fs::path> recipe_inputs(const std::vector<std::string>& names, InputKind kind) {
  std::vector<fs::path> out;
  for (const std::string& name : names) {
    std::error_code ignored;
    if (!fs::is_directory(name, ignored)) {
      out.emplace_back(name);
      continue;
    }
    const std::vector<fs::path> found = files_in(name, kind);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

std::vector<fs::path> picture_names(const std::vector<fs::path>& inputs) {
  std::vector<fs::path> out;
  std::set<std::string> taken;
  for (const fs::path& input : inputs) {
    std::string stem = input.stem().string();
    while (!taken.insert(stem).second) stem += "_";
    out.emplace_back(stem + ".png");
  }
  return out;
}

}  // namespace atlas::cli
