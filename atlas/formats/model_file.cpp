// The ending of the name decides, but for compiled files, which begin with bytes that no other has.
#include "atlas/formats/model_file.h"

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/formats/compiled_file.h"
#include "atlas/formats/onnx/onnx_reader.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"

namespace atlas {

bool is_text_form(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".txt" || ending == ".atlas";
}

Graph load_model(const std::filesystem::path& path, const Limits& limits) {
  if (is_compiled(path)) return CompiledFile(path).model(limits);
  if (is_text_form(path)) return parse_graph(read_text(path), path.string(), limits);
  return read_onnx(path, limits);
}

void save_model(const Graph& graph, const std::filesystem::path& path, const OnnxWriteOptions& options) {
  const bool to_text = is_text_form(path);
  require(to_text || path.extension() == ".onnx", "{}: expected a name that ends in .onnx, .txt or .atlas",
          path.string());
  require(!to_text || (options.opset == 0 && !options.external_data),
          "{}: opset and external data are for ONNX files (the text form has the newest operators)",
          path.string());
  if (to_text)
    write_text(path, write_graph(graph));
  else
    write_onnx(graph, path, options);
}

}  // namespace atlas
