// From options to a workload, and its prediction as a page of text.
#include "cli/predict_workload.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/plan/convolution_networks.h"
#include "atlas/plan/memory_need.h"
#include "atlas/plan/workload_table.h"
#include "atlas/plan/workload_timeline.h"

namespace atlas::cli {
namespace {

std::string gib(double bytes) {
  return fmt::format("{:.2f} GiB", bytes / (1024.0 * 1024 * 1024));
}

void print_memory(const Workload& workload, const Chip& chip) {
  const MemoryNeed need = memory_need(workload);
  std::string parts;
  const auto add = [&](const char* what, double bytes) {
    if (bytes > 0) parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", what, gib(bytes));
  };
  add("weights", need.weights);
  add("gradients", need.gradients);
  add("optimiser", need.optimizer);
  add("activations", need.activations);
  add("cache", need.cache);
  add("weights of two layers", need.gathered);
  add("embeddings of the first stage", need.ends);
  fmt::print("{:<12} {} of {} per chip{}: {}\n", "memory", gib(need.total()), gib(chip.dram_bytes),
             need.total() > chip.dram_bytes ? ", which is TOO MUCH" : "", parts);
}

void print_rate(const Workload& workload, double samples) {
  fmt::print("{:<12} {:.4g} samples per second", "rate", samples);
  if (workload.transformer) fmt::print(", {:.4g} tokens per second", samples * workload.tokens);
  fmt::print("\n");
}

}  // namespace

void WorkloadOptions::add_to(CommandLine& line) {
  const char* group = "Networks by name or config.json";
  const auto number = [&](const char* name, double& value, const char* help) {
    line.add_option(name, value, help)->group(group)->check(CLI::Range(0.0, 1e9));
  };
  line.add_flag("--train", trains, "Forward, backward and optimiser (default: forward alone)")->group(group);
  line.add_option("--mode", mode, "infer, prefill or decode (default: infer)")->group(group);
  number("--batch", batch, "Samples of a step, of all replicas (default: 1)");
  number("--micro-batch", micro_batch, "Samples of one pass of one replica (default: all of its own)");
  number("--seq", tokens, "New tokens of each sequence");
  number("--context", past, "Tokens that are in the cache before them");
  number("--picture", picture, "Edge of pictures in pixels (default: the network's own)");
  number("--tp", tensor, "Chips that share each product");
  number("--pp", pipeline, "Stages that share the layers");
  number("--dp", data, "Replicas");
  number("--interleave", interleave, "Pieces of the stack that each stage holds (default: 1)");
  line.add_flag("--sequence-parallel", sequence_parallel, "Chips of --tp share norms and residuals, too")
      ->group(group);
  number("--zero", zero,
         "Stage of ZeRO: replicas share out the optimiser's state (1), gradients (2), weights (3, as FSDP)");
  line.add_option("--recompute", recompute, "Activations to compute again: none, selective or full")
      ->group(group);
  line.add_option("--runtime", runtime,
                  "What runs it: fused, pytorch, tensorflow, xla, tensorrt, megatron, ...")
      ->group(group);
}

bool is_workload(const std::string& model) {
  return model.ends_with(".json") || transformer_named(model) || convolution_network(model, 1, 0);
}

Workload make_workload(const std::string& model, const WorkloadOptions& options, const std::string& dtype) {
  for (const double number :
       {options.batch, options.micro_batch, options.tokens, options.past, options.picture, options.tensor,
        options.pipeline, options.data, options.interleave, options.zero})
    require(number == std::floor(number),
            "{}: expected whole numbers of samples, tokens, pixels and chips, got {}", model, number);
  Workload workload;
  set_model(workload, model);
  Layout& layout = workload.layout;
  layout = {options.tensor,     options.pipeline,          options.data, 1,
            options.interleave, options.sequence_parallel, options.zero};
  require(options.batch >= 1 && std::fmod(options.batch, layout.data) == 0,
          "--batch: expected a multiple of {} replicas, got {}", layout.data, options.batch);
  const double own = options.batch / layout.data;
  workload.batch = options.micro_batch > 0 ? options.micro_batch : own;
  require(std::fmod(own, workload.batch) == 0,
          "--micro-batch: expected a divisor of {} samples per replica, got {}", own, workload.batch);
  layout.micro_batches = own / workload.batch;
  const bool decodes = options.mode == "decode";
  workload.tokens = workload.transformer ? (decodes && options.tokens == 0 ? 1 : options.tokens) : 1;
  workload.past = options.past;
  workload.picture = options.picture;
  workload.dtype = dtype.empty() ? "f16" : dtype;
  workload.lowering.format = &number_format(workload.dtype);
  workload.lowering.runtime = &runtime_named(options.runtime);
  workload.lowering.recompute = recompute_named(options.recompute);
  require(!options.trains || options.mode.empty(), "--mode: expected none beside --train, got {}",
          options.mode);
  set_mode(workload, options.trains ? "train" : options.mode.empty() ? "infer" : options.mode);
  check(workload);
  return workload;
}

Answer answer_for(const Workload& workload, const Device& device) {
  const Chip& chip = device.chip;
  const double chips = workload.layout.chips();
  require(chips == 1 || chip.chips > 1,
          "--tp, --pp, --dp: expected a node of several chips for {} chips, got {} (`atlas machine list` "
          "names nodes)",
          chips, chip.name);
  const std::string source = device.chosen.runs.text();
  return {workload_timeline(workload, chip, device.chosen.constants, source), source,
          workload.batch * workload.layout.micro_batches * workload.layout.data, chips,
          memory_need(workload).total()};
}

void print_answer(const Workload& workload, const Answer& answer, const Chip& chip) {
  const Timeline& timeline = answer.timeline;
  const double seconds = timeline.duration_s();
  const double joules = timeline.energy_j() * answer.chips;
  fmt::print("{} on {} x {}, {}, {}, predicted: {}\n", workload.model, answer.chips, chip.name,
             workload.dtype, workload.lowering.runtime->name, answer.source);
  fmt::print("{:<12} {:.3f} ms\n", "time", seconds * 1e3);
  print_rate(workload, answer.samples / seconds);
  print_memory(workload, chip);
  fmt::print("{:<12} {:.3g} J, {:.0f} W, of all chips\n", "energy", joules, joules / seconds);
  const double ideal = std::max(timeline.bytes() / chip.dram_bytes_per_s,
                                timeline.operations() / chip.product_rate(workload.lowering.format->engine));
  fmt::print("{:<12} {:.3f} ms by the peaks of the machine\n", "at least", ideal * 1e3);
}

}  // namespace atlas::cli
