// Which reader a file needs, told by its name.
#include "atlas/formats/model_file.h"

#include "atlas/base/file.h"
#include "atlas/formats/onnx/onnx_reader.h"
#include "atlas/graph/text_parser.h"

namespace atlas {

bool is_text_form(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".txt" || ending == ".atlas";
}

Graph load_model(const std::filesystem::path& path) {
  if (is_text_form(path)) return parse_graph(read_text(path), path.string());
  return read_onnx(path);
}

}  // namespace atlas
