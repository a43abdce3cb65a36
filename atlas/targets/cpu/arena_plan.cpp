// Views join the lifetime of what they show; in-place steps take over the block of an input that dies there.
#include "atlas/targets/cpu/arena_plan.h"

#include <algorithm>
#include <map>
#include <ranges>

namespace atlas::cpu {
namespace {

constexpr std::size_t kNever = static_cast<std::size_t>(-1);
constexpr std::size_t kAlignment = 64;

}  // namespace

bool ArenaPlanner::may_plan(ValueId value) const {
  const Type& type = graph_.value(value).type;
  return type.is_tensor() && type.dims && type.dtype != DType::String && type.dtype != DType::Undefined;
}

bool ArenaPlanner::is_output(ValueId value) const {
  return std::ranges::find(graph_.outputs, value) != graph_.outputs.end();
}

/// The value that is part of no other and whose memory this one is part of.
ValueId ArenaPlanner::top(ValueId root) const {
  while (parts_[index(root)]) root = parts_[index(root)]->whole;
  return root;
}

/// The first result that joins a value is the one it is written into.
void ArenaPlanner::find_parts(const std::vector<StepShape>& steps, const std::vector<bool>& outlives) {
  std::vector<bool> made(graph_.value_count(), false);
  for (const StepShape& step : steps) {
    if (!step.is_kernel || step.sharing == Sharing::View) continue;
    const Node& node = graph_.node(step.node);
    for (const ValueId output : node.outputs)
      if (output != ValueId::None) made[index(output)] = may_plan(output) && !outlives[index(output)];
    if (step.sharing != Sharing::Joined || !(made[index(node.outputs[0])] || is_output(node.outputs[0])))
      continue;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId root = root_[index(node.inputs[i])];
      if (made[index(root)] && !parts_[index(root)])
        parts_[index(root)] = Part{
            node.outputs[0], {node.inputs.begin(), node.inputs.begin() + static_cast<std::ptrdiff_t>(i)}};
    }
  }
}

ArenaPlanner::ArenaPlanner(const Graph& graph, const std::vector<StepShape>& steps)
    : graph_(graph), root_(graph.value_count()), parts_(graph.value_count()), dead_after_(steps.size()) {
  for (std::size_t i = 0; i < root_.size(); ++i) root_[i] = ValueId{static_cast<std::int32_t>(i)};
  std::vector<std::size_t> last(graph.value_count(), kNever);
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const Node& node = graph.node(steps[s].node);
    for (const ValueId used : uses(node)) last[index(used)] = s;
    for (const ValueId made : node.outputs)
      if (made != ValueId::None) last[index(made)] = s;
    if (steps[s].is_kernel && steps[s].sharing == Sharing::View)
      root_[index(node.outputs[0])] = root_[index(node.inputs[0])];
  }

  std::vector<bool> outlives(graph.value_count(), false);  // by root: shown by an output of the graph
  for (const ValueId output : graph.outputs) outlives[index(root_[index(output)])] = true;
  find_parts(steps, outlives);
  std::vector<std::size_t> root_last(graph.value_count(), kNever);  // of values that are part of no other
  for (std::size_t i = 0; i < last.size(); ++i) {
    if (last[i] == kNever) continue;
    std::size_t& joined = root_last[index(top(root_[i]))];
    joined = joined == kNever ? last[i] : std::max(joined, last[i]);
    const ValueId id{static_cast<std::int32_t>(i)};
    if (!graph.is_constant(id) && !is_output(id)) dead_after_[last[i]].push_back(id);
  }

  std::vector<bool> planned(graph.value_count(), false);
  std::vector<std::size_t> first(graph.value_count(), kNever);  // step that writes it or a part of it
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (!steps[s].is_kernel || steps[s].sharing == Sharing::View) continue;
    const Node& node = graph.node(steps[s].node);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueId made = node.outputs[i];
      if (made == ValueId::None || outlives[index(made)] || !may_plan(made)) continue;
      for (std::optional<Part> part = Part{made, {}}; part; part = parts_[index(part->whole)])
        first[index(part->whole)] = std::min(first[index(part->whole)], s);
      Block block{made, first[index(made)], root_last[index(top(made))], {}};
      if (i == 0 && steps[s].sharing == Sharing::InPlace && !parts_[index(made)]) {
        for (const ValueId input : node.inputs) {
          if (input == ValueId::None) continue;
          const ValueId root = root_[index(input)];
          if (planned[index(root)] && !parts_[index(root)] && root_last[index(root)] == s)
            block.in_place_of.push_back(root);
        }
      }
      planned[index(made)] = true;
      blocks_.push_back(std::move(block));
    }
  }
}

std::optional<Shape> ArenaPlanner::shape_of(ValueId value, const SymbolTable& symbols) const {
  const Type& type = graph_.value(value).type;
  if (!type.is_tensor() || !type.dims) return std::nullopt;
  Shape shape;
  for (const Dim& dim : *type.dims) {
    const std::optional<std::int64_t> size = dim.evaluate(symbols);
    if (!size || *size < 0) return std::nullopt;
    shape.push_back(*size);
  }
  return shape;
}

std::optional<std::size_t> ArenaPlanner::bytes_of(ValueId value, const SymbolTable& symbols) const {
  const std::optional<Shape> shape = shape_of(value, symbols);
  if (!shape) return std::nullopt;
  return byte_size(graph_.value(value).type.dtype, element_count(*shape));
}

/// Nothing where it would stand at an odd place, or where a size is not known.
std::optional<std::size_t> ArenaPlanner::offset_of(const Part& part, const SymbolTable& symbols) const {
  std::size_t offset = 0;
  for (const ValueId before : part.before) {
    const std::optional<std::size_t> bytes = bytes_of(before, symbols);
    if (!bytes) return std::nullopt;
    offset += *bytes;
  }
  if (offset % kAlignment != 0) return std::nullopt;
  return offset;
}

ArenaPlan ArenaPlanner::plan(const SymbolTable& symbols) const {
  std::vector<Lifetime> lifetimes;
  std::map<ValueId, std::size_t> lifetime_of;
  struct Inside {
    ValueId value, whole;
    std::size_t offset, size_bytes;
  };
  std::vector<Inside> inside;
  for (const Block& block : blocks_) {
    const std::optional<std::size_t> bytes = bytes_of(block.value, symbols);
    if (!bytes) continue;
    if (const std::optional<Part>& part = parts_[index(block.value)]) {
      const std::optional<std::size_t> offset = offset_of(*part, symbols);
      const std::optional<std::size_t> whole = bytes_of(part->whole, symbols);
      if (offset && whole && *offset + *bytes <= *whole) {
        inside.push_back({block.value, part->whole, *offset, *bytes});
        if (!is_output(top(block.value))) continue;
      }
    }
    std::size_t at = lifetimes.size();
    for (const ValueId input : block.in_place_of) {
      const auto found = lifetime_of.find(input);
      if (found == lifetime_of.end() || lifetimes[found->second].size_bytes != *bytes ||
          lifetimes[found->second].last != block.first)
        continue;
      at = found->second;
      lifetimes[at].last = block.last;
      break;
    }
    if (at == lifetimes.size()) lifetimes.push_back({*bytes, block.first, block.last});
    lifetime_of.emplace(block.value, at);
  }
  const MemoryPlan memory = plan_memory(lifetimes, kAlignment);
  ArenaPlan out;
  out.arena_bytes = memory.arena_bytes;
  out.places.resize(graph_.value_count());
  for (const auto& [value, at] : lifetime_of)
    out.places[index(value)] = Place{memory.offsets[at], lifetimes[at].size_bytes};
  // Wholes are made after their parts, and come before them here.
  for (const Inside& part : std::views::reverse(inside)) {
    std::optional<Place>& place = out.places[index(part.value)];
    const std::optional<Place>& whole = out.places[index(part.whole)];
    if (!is_output(top(part.value))) {
      place = {whole->offset + part.offset, part.size_bytes};
    } else if (is_output(part.whole)) {
      place->output = part.whole;
      place->output_offset = part.offset;
      out.early.try_emplace(part.whole, *shape_of(part.whole, symbols));
    } else if (whole->output != ValueId::None) {
      place->output = whole->output;
      place->output_offset = whole->output_offset + part.offset;
    }
  }
  return out;
}

}  // namespace atlas::cpu
