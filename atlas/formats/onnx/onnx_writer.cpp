// ModelProto: versions, metadata, functions, and where constants go.
#include "atlas/formats/onnx/onnx_writer.h"

#include <charconv>
#include <optional>
#include <protozero/pbf_writer.hpp>

#include "atlas/base/atomic_file.h"
#include "atlas/base/error.h"
#include "atlas/formats/onnx/convert.h"
#include "atlas/formats/onnx/graph_writer.h"
#include "atlas/formats/onnx/op_history.h"
#include "atlas/formats/onnx/tensor_writer.h"

namespace atlas {
namespace {

using onnx::Opsets;
using protozero::pbf_writer;

constexpr std::size_t kLargestMessage = std::size_t{1} << 31;
constexpr std::size_t kLargestInside = std::size_t{3} << 29;
constexpr std::size_t kSmallestExternal = 4096;
constexpr std::int64_t kOldestOpset = 7;

// The IR version that came with each opset of ai.onnx.
std::int64_t ir_version_of(std::int64_t opset) {
  if (opset <= 9) return 4;  // 3 was enough, but initialisers had to be inputs
  if (opset == 10) return 5;
  if (opset == 11) return 6;
  if (opset <= 14) return 7;
  if (opset <= 18) return 8;
  if (opset <= 20) return 9;
  if (opset <= 22) return 10;
  if (opset == 23) return 11;
  return opset == 24 ? 12 : 13;
}

template <typename Visit>
void visit_nodes(const Graph& graph, const Visit& visit) {
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    const Node& node = graph.node(NodeId{static_cast<std::int32_t>(i)});
    if (!node.op.empty()) visit(node);
    for_each_subgraph(node, [&](const Graph& nested) { visit_nodes(nested, visit); });
  }
}

template <typename Visit>
void visit_constants(const Graph& graph, const Visit& visit) {
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const Tensor& constant = graph.value(ValueId{static_cast<std::int32_t>(i)}).constant;
    if (constant.is_defined()) visit(constant);
  }
  for (std::size_t i = 0; i < graph.node_count(); ++i)
    for_each_subgraph(graph.node(NodeId{static_cast<std::int32_t>(i)}),
                      [&](const Graph& nested) { visit_constants(nested, visit); });
}

// A version for each domain in use: the newest, but older than the one that forbids an operator in use.
Opsets opsets_for(const Graph& graph, std::int64_t wanted) {
  Opsets out;
  out[""] = wanted;
  const auto use = [&](const Node& node) {
    const auto newest = onnx::newest_opsets().find(node.domain);
    std::int64_t version = newest == onnx::newest_opsets().end() ? 1 : newest->second;
    if (node.domain.empty()) version = wanted;
    const onnx::OpHistory* history = onnx::find_history(node.domain, node.op);
    if (history != nullptr && history->versions.back().is_deprecated)
      version = std::min<std::int64_t>(version, history->versions.back().version - 1);
    const auto [at, fresh] = out.emplace(node.domain, version);
    if (!fresh) at->second = std::min(at->second, version);
  };
  visit_nodes(graph, use);
  for (const Function& function : graph.functions) {
    out.emplace(function.domain, 1);
    visit_nodes(function.body, use);
  }
  return out;
}

std::int64_t wanted_opset(const OnnxWriteOptions& options) {
  const std::int64_t newest = onnx::newest_opsets().find("")->second;
  if (options.opset == 0) return newest;
  if (options.opset < kOldestOpset || options.opset > newest)
    fail(ErrorCode::Unsupported, "opset {}: expected one from {} to {}", options.opset, kOldestOpset, newest);
  return options.opset;
}

bool is_newest(const Opsets& opsets) {
  for (const auto& [domain, version] : opsets) {
    const auto newest = onnx::newest_opsets().find(domain);
    if (newest != onnx::newest_opsets().end() && newest->second != version) return false;
  }
  return true;
}

void write_entry(pbf_writer& writer, protozero::pbf_tag_type field, const std::string& key,
                 const std::string& value) {
  pbf_writer entry(writer, field);
  entry.add_string(1, key);
  entry.add_string(2, value);
}

// Metadata that stands in fields of its own comes first, in their order.
void write_metadata(pbf_writer& writer, const Graph& graph) {
  const auto field = [&](protozero::pbf_tag_type number, const char* key) {
    const auto found = graph.metadata.find(key);
    if (found != graph.metadata.end()) writer.add_string(number, found->second);
  };
  field(2, "onnx.producer_name");
  field(3, "onnx.producer_version");
  field(4, "onnx.domain");
  if (const auto found = graph.metadata.find("onnx.model_version"); found != graph.metadata.end()) {
    const std::string& text = found->second;
    std::int64_t version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    require(error == std::errc() && end == text.data() + text.size(),
            "metadata 'onnx.model_version': expected an integer, got '{}'", text);
    writer.add_int64(5, version);
  }
  field(6, "onnx.doc_string");
  for (const auto& [key, value] : graph.metadata) {
    const bool has_field = key == "onnx.producer_name" || key == "onnx.producer_version" ||
                           key == "onnx.domain" || key == "onnx.model_version" || key == "onnx.doc_string";
    if (!has_field) write_entry(writer, 14, key, value);
  }
}

std::string model_bytes(const Graph& graph, const Opsets& opsets,
                        const onnx::ConstantWriter& write_constant) {
  std::string out;
  pbf_writer writer(out);
  std::int64_t ir_version = ir_version_of(opsets.find("")->second);
  for (const Function& function : graph.functions)
    ir_version = std::max<std::int64_t>(ir_version, function.overload.empty() ? 8 : 10);
  writer.add_int64(1, ir_version);
  write_metadata(writer, graph);
  {
    pbf_writer message(writer, 7);
    onnx::write_graph(message, graph, write_constant);
  }
  for (const auto& [domain, version] : opsets) {
    pbf_writer message(writer, 8);
    message.add_string(1, domain);
    message.add_int64(2, version);
  }
  for (const Function& function : graph.functions) {
    pbf_writer message(writer, 25);
    onnx::write_function(message, function, opsets);
  }
  if (out.size() >= kLargestMessage)
    fail(ErrorCode::ResourceExhausted, "the model takes {} bytes, more than the 2 GiB that ONNX allows",
         out.size());
  return out;
}

// Calls `use(graph, opsets)` with the graph in the versions that the options ask for.
template <typename Use>
void with_opset(const Graph& graph, const OnnxWriteOptions& options, const Use& use) {
  const Opsets opsets = opsets_for(graph, wanted_opset(options));
  if (is_newest(opsets)) return use(graph, opsets);
  Graph older = graph;
  onnx::downgrade(older, opsets);
  for (Function& function : older.functions) onnx::downgrade(function.body, opsets);
  older.compact();
  use(older, opsets);
}

void append_padding(AtomicFile& file) {
  const std::string zeros((kSmallestExternal - file.size_bytes() % kSmallestExternal) % kSmallestExternal,
                          '\0');
  file.append(zeros);
}

}  // namespace

std::string write_onnx(const Graph& graph, const OnnxWriteOptions& options) {
  ensure(!options.external_data, "external data needs a path");
  std::string out;
  with_opset(graph, options, [&](const Graph& written, const Opsets& opsets) {
    out = model_bytes(written, opsets, onnx::write_tensor);
  });
  return out;
}

void write_onnx(const Graph& graph, const std::filesystem::path& path, const OnnxWriteOptions& options) {
  std::size_t constant_bytes = 0;
  visit_constants(graph, [&](const Tensor& constant) { constant_bytes += constant.size_bytes(); });
  std::optional<AtomicFile> data;
  const std::string location = path.filename().string() + ".data";
  if (options.external_data || constant_bytes > kLargestInside) data.emplace(path.parent_path() / location);
  const onnx::ConstantWriter write_constant = [&](pbf_writer& writer, const Tensor& tensor,
                                                  std::string_view name) {
    if (!data || tensor.dtype() == DType::String || tensor.size_bytes() < kSmallestExternal)
      return onnx::write_tensor(writer, tensor, name);
    append_padding(*data);
    onnx::write_tensor_head(writer, tensor, name);
    write_entry(writer, 13, "location", location);
    write_entry(writer, 13, "offset", std::to_string(data->size_bytes()));
    write_entry(writer, 13, "length", std::to_string(tensor.size_bytes()));
    writer.add_enum(14, 1);
    data->append({static_cast<const std::byte*>(tensor.raw()), tensor.size_bytes()});
  };
  within([&] { return path.string(); },
         [&] {
           with_opset(graph, options, [&](const Graph& written, const Opsets& opsets) {
             AtomicFile model(path);
             model.append(model_bytes(written, opsets, write_constant));
             if (data) data->commit();
             model.commit();
           });
         });
}

}  // namespace atlas
