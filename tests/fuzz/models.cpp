// Model files: ONNX, Atlas' text form, and a model that is loaded and run.
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <regex>
#include <string>

#include "atlas/base/error.h"
#include "atlas/base/xxh64.h"
#include "atlas/formats/compiled_file.h"
#include "atlas/formats/compiled_layout.h"
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

// Of the head, and of sections where it is sound JSON.
void mend_checksums(std::string& file) {
  compiled_layout::Prefix prefix;
  if (file.size() < sizeof prefix) return;
  std::memcpy(&prefix, file.data(), sizeof prefix);
  if (prefix.head_bytes > file.size() - sizeof prefix) return;
  const auto digest = [&](std::size_t at, std::size_t size) {
    return xxh64(std::as_bytes(std::span(file)).subspan(at, size));
  };
  std::string head = file.substr(sizeof prefix, prefix.head_bytes);
  const std::size_t start = compiled_layout::aligned(sizeof prefix + head.size());
  const std::regex section(R"(\[(\d{1,9}), (\d{1,9}), (-?\d+)\])");
  std::string mended;
  auto rest = head.cbegin();
  for (std::smatch match; std::regex_search(rest, head.cend(), match, section); rest = match[0].second) {
    const std::size_t at = start + std::stoul(match[1]), size = std::stoul(match[2]);
    mended.append(rest, match[3].first);
    const bool fits = at <= file.size() && size <= file.size() - at;
    mended += fits ? std::to_string(static_cast<std::int64_t>(digest(at, size))) : match[3].str();
    mended.append(match[3].second, match[0].second);
  }
  mended.append(rest, head.cend());
  // The head must stay as long as it is: inputs end theirs with spaces.
  mended.erase(mended.find_last_not_of(' ') + 1);
  if (mended.size() > head.size()) return;
  mended.resize(head.size(), ' ');
  std::memcpy(file.data() + sizeof prefix, mended.data(), mended.size());
  prefix.head_checksum = digest(sizeof prefix, mended.size());
  std::memcpy(file.data(), &prefix, sizeof prefix);
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

// With the checksums mended, which would keep everything from what is behind them.
void compiled(Bytes bytes) {
  std::string file(text(bytes));
  mend_checksums(file);
  const int memory = memfd_create("compiled", MFD_CLOEXEC);
  ensure(memory >= 0 && write(memory, file.data(), file.size()) == static_cast<ssize_t>(file.size()),
         "no memory for a file");
  CompiledFile opened("/proc/self/fd/" + std::to_string(memory));
  close(memory);
  if (opened.has_model()) opened.model({});
  const CompiledModel model = opened.compiled({});
  const Session session(model, registry(), {.threads = 1});
  std::vector<Datum> inputs;
  for (const ValueId input : model.program.graph.inputs)
    inputs.push_back(some_input(model.program.graph.value(input)));
  session.run(inputs, {.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2)});
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
