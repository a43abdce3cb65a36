// A newline ends a line; the last may lack it.
#include "atlas/pipeline/post/label_file.h"

#include "atlas/base/error.h"
#include "atlas/base/file.h"

namespace atlas {

std::vector<std::string> read_labels(const std::filesystem::path& path) {
  constexpr std::size_t kMostLabels = 1'000'000;
  const std::string lines = read_text(path);
  std::vector<std::string> out;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    if (out.size() == kMostLabels)
      fail(ErrorCode::ResourceExhausted, "{}: expected at most {} labels", path.string(), kMostLabels);
    out.push_back(lines.substr(at, end - at));
    if (out.back().ends_with('\r')) out.back().pop_back();
    at = end + 1;
  }
  require(!out.empty(), "{}: expected one label a line, got an empty file", path.string());
  return out;
}

}  // namespace atlas
