// ModelProto: head, graph, functions; then conversion and the structural check.
#include "atlas/formats/onnx/onnx_reader.h"

#include <vector>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/convert.h"
#include "atlas/formats/onnx/graph_reader.h"
#include "atlas/formats/onnx/wire.h"
#include "atlas/graph/verify.h"

namespace atlas {
namespace {

using onnx::Message;

struct ModelFields {
  OnnxHeader header;
  std::optional<std::string_view> graph;
  std::vector<std::string_view> functions;
};

ModelFields read_model_fields(std::string_view proto) {
  ModelFields out;
  std::map<std::string, std::string>& metadata = out.header.metadata;
  const auto keep = [&](const char* key, std::string value) {
    if (!value.empty()) metadata[key] = std::move(value);
  };
  for (Message message(proto); message.next();) {
    switch (message.field()) {
      case 1:
        out.header.ir_version = message.integer();
        break;
      case 2:
        keep("onnx.producer_name", message.text());
        break;
      case 3:
        keep("onnx.producer_version", message.text());
        break;
      case 4:
        keep("onnx.domain", message.text());
        break;
      case 5:
        if (const std::int64_t version = message.integer(); version != 0)
          keep("onnx.model_version", std::to_string(version));
        break;
      case 6:
        keep("onnx.doc_string", message.text());
        break;
      case 7:
        out.graph = message.bytes();
        break;
      case 8:
        onnx::read_opset(message.bytes(), out.header.opsets);
        break;
      case 14:
        metadata.insert(onnx::read_entry(message.bytes()));
        break;
      case 25:
        out.functions.push_back(message.bytes());
        break;
      default:
        message.skip();
    }
  }
  // Before IR version 3 there were no imports: everything is of version 1.
  if (out.header.opsets.empty() && out.header.ir_version < 3) out.header.opsets[""] = 1;
  return out;
}

Graph read_model(onnx::Source& source) {
  const ModelFields fields = read_model_fields(source.bytes());
  require(fields.graph.has_value(), "expected an ONNX model, got {} bytes without a graph",
          source.bytes().size());
  require(fields.header.ir_version >= 1, "expected an IR version of 1 or more, got {}",
          fields.header.ir_version);
  Graph out = onnx::read_graph(*fields.graph, source, fields.header.ir_version < 4);
  out.metadata = fields.header.metadata;
  onnx::upgrade(out, fields.header.opsets);
  for (const std::string_view proto : fields.functions) {
    onnx::Opsets opsets;
    out.functions.push_back(onnx::read_function(proto, source, opsets));
    Function& function = out.functions.back();
    within([&] { return "function " + function.domain + "::" + function.name; },
           [&] { onnx::upgrade(function.body, opsets.empty() ? fields.header.opsets : opsets); });
  }
  verify(out);
  return out;
}

}  // namespace

Graph read_onnx(const std::filesystem::path& path, const Limits& limits) {
  const MemoryScope scope(limits.memory);
  onnx::Source source = onnx::Source::of_file(path, limits);
  return within([&] { return path.string(); }, [&] { return read_model(source); });
}

Graph read_onnx(std::shared_ptr<Buffer> bytes, const OnnxReadOptions& options) {
  const MemoryScope scope(options.limits.memory);
  onnx::Source source = onnx::Source::of_memory(std::move(bytes), options.folder, options.limits);
  return within([&] { return options.name; }, [&] { return read_model(source); });
}

OnnxHeader read_onnx_header(const std::filesystem::path& path) {
  const onnx::Source source = onnx::Source::of_file(path);
  return within([&] { return path.string(); }, [&] { return read_model_fields(source.bytes()).header; });
}

}  // namespace atlas
