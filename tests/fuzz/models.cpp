// Model files: ONNX, Atlas' text form, and a model that is loaded and run.
#include <chrono>
#include <cstring>
#include <string>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/onnx_reader.h"
#include "atlas/formats/onnx/onnx_writer.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"
#include "atlas/graph/verify.h"
#include "atlas/ops/infer.h"
#include "atlas/run/session.h"
#include "atlas/tensor/elements.h"
#include "tests/fuzz/targets.h"

namespace atlas::fuzz {
namespace {

std::shared_ptr<Buffer> buffer_of(Bytes bytes) {
  std::shared_ptr<Buffer> out = Buffer::allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(out->data(), bytes.data(), bytes.size());
  return out;
}

const Registry& registry() {
  static const Registry registry = standard_registry();
  return registry;
}

// Small numbers that are not all alike; a size that the model leaves open is 2.
Datum some_input(const Value& input) {
  if (input.constant.is_defined() || !input.type.is_tensor() || !input.type.dims) return {};
  if (input.type.dtype == DType::Undefined) return {};
  constexpr std::int64_t kMost = 1 << 16;
  Shape shape;
  std::int64_t count = 1;
  for (const Dim& dim : *input.type.dims) {
    shape.push_back(dim.is_constant() ? dim.value() : 2);
    if (shape.back() < 0 || shape.back() > kMost) return {};
    count *= shape.back();
    if (count > kMost) return {};
  }
  if (input.type.dtype == DType::String) return Tensor(DType::String, shape);
  std::vector<double> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i * 7 % 5) - 1;
  if (input.type.dtype == DType::Bool)
    for (double& value : values) value = value > 0 ? 1 : 0;
  return from_doubles(input.type.dtype, shape, values);
}

}  // namespace

void onnx(Bytes bytes) {
  Graph graph = read_onnx(buffer_of(bytes));
  verify(graph);
  const std::string written = write_onnx(graph);
  const Graph again =
      read_onnx(buffer_of({reinterpret_cast<const std::uint8_t*>(written.data()), written.size()}));
  ensure(write_onnx(again) == written, "a model differs after it was written and read");
  infer_types(graph, registry().ops);
}

void text_form(Bytes bytes) {
  Graph graph = parse_graph(text(bytes));
  verify(graph);
  const std::string written = write_graph(graph);
  ensure(write_graph(parse_graph(written)) == written, "a graph differs after it was written and parsed");
  infer_types(graph, registry().ops);
}

void load_and_run(Bytes bytes) {
  const Graph graph = read_onnx(buffer_of(bytes));
  const Session session(graph, registry(), {.threads = 1});
  std::vector<Datum> inputs;
  for (const ValueId input : graph.inputs) inputs.push_back(some_input(graph.value(input)));
  session.run(inputs, {.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2)});
}

}  // namespace atlas::fuzz
