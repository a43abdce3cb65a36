// From a graph to a program, and from names to positions.
#include "atlas/run/session.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/formats/compiled_file.h"

namespace atlas {

Session::Session(Graph graph, const Registry& registry, SessionOptions options) {
  target_ = &registry.target(options.target);
  if (!options.limits.memory) options.limits.memory = memory_of_the_process();
  limits_ = options.passes.limits = options.limits;
  const MemoryScope scope(limits_.memory);
  pass_reports_ = run_passes(graph, registry.ops, options.passes);
  inputs_ = input_ports(graph);
  outputs_ = output_ports(graph);
  pool_ = std::make_unique<ThreadPool>(options.threads);
  program_ = target_->compile(std::move(graph), registry.ops, {pool_.get(), options.precision});
  finish(options);
}

Session::Session(CompiledModel compiled, const Registry& registry, SessionOptions options) {
  target_ = &registry.target(options.target);
  if (!options.limits.memory) options.limits.memory = memory_of_the_process();
  limits_ = options.limits;
  const MemoryScope scope(limits_.memory);
  inputs_ = std::move(compiled.inputs);
  outputs_ = std::move(compiled.outputs);
  pool_ = std::make_unique<ThreadPool>(options.threads);
  program_ = target_->load(std::move(compiled.program), registry.ops, {pool_.get(), options.precision});
  finish(options);
}

void Session::finish(const SessionOptions& options) {
  fallbacks_ = program_->fallbacks();
  if (options.strict && !fallbacks_.empty())
    fail(ErrorCode::Unsupported, "{} nodes have no kernel on target {}: {}", fallbacks_.size(),
         options.target, fmt::join(fallbacks_, ", "));
}

void Session::run(std::span<const Datum> inputs, std::span<Datum> outputs, const RunOptions& options) const {
  const MemoryScope scope(limits_.memory);
  RunOptions bounded = options;
  if (limits_.deadline)
    bounded.deadline = std::min(*limits_.deadline, options.deadline.value_or(*limits_.deadline));
  program_->run(inputs, outputs, bounded);
}

std::vector<Datum> Session::run(std::span<const Datum> inputs, const RunOptions& options) const {
  std::vector<Datum> outputs(outputs_.size());
  run(inputs, outputs, options);
  return outputs;
}

std::map<std::string, Datum> Session::run(const std::map<std::string, Datum>& inputs,
                                          const RunOptions& options) const {
  std::vector<Datum> ordered(inputs_.size());
  for (const auto& [name, datum] : inputs) {
    const auto port = std::ranges::find(inputs_, name, &Port::name);
    if (port == inputs_.end()) {
      std::vector<std::string> known;
      for (const Port& input : inputs_) known.push_back(input.name);
      fail(ErrorCode::InvalidArgument, "input '{}': expected one of {}", name, fmt::join(known, ", "));
    }
    ordered[static_cast<std::size_t>(port - inputs_.begin())] = datum;
  }
  std::vector<Datum> results = run(ordered, options);
  std::map<std::string, Datum> out;
  for (std::size_t i = 0; i < results.size(); ++i) out.emplace(outputs_[i].name, std::move(results[i]));
  return out;
}

}  // namespace atlas
