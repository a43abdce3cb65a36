// Sections are laid out first, then written behind the head that lists them.
#include <map>
#include <utility>

#include "atlas/base/atomic_file.h"
#include "atlas/base/error.h"
#include "atlas/base/json.h"
#include "atlas/base/utf8.h"
#include "atlas/base/version.h"
#include "atlas/base/xxh64.h"
#include "atlas/formats/compiled_file.h"
#include "atlas/formats/compiled_layout.h"
#include "atlas/graph/text_writer.h"

namespace atlas {
namespace {

using compiled_layout::aligned;
using compiled_layout::kAlignment;

class Layout {
 public:
  std::int64_t add(std::span<const std::byte> bytes) {
    const auto [known, is_new] =
        by_place_.try_emplace({bytes.data(), bytes.size()}, static_cast<std::int64_t>(sections_.size()));
    if (!is_new) return known->second;
    sections_.push_back(bytes);
    list_.add(Json::array_of(std::vector<std::int64_t>{static_cast<std::int64_t>(end_),
                                                       static_cast<std::int64_t>(bytes.size()),
                                                       static_cast<std::int64_t>(xxh64(bytes))}));
    end_ = aligned(end_ + bytes.size());
    return known->second;
  }
  std::int64_t add(std::string text) {
    texts_.push_back(std::make_unique<std::string>(std::move(text)));
    return add(std::as_bytes(std::span(*texts_.back())));
  }

  const std::vector<std::span<const std::byte>>& sections() const { return sections_; }
  Json list() const { return list_; }

 private:
  std::vector<std::span<const std::byte>> sections_;
  std::vector<std::unique_ptr<std::string>> texts_;
  std::map<std::pair<const std::byte*, std::size_t>, std::int64_t> by_place_;
  Json list_ = Json::array();
  std::size_t end_ = 0;
};

// Small ones, bools (of which only two are valid) and strings stand in the text.
bool has_section(const Tensor& constant) {
  constexpr std::size_t kSmallBytes = 256;
  return constant.is_defined() && constant.dtype() != DType::String && constant.dtype() != DType::Bool &&
         constant.size_bytes() > kSmallBytes;
}

Json store(Graph graph, const std::vector<ValueId>& packed_away, Layout& layout) {
  Json constants = Json::array();
  std::vector<bool> is_away(graph.value_count(), false);
  for (const ValueId id : packed_away) is_away[index(id)] = true;
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const ValueId id{static_cast<std::int32_t>(i)};
    if (!graph.is_constant(id)) continue;
    Value& value = graph.value(id);
    if (!is_away[i] && !has_section(value.constant)) continue;
    const auto* bytes = static_cast<const std::byte*>(value.constant.raw());
    constants.add(is_away[i] ? compiled_layout::kPackedAway
                             : layout.add({bytes, value.constant.size_bytes()}));
    value.type = Type::tensor(value.constant.dtype(), dims_of(value.constant.shape()));
    value.constant = Tensor();
    graph.inputs.push_back(id);
  }
  return Json::object({{"graph", layout.add(write_graph(graph))}, {"constants", std::move(constants)}});
}

Json store(const std::vector<Port>& ports) {
  Json out = Json::array();
  for (const Port& port : ports) {
    require(decode_utf8(port.name).has_value(), "input or output '{}': expected a name in UTF-8", port.name);
    out.add(
        Json::object({{"name", port.name}, {"type", text(port.type)}, {"has_default", port.has_default}}));
  }
  return out;
}

void append_aligned(AtomicFile& file, std::span<const std::byte> bytes) {
  static constexpr std::byte kZeros[kAlignment] = {};
  file.append(bytes);
  file.append(std::span(kZeros).first(aligned(file.size_bytes()) - file.size_bytes()));
}

}  // namespace

void write_compiled(const std::filesystem::path& path, const CompiledModel& compiled, const Graph* model) {
  Layout layout;
  Json packed = Json::array();
  Json program = store(compiled.program.graph, compiled.program.packed_away, layout);
  for (const PackedPart& part : compiled.program.packed)
    packed.add(layout.add({part.data.get(), part.size_bytes}));
  Json head = Json::object({{"atlas", version()},
                            {"key", compiled.key},
                            {"inputs", store(compiled.inputs)},
                            {"outputs", store(compiled.outputs)},
                            {"program", std::move(program)},
                            {"packed", std::move(packed)}});
  if (model != nullptr) head.set("model", store(*model, {}, layout));
  head.set("sections", layout.list());
  const std::string text = head.text();

  compiled_layout::Prefix prefix;
  prefix.head_bytes = static_cast<std::uint32_t>(text.size());
  require(prefix.head_bytes == text.size(), "{}: too many constants for a compiled file", path.string());
  prefix.head_checksum = xxh64(std::as_bytes(std::span(text)));
  AtomicFile file(path);
  file.append(std::as_bytes(std::span(&prefix, 1)));
  append_aligned(file, std::as_bytes(std::span(text)));
  for (const std::span<const std::byte> section : layout.sections()) append_aligned(file, section);
  file.commit();
}

}  // namespace atlas
