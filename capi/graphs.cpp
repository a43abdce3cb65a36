// Graphs of the C interface: read, written, built.
#include <cstdlib>
#include <cstring>

#include "atlas/formats/model_file.h"
#include "atlas/formats/onnx/onnx_reader.h"
#include "atlas/graph/builder.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"
#include "atlas/graph/verify.h"
#include "capi/boundary.h"

namespace {

using atlas::Graph;
using atlas::require;
using atlas::ValueId;
using atlas::capi::given;
using atlas::capi::guarded;

AtlasValueId number(ValueId id) {
  return static_cast<AtlasValueId>(id);
}

ValueId value_of(const Graph& graph, AtlasValueId number) {
  require(number >= 0 && static_cast<size_t>(number) < graph.value_count(),
          "graph '{}': there is no value {}", graph.name, number);
  return ValueId{number};
}

std::string free_name(const Graph& graph, const char* name) {
  std::string out = &given(name, "name");
  require(!out.empty(), "graph '{}': expected a name, got \"\"", graph.name);
  require(graph.find(out) == ValueId::None, "graph '{}': there is a '{}' already", graph.name, out);
  return out;
}

}  // namespace

AtlasStatus atlas_graph_load(const char* path, AtlasGraph** graph, AtlasError** error) {
  return guarded(error, [&] {
    AtlasGraph*& out = given(graph, "graph");
    out = new AtlasGraph{atlas::load_model(&given(path, "path"))};
  });
}

AtlasStatus atlas_graph_from_onnx(const void* bytes, size_t size_bytes, AtlasGraph** graph,
                                  AtlasError** error) {
  return guarded(error, [&] {
    AtlasGraph*& out = given(graph, "graph");
    require(bytes != nullptr || size_bytes == 0, "bytes: expected a pointer, got NULL");
    const auto copy = atlas::Buffer::allocate(size_bytes);
    if (size_bytes > 0) std::memcpy(copy->data(), bytes, size_bytes);
    out = new AtlasGraph{atlas::read_onnx(copy)};
  });
}

AtlasStatus atlas_graph_parse(const char* text, AtlasGraph** graph, AtlasError** error) {
  return guarded(error, [&] {
    AtlasGraph*& out = given(graph, "graph");
    out = new AtlasGraph{atlas::parse_graph(&given(text, "text"))};
  });
}

AtlasStatus atlas_graph_save(const AtlasGraph* graph, const char* path, int64_t opset, AtlasError** error) {
  return guarded(error, [&] {
    atlas::OnnxWriteOptions options;
    options.opset = opset;
    atlas::save_model(given(graph, "graph").graph, &given(path, "path"), options);
  });
}

AtlasStatus atlas_graph_text(const AtlasGraph* graph, char** text, AtlasError** error) {
  return guarded(error, [&] {
    char*& out = given(text, "text");
    char* copy = strdup(atlas::write_graph(given(graph, "graph").graph).c_str());
    if (copy == nullptr) throw std::bad_alloc();
    out = copy;
  });
}

AtlasStatus atlas_graph_verify(const AtlasGraph* graph, AtlasError** error) {
  return guarded(error, [&] { atlas::verify(given(graph, "graph").graph); });
}

void atlas_graph_free(AtlasGraph* graph) {
  delete graph;
}

AtlasStatus atlas_graph_new(const char* name, AtlasGraph** graph, AtlasError** error) {
  return guarded(error, [&] {
    AtlasGraph*& out = given(graph, "graph");
    auto made = std::make_unique<AtlasGraph>();
    made->graph.name = &given(name, "name");
    out = made.release();
  });
}

AtlasStatus atlas_graph_input(AtlasGraph* graph, const char* name, const char* type, AtlasValueId* value,
                              AtlasError** error) {
  return guarded(error, [&] {
    Graph& into = given(graph, "graph").graph;
    AtlasValueId& out = given(value, "value");
    atlas::Type parsed = atlas::parse_type(&given(type, "type"));
    out = number(into.add_input(free_name(into, name), std::move(parsed)));
  });
}

AtlasStatus atlas_graph_constant(AtlasGraph* graph, const AtlasDatum* tensor, AtlasValueId* value,
                                 AtlasError** error) {
  return guarded(error, [&] {
    Graph& into = given(graph, "graph").graph;
    AtlasValueId& out = given(value, "value");
    out = number(atlas::GraphBuilder(into).constant(given(tensor, "tensor").datum.tensor()));
  });
}

AtlasStatus atlas_graph_node(AtlasGraph* graph, const char* op, const AtlasValueId* inputs,
                             size_t input_count, const char* attributes, AtlasValueId* outputs,
                             size_t output_count, AtlasError** error) {
  return guarded(error, [&] {
    Graph& into = given(graph, "graph").graph;
    constexpr size_t kMostOutputs = 1 << 16;
    require(output_count <= kMostOutputs, "atlas_graph_node: expected at most {} outputs, got {}",
            kMostOutputs, output_count);
    require(*(&given(op, "op")) != 0, "atlas_graph_node: expected an operator, got \"\"");
    if (input_count > 0) given(inputs, "inputs");
    if (output_count > 0) given(outputs, "outputs");
    std::vector<ValueId> from;
    for (size_t i = 0; i < input_count; ++i)
      from.push_back(inputs[i] == ATLAS_NO_VALUE ? ValueId::None : value_of(into, inputs[i]));
    auto parsed = attributes == nullptr ? atlas::Attributes() : atlas::parse_attributes(attributes, into);
    const auto made = atlas::GraphBuilder(into).ops(op, std::move(from), output_count, std::move(parsed));
    for (size_t i = 0; i < output_count; ++i) outputs[i] = number(made[i]);
  });
}

AtlasStatus atlas_graph_output(AtlasGraph* graph, AtlasValueId value, const char* name, AtlasError** error) {
  return guarded(error, [&] {
    Graph& into = given(graph, "graph").graph;
    const ValueId id = value_of(into, value);
    if (name != nullptr && into.value(id).name != name) into.rename(id, free_name(into, name));
    into.outputs.push_back(id);
  });
}

AtlasStatus atlas_graph_find(const AtlasGraph* graph, const char* name, AtlasValueId* value,
                             AtlasError** error) {
  return guarded(error, [&] {
    const Graph& in = given(graph, "graph").graph;
    AtlasValueId& out = given(value, "value");
    const ValueId id = in.find(&given(name, "name"));
    if (id == ValueId::None)
      atlas::fail(atlas::ErrorCode::NotFound, "graph '{}': there is no value '{}'", in.name, name);
    out = number(id);
  });
}
