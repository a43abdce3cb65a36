// Reading: everything that a file says of itself is checked before it is used.
#include "atlas/formats/compiled_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>

#include "atlas/base/error.h"
#include "atlas/base/json.h"
#include "atlas/base/xxh64.h"
#include "atlas/formats/blank_memory.h"
#include "atlas/formats/compiled_layout.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/verify.h"

namespace atlas {
namespace {

using compiled_layout::kMagic;
using compiled_layout::kPackedAway;
using compiled_layout::Prefix;

std::vector<Port> read_ports(const Json& list) {
  std::vector<Port> out;
  for (const Json& port : list.items())
    out.push_back(
        {port.at("name").string(), parse_type(port.at("type").string()), port.at("has_default").boolean()});
  return out;
}

}  // namespace

bool is_compiled(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::ifstream file(path, std::ios::binary);
  std::array<char, kMagic.size()> start{};
  return file.read(start.data(), start.size()) && start == kMagic;
}

CompiledFile::CompiledFile(const std::filesystem::path& path)
    : path_(path.string()), file_(std::make_shared<const MappedFile>(path)) {
  file_->prefer_huge_pages();
  const std::span<const std::byte> bytes = file_->bytes();
  Prefix prefix;
  require(bytes.size() >= sizeof prefix, "{}: expected a compiled file, got {} bytes", path_, bytes.size());
  std::memcpy(&prefix, bytes.data(), sizeof prefix);
  require(prefix.magic == kMagic, "{}: expected a compiled file, got other bytes at its start", path_);
  require(prefix.format == compiled_layout::kFormat,
          "{}: is a compiled file of format {}, expected {} (compile the model with this Atlas)", path_,
          prefix.format, compiled_layout::kFormat);
  require(prefix.head_bytes <= bytes.size() - sizeof prefix,
          "{}: ends after {} bytes, within its head (copy or compile it again)", path_, bytes.size());
  const std::span<const std::byte> text = bytes.subspan(sizeof prefix, prefix.head_bytes);
  require(xxh64(text) == prefix.head_checksum, "{}: its head is damaged (copy or compile it again)", path_);

  const std::string_view head(reinterpret_cast<const char*>(text.data()), text.size());
  const std::size_t start = std::min(bytes.size(), compiled_layout::aligned(sizeof prefix + text.size()));
  within([&] { return path_ + ": head"; }, [&] { read_head(head, start); });
}

void CompiledFile::read_head(std::string_view text, std::size_t start) {
  const Json head = Json::parse(text, "text");
  key_ = head.at("key").string();
  inputs_ = read_ports(head.at("inputs"));
  outputs_ = read_ports(head.at("outputs"));

  const auto most = static_cast<std::int64_t>(file_->bytes().size() - start);
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 62;
  std::int64_t least = 0;  // sections stand in order, so that a small file cannot claim many large ones
  for (const Json& entry : head.at("sections").items()) {
    const Json::Items& numbers = entry.items();
    require(numbers.size() == 3, "section {}: expected 3 numbers, got {}", sections_.size(), numbers.size());
    const std::int64_t offset = numbers[0].integer(least, kMostBytes);
    const std::int64_t size = numbers[1].integer(0, kMostBytes - offset);
    require(offset % compiled_layout::kAlignment == 0, "section {}: begins at byte {}, no multiple of {}",
            sections_.size(), offset, compiled_layout::kAlignment);
    require(offset + size <= most,
            "the file ends after {} bytes, within section {} (copy or compile it again)",
            file_->bytes().size(), sections_.size());
    least = offset + size;
    sections_.push_back({start + static_cast<std::size_t>(offset), static_cast<std::size_t>(size),
                         static_cast<std::uint64_t>(numbers[2].integer(INT64_MIN, INT64_MAX))});
  }

  const auto last = static_cast<std::int64_t>(sections_.size()) - 1;
  const auto read_stored = [&](const Json& from, std::int64_t first) {
    StoredGraph out{from.at("graph").integer(0, last), {}};
    for (const Json& section : from.at("constants").items())
      out.constants.push_back(section.integer(first, last));
    return out;
  };
  program_ = read_stored(head.at("program"), kPackedAway);
  for (const Json& section : head.at("packed").items()) packed_.push_back(section.integer(0, last));
  if (const Json* model = head.find("model")) model_ = read_stored(*model, 0);
}

std::span<const std::byte> CompiledFile::section(std::int64_t index) {
  Section& section = sections_[static_cast<std::size_t>(index)];
  const std::span<const std::byte> bytes = file_->bytes().subspan(section.offset, section.size_bytes);
  section.is_checked = section.is_checked || xxh64(bytes) == section.checksum;
  require(section.is_checked, "bytes {} to {} are damaged (copy or compile it again)", section.offset,
          section.offset + section.size_bytes);
  return bytes;
}

Tensor CompiledFile::read_constant(std::int64_t index, const Value& value) {
  const std::optional<Shape> shape =
      value.type.is_tensor() && value.type.dims ? constant_shape(*value.type.dims) : std::nullopt;
  const DType dtype = value.type.dtype;
  require(shape && dtype != DType::Undefined && dtype != DType::String && dtype != DType::Bool,
          "constant '{}': expected the type of plain numbers, got {}", value.name, text(value.type));
  if (index == kPackedAway) {
    require(may_be_packed_away(dtype), "constant '{}': expected the type of weights, got {}", value.name,
            text(value.type));
    return blank_tensor(dtype, *shape);
  }
  const std::span<const std::byte> bytes = section(index);
  require(byte_size(dtype, element_count(*shape)) == bytes.size(), "constant '{}': expected {}, got {} bytes",
          value.name, text(value.type), bytes.size());
  // The buffer keeps the file mapped.
  auto* const data = const_cast<std::byte*>(bytes.data());
  return Tensor(dtype, *shape,
                Buffer::wrap(
                    data, bytes.size(), [file = file_] {}, false));
}

Graph CompiledFile::read_graph(const StoredGraph& stored, const Limits& limits,
                               std::vector<ValueId>* packed_away) {
  const std::span<const std::byte> text = section(stored.graph);
  Graph graph = parse_graph({reinterpret_cast<const char*>(text.data()), text.size()}, "graph", limits);
  require(graph.inputs.size() >= stored.constants.size(), "graph: expected {} constants among its {} inputs",
          stored.constants.size(), graph.inputs.size());
  const std::size_t first = graph.inputs.size() - stored.constants.size();
  for (std::size_t i = 0; i < stored.constants.size(); ++i) {
    const ValueId id = graph.inputs[first + i];
    graph.value(id).constant = read_constant(stored.constants[i], graph.value(id));
    if (stored.constants[i] == kPackedAway) packed_away->push_back(id);
  }
  graph.inputs.resize(first);
  verify(graph);
  return graph;
}

CompiledModel CompiledFile::compiled(const Limits& limits) {
  return within([&] { return path_; },
                [&] {
                  CompiledModel out{key_, inputs_, outputs_, {}};
                  out.program.graph = read_graph(program_, limits, &out.program.packed_away);
                  require(out.program.graph.inputs.size() == inputs_.size() &&
                              out.program.graph.outputs.size() == outputs_.size(),
                          "expected a program of {} inputs and {} outputs, got {} and {}", inputs_.size(),
                          outputs_.size(), out.program.graph.inputs.size(), out.program.graph.outputs.size());
                  for (const std::int64_t index : packed_) {
                    const std::span<const std::byte> bytes = section(index);
                    out.program.packed.push_back(
                        {std::shared_ptr<const std::byte[]>(file_, bytes.data()), bytes.size()});
                  }
                  return out;
                });
}

Graph CompiledFile::model(const Limits& limits) {
  if (!has_model())
    fail(ErrorCode::NotFound, "{}: holds a program without its model (compile it without --program-only)",
         path_);
  return within([&] { return path_; }, [&] { return read_graph(model_, limits, nullptr); });
}

}  // namespace atlas
