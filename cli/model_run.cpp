// Which reader a file needs.
#include "cli/model_run.h"

#include <sys/resource.h>

#include "atlas/base/file.h"
#include "atlas/formats/onnx/onnx_reader.h"
#include "atlas/graph/text_parser.h"

namespace atlas::cli {

Graph load_model(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".txt" || ending == ".atlas") return parse_graph(read_text(path), path.string());
  return read_onnx(path);
}

std::uint64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace atlas::cli
