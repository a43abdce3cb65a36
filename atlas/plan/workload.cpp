// Lays a network out over chips. A pipeline takes turns as in Narayanan et al., Efficient Large-Scale
// Language Model Training on GPU Clusters, 2021: one forward, one backward (1F1B), stages interleaved or not.
#include "atlas/plan/workload.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/plan/convolution_networks.h"
#include "atlas/plan/step_prices.h"

namespace atlas {
namespace {

Passage passage_of(const Workload& workload) {
  return {workload.batch,     workload.tokens,        workload.past,
          workload.predicted, workload.layout.tensor, workload.layout.sequence_parallel};
}

std::vector<Step> lowered(const Workload& workload, const Network& network) {
  return workload.trains ? training_steps(network, workload.lowering)
                         : inference_steps(network, workload.lowering);
}

void append(std::vector<Step>& to, std::vector<Step> steps, double times) {
  for (Step& step : steps) {
    step.count *= times;
    to.push_back(std::move(step));
  }
}

Step exchange(const char* name, const char* op, Collective sizes, double count) {
  Step step;
  step.name = name;
  step.op = op;
  step.what = {std::string(kCollectiveFamily.name), sizes};
  step.count = count;
  return step;
}

// Ranks are dealt out to nodes so that those of a tensor stand together, then replicas, then stages.
double in_one_node(double ranks, double apart, const Chip& chip) {
  return std::clamp(std::floor(chip.chips / apart), 1.0, ranks);
}

// Gradients meet once per step, or where each replica keeps a part alone, in every pass. What a replica then
// updates, or weights that it does not keep, the others have to get: forward and backward (Rajbhandari et
// al., ZeRO, 2020, section 7).
void add_exchange(const Workload& workload, const Chip& chip, double parameters, RunSteps& out) {
  const Layout& layout = workload.layout;
  const double per_node = in_one_node(layout.data, layout.tensor, chip);
  const double bytes = parameters * workload.lowering.format->a_bytes;
  const auto add = [&](const char* name, const char* op, CollectiveKind kind, double count) {
    out.exchange.push_back(exchange(name, op, {kind, bytes, layout.data, per_node}, count));
  };
  if (layout.zero == 0) return add("gradients", "all-reduce", CollectiveKind::AllReduce, 1);
  add("gradients", "reduce-scatter", CollectiveKind::ReduceScatter,
      layout.zero >= 2 ? layout.micro_batches : 1);
  add("weights", "all-gather", CollectiveKind::AllGather, layout.zero >= 3 ? 2 * layout.micro_batches : 1);
}

void add_transformer(const Workload& workload, const Chip& chip, RunSteps& out) {
  const Transformer& model = *workload.transformer;
  const Layout& layout = workload.layout;
  const double passes = layout.micro_batches;
  // The longest path: every pass through one stage, and the first through all the others.
  const double through = (passes + (layout.pipeline - 1) / layout.interleave) / layout.pipeline;
  append(out.steps, lowered(workload, transformer_stack(model, passage_of(workload))), through);
  Workload ends = workload;  // what is recomputed is the stack
  ends.lowering.recompute = Recompute::None;
  append(out.steps, lowered(ends, transformer_ends(model, passage_of(workload))), passes);
  const double activations =
      workload.batch * workload.tokens * model.hidden * workload.lowering.format->a_bytes;
  if (layout.tensor > 1) {
    const bool again = workload.trains && workload.lowering.recompute == Recompute::Full;
    const double per_layer = workload.trains ? (again ? 6 : 4) : 2;
    out.steps.push_back(
        exchange("tensor", "all-reduce",
                 {CollectiveKind::AllReduce, activations, layout.tensor, in_one_node(layout.tensor, 1, chip)},
                 per_layer * model.layers * through));
  }
  if (layout.pipeline > 1) {
    const double ways = workload.trains ? 2 : 1;
    const double hops = passes * layout.interleave + layout.pipeline - 1;
    const double together = layout.tensor * layout.data * 2 <= chip.chips ? 2 : 1;
    out.steps.push_back(exchange(
        "pipeline", "send", {CollectiveKind::Send, activations / layout.tensor, 2, together}, ways * hops));
  }
}

}  // namespace

void check(const Workload& workload) {
  const Layout& layout = workload.layout;
  const double least = std::min(
      {layout.tensor, layout.pipeline, layout.data, layout.micro_batches, layout.interleave, workload.batch});
  require(least >= 1, "{}: expected at least one chip, stage, replica, piece, pass and sample, got {}",
          workload.model, least);
  require(layout.zero == 0 || layout.zero == 1 || layout.zero == 2 || layout.zero == 3,
          "{}: expected stage 0, 1, 2 or 3 of ZeRO, got {}", workload.model, layout.zero);
  require(layout.zero == 0 || workload.trains, "{}: expected training for ZeRO, got inference",
          workload.model);
  if (!workload.transformer) {
    require(layout.tensor == 1 && layout.pipeline == 1,
            "{}: expected a transformer for tensor or pipeline parallelism, got a convolution network",
            workload.model);
    return;
  }
  const Transformer& model = *workload.transformer;
  require(model.kv_heads <= model.heads, "{}: expected at most {} heads of keys, got {}", workload.model,
          model.heads, model.kv_heads);
  require(std::fmod(model.heads, layout.tensor) == 0,
          "{}: expected tensor parallelism that divides {} heads, got {}", workload.model, model.heads,
          layout.tensor);
  require(layout.pipeline * layout.interleave <= model.layers,
          "{}: expected at most {} pieces of the stack, got {}", workload.model, model.layers,
          layout.pipeline * layout.interleave);
  require(workload.tokens >= 1, "{}: expected the length of sequences, got none (--seq)", workload.model);
}

RunSteps steps_of(const Workload& workload, const Chip& chip) {
  RunSteps out;
  const Layout& layout = workload.layout;
  double parameters = 0;
  if (workload.transformer) {
    add_transformer(workload, chip, out);
    const Transformer& model = *workload.transformer;
    parameters =
        (model.layers * model.layer_parameters() / layout.pipeline + model.end_parameters()) / layout.tensor;
  } else {
    const std::optional<Network> network =
        convolution_network(workload.model, workload.batch, workload.picture);
    require(network.has_value(), "expected one of {}, {} or a config.json, got '{}'",
            fmt::join(convolution_network_names(), ", "), fmt::join(transformer_names(), ", "),
            workload.model);
    append(out.steps, lowered(workload, *network), layout.micro_batches);
    parameters = network->parameters();
  }
  if (!workload.trains) return out;
  out.steps.push_back(optimizer_step(parameters / (layout.zero > 0 ? layout.data : 1)));
  if (layout.data > 1) add_exchange(workload, chip, parameters, out);
  return out;
}

bool leaves_node(const Step& exchange) {
  const auto& sizes = std::get<Collective>(exchange.what.sizes);
  return sizes.per_node < sizes.ranks;
}

Operator run_of(const Workload& workload, const Chip& chip, const Constants& constants) {
  const RunSteps steps = steps_of(workload, chip);
  StepPrices prices(chip, constants);
  Run run;
  for (const Step& step : steps.steps) prices.add(step, run);
  for (const Step& step : steps.exchange) {
    (leaves_node(step) ? run.network_s : run.exchange_s) += step.count * prices.of(step).seconds;
  }
  run.samples = workload.batch * workload.layout.micro_batches;
  std::ranges::copy(constants.at(fmt::format("host/{}", workload.lowering.runtime->name)), run.host.begin());
  return {fmt::format("run/{}-{}-{}", workload.lowering.runtime->name, workload.dtype,
                      workload.trains ? "train" : "infer"),
          run};
}

}  // namespace atlas
