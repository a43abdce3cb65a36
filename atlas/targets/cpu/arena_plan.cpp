// Views join the lifetime of what they show; in-place steps take over the block of an input that dies there.
#include "atlas/targets/cpu/arena_plan.h"

#include <algorithm>
#include <map>

namespace atlas::cpu {

ArenaPlanner::ArenaPlanner(const Graph& graph, const std::vector<StepShape>& steps)
    : graph_(graph), root_(graph.value_count()), dead_after_(steps.size()) {
  constexpr std::size_t kNever = static_cast<std::size_t>(-1);
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
  std::vector<std::size_t> root_last(graph.value_count(), kNever);
  for (std::size_t i = 0; i < last.size(); ++i) {
    if (last[i] == kNever) continue;
    std::size_t& joined = root_last[index(root_[i])];
    joined = joined == kNever ? last[i] : std::max(joined, last[i]);
    const ValueId id{static_cast<std::int32_t>(i)};
    if (!graph.is_constant(id) && std::ranges::find(graph.outputs, id) == graph.outputs.end())
      dead_after_[last[i]].push_back(id);
  }

  std::vector<bool> planned(graph.value_count(), false);
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (!steps[s].is_kernel || steps[s].sharing == Sharing::View) continue;
    const Node& node = graph.node(steps[s].node);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueId made = node.outputs[i];
      if (made == ValueId::None || outlives[index(made)]) continue;
      const Type& type = graph.value(made).type;
      if (!type.is_tensor() || !type.dims || type.dtype == DType::String || type.dtype == DType::Undefined)
        continue;
      Block block{made, s, root_last[index(made)], {}};
      if (i == 0 && steps[s].sharing == Sharing::InPlace) {
        for (const ValueId input : node.inputs)
          if (input != ValueId::None && planned[index(root_[index(input)])] &&
              root_last[index(root_[index(input)])] == s)
            block.in_place_of.push_back(root_[index(input)]);
      }
      planned[index(made)] = true;
      blocks_.push_back(std::move(block));
    }
  }
}

ArenaPlan ArenaPlanner::plan(const SymbolTable& symbols) const {
  std::vector<Lifetime> lifetimes;
  std::map<ValueId, std::size_t> lifetime_of;
  for (const Block& block : blocks_) {
    const Type& type = graph_.value(block.value).type;
    const std::optional<std::int64_t> count = product(*type.dims).evaluate(symbols);
    if (!count || *count < 0) continue;
    const std::size_t bytes = byte_size(type.dtype, static_cast<std::size_t>(*count));
    std::size_t at = lifetimes.size();
    for (const ValueId input : block.in_place_of) {
      const auto found = lifetime_of.find(input);
      if (found == lifetime_of.end() || lifetimes[found->second].size_bytes != bytes ||
          lifetimes[found->second].last != block.first)
        continue;
      at = found->second;
      lifetimes[at].last = block.last;
      break;
    }
    if (at == lifetimes.size()) lifetimes.push_back({bytes, block.first, block.last});
    lifetime_of.emplace(block.value, at);
  }
  const MemoryPlan memory = plan_memory(lifetimes);
  ArenaPlan out;
  out.arena_bytes = memory.arena_bytes;
  out.places.resize(graph_.value_count());
  for (const auto& [value, at] : lifetime_of)
    out.places[index(value)] = Place{memory.offsets[at], lifetimes[at].size_bytes};
  return out;
}

}  // namespace atlas::cpu
