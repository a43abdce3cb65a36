// Line by line, whichever way lines end.
#include "atlas/pipeline/ocr/dictionary.h"

#include "atlas/base/error.h"
#include "atlas/base/file.h"

namespace atlas {

std::vector<std::string> read_dictionary(const std::filesystem::path& path) {
  const std::string lines = read_text(path);
  std::vector<std::string> labels{""};
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    labels.push_back(lines.substr(at, end - at));
    if (labels.back().ends_with('\r')) labels.back().pop_back();
    at = end + 1;
  }
  require(labels.size() > 1, "{}: expected one label a line, got an empty file", path.string());
  labels.push_back(" ");
  return labels;
}

}  // namespace atlas
