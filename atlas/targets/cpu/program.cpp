// Compiling a graph into steps, and running them.
#include "atlas/targets/cpu/program.h"

#include <algorithm>
#include <set>

#include "atlas/graph/node_errors.h"
#include "atlas/ops/interpreter.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/run_contract.h"

namespace atlas::cpu {

/// Everything one call of run() needs.
struct CpuProgram::Run {
  std::unique_ptr<Frame> frame;
  std::span<Datum> outputs;
  const RunOptions& options;
  std::map<ValueId, Tensor> early = {};  // outputs whose parts are made before them
};

class CpuProgram::Context : public KernelContext {
 public:
  Context(const CpuProgram& program, const Node& node, Run& run)
      : program_(program), node_(node), run_(run) {}

  const Node& node() const override { return node_; }
  bool has_input(std::size_t i) const override {
    return i < node_.inputs.size() && node_.inputs[i] != ValueId::None && !datum(node_.inputs[i]).is_empty();
  }
  const Tensor& input(std::size_t i) const override {
    check(has_input(i), "input {} is missing", i);
    return datum(node_.inputs[i]).tensor();
  }
  bool has_output(std::size_t i) const override {
    return i < node_.outputs.size() && node_.outputs[i] != ValueId::None;
  }
  Tensor& output(std::size_t i, DType dtype, Shape shape) override {
    ensure(has_output(i), "a kernel asks for an output that its node lacks");
    const ValueId id = node_.outputs[i];
    Datum& slot = run_.frame->values[index(id)];
    slot = allocate(id, dtype, std::move(shape));
    return slot.tensor();
  }
  void set_view(Tensor tensor) override { run_.frame->values[index(node_.outputs[0])] = std::move(tensor); }
  ThreadPool& pool() const override { return program_.pool_; }

  const Datum& datum(ValueId id) const {
    const Datum& own = run_.frame->values[index(id)];
    return own.is_empty() ? program_.constants_[index(id)] : own;
  }

 private:
  Tensor allocate(ValueId id, DType dtype, Shape shape) const {
    if (const Datum* memory = lent(id)) {
      if (memory->is_tensor() && memory->tensor().dtype() == dtype && memory->tensor().shape() == shape)
        return memory->tensor();
      const auto early = run_.early.extract(id);
      if (!early.empty() && early.mapped().dtype() == dtype && early.mapped().shape() == shape)
        return early.mapped();
      return Tensor(dtype, std::move(shape));
    }
    const std::optional<Place>& place = run_.frame->plan.places[index(id)];
    if (!place || dtype == DType::String || byte_size(dtype, atlas::element_count(shape)) > place->size_bytes)
      return Tensor(dtype, std::move(shape));
    // The caller's memory is not written before its time: it may be that of an input.
    if (place->output == ValueId::None || lent(place->output)->is_tensor())
      return Tensor(dtype, std::move(shape), run_.frame->arena, place->offset);
    const Shape& whole = run_.frame->plan.early.at(place->output);
    const Tensor& early = run_.early.try_emplace(place->output, dtype, whole).first->second;
    return Tensor(dtype, std::move(shape), early.buffer(), place->output_offset);
  }

  // What the caller gave for an output of the graph; nullptr where the value is none.
  const Datum* lent(ValueId id) const {
    const auto found = std::ranges::find(program_.graph_.outputs, id);
    if (found == program_.graph_.outputs.end()) return nullptr;
    return &run_.outputs[static_cast<std::size_t>(found - program_.graph_.outputs.begin())];
  }

  const CpuProgram& program_;
  const Node& node_;
  Run& run_;
};

class CpuProgram::Observed : public StepView {
 public:
  Observed(const CpuProgram& program, const Step& step, Run& run)
      : program_(program), step_(step), run_(run), context_(program, program.graph_.node(step.node), run) {}

  const Graph& graph() const override { return program_.graph_; }
  const Node& node() const override { return context_.node(); }
  const Datum& datum(ValueId value) const override { return context_.datum(value); }
  bool is_fallback() const override { return step_.is_fallback; }
  Precision precision() const override {
    return step_.kernel ? step_.kernel->precision().value_or(Precision::F32) : Precision::F32;
  }
  MemoryUse memory() const override {
    MemoryUse use;
    std::set<const void*> counted;  // several values may show the same memory
    std::map<const std::byte*, std::size_t> places;
    for (const Datum& value : run_.frame->values) {
      if (!value.is_tensor() || value.tensor().element_count() == 0) continue;
      const Tensor& tensor = value.tensor();
      if (tensor.buffer() == run_.frame->arena) {
        std::size_t& bytes = places[static_cast<const std::byte*>(tensor.raw())];
        bytes = std::max(bytes, tensor.size_bytes());
      } else if (counted.insert(tensor.buffer().get()).second) {
        use.buffer_bytes += tensor.buffer()->size_bytes();
      }
    }
    const std::byte* end = nullptr;  // of the places so far: parts lie within what they are joined to
    for (const auto& [place, bytes] : places) {
      if (place + bytes <= end) continue;
      use.arena_bytes += static_cast<std::size_t>(place + bytes - std::max(place, end));
      end = place + bytes;
    }
    return use;
  }

 private:
  const CpuProgram& program_;
  const Step& step_;
  Run& run_;
  Context context_;
};

namespace {

// What leaves a step that keeps its inputs (a sequence, say) must not show memory that others will reuse.
void detach(Datum& datum, const std::shared_ptr<Buffer>& arena) {
  if (datum.is_tensor() && datum.tensor().buffer() == arena) datum = datum.tensor().clone();
  if (datum.is_sequence())
    for (Datum& element : datum.sequence()) detach(element, arena);
}

}  // namespace

CpuProgram::CpuProgram(Graph lowered, const OpRegistry& ops, ThreadPool& pool, Precision precision,
                       WeightStore* weights)
    : graph_(std::move(lowered)), ops_(ops), pool_(pool) {
  constants_.resize(graph_.value_count());
  for (std::size_t i = 0; i < constants_.size(); ++i) {
    const Tensor& constant = graph_.value(ValueId{static_cast<std::int32_t>(i)}).constant;
    if (constant.is_defined()) constants_[i] = constant;
  }
  // Constants that every user has packed go at once: the packed ones need the room.
  const std::vector<std::vector<NodeId>> consumers = graph_.consumers();
  std::vector<std::size_t> users_left(consumers.size());
  std::ranges::transform(consumers, users_left.begin(), [](const auto& users) { return users.size(); });
  const auto was_packed = [&](ValueId constant) {
    const bool is_result = std::ranges::find(graph_.outputs, constant) != graph_.outputs.end();
    if (--users_left[index(constant)] > 0 || is_result || !graph_.is_constant(constant)) return;
    constants_[index(constant)] = Datum();
    graph_.value(constant).constant = Tensor();
  };
  for (const NodeId id : graph_.order()) {
    const Node& node = graph_.node(id);
    const OpDef& op = ops_.at(node);
    KernelChoice choice = choose_kernel(NodeView(graph_, node, op, weights, precision));
    if (choice.kernel) {
      const std::set<ValueId> inputs(node.inputs.begin(), node.inputs.end());
      for (const ValueId input : inputs) {
        bool reads = input == ValueId::None;
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
          reads = reads || (node.inputs[i] == input && choice.kernel->reads(i));
        if (!reads) was_packed(input);
      }
    }
    Step step{id, std::move(choice.kernel), choice.sharing, false, {}, {}};
    if (!step.kernel) {
      if (op.reference == nullptr)
        fail(ErrorCode::Unsupported, "{}: has neither kernel nor reference", describe(node));
      step.is_fallback = !choice.reference_is_kernel;
      for (const ValueId output : node.outputs)
        step.output_types.push_back(output == ValueId::None ? Type() : graph_.value(output).type);
      for_each_subgraph(node, [&](const Graph& body) {
        step.bodies.emplace(
            &body, std::make_unique<CpuProgram>(cpu::lower(body, ops_, precision), ops_, pool_, precision));
      });
    }
    steps_.push_back(std::move(step));
  }
  drop_what_nobody_reads();
  std::vector<StepShape> shapes;
  for (const Step& step : steps_) shapes.push_back({step.node, step.sharing, step.kernel != nullptr});
  planner_ = std::make_unique<ArenaPlanner>(graph_, shapes);
  frames_ = std::make_unique<FramePool>(*planner_, graph_.value_count());
}

// Kernels that packed their weights need neither the weights nor the steps that would widen them.
void CpuProgram::drop_what_nobody_reads() {
  std::vector<bool> is_read(graph_.value_count(), false);
  for (const ValueId output : graph_.outputs) is_read[index(output)] = true;
  std::vector<Step> kept;
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    const Node& node = graph_.node(step->node);
    const bool serves = std::ranges::any_of(
        node.outputs, [&](ValueId output) { return output != ValueId::None && is_read[index(output)]; });
    if (!serves) continue;
    if (step->kernel) {
      for (std::size_t i = 0; i < node.inputs.size(); ++i)
        if (node.inputs[i] != ValueId::None && step->kernel->reads(i)) is_read[index(node.inputs[i])] = true;
    } else {
      for (const ValueId used : uses(node)) is_read[index(used)] = true;
    }
    kept.push_back(std::move(*step));
  }
  std::ranges::reverse(kept);
  steps_ = std::move(kept);
  for (std::size_t i = 0; i < constants_.size(); ++i) {
    const ValueId id{static_cast<std::int32_t>(i)};
    if (is_read[i] || graph_.is_input(id)) continue;
    constants_[i] = Datum();
    graph_.value(id).constant = Tensor();
  }
}

std::vector<std::string> CpuProgram::fallbacks() const {
  std::vector<std::string> out;
  for (const Step& step : steps_) {
    if (step.is_fallback) out.push_back(describe(graph_.node(step.node)));
    for (const auto& [graph, body] : step.bodies)
      std::ranges::move(body->fallbacks(), std::back_inserter(out));
  }
  return out;
}

std::size_t CpuProgram::steps_in(Precision precision) const {
  std::size_t count = 0;
  for (const Step& step : steps_) {
    count += step.kernel && step.kernel->precision() == precision;
    for (const auto& [graph, body] : step.bodies) count += body->steps_in(precision);
  }
  return count;
}

void CpuProgram::run(std::span<const Datum> inputs, std::span<Datum> outputs, const RunOptions& options) {
  run_nested(inputs, {}, outputs, options);
}

void CpuProgram::run_nested(std::span<const Datum> inputs, std::span<const Datum> captured,
                            std::span<Datum> outputs, const RunOptions& options) {
  ensure(outputs.size() == graph_.outputs.size(), "a run with the wrong number of outputs");
  SymbolTable symbols;
  bind_inputs(graph_, inputs, symbols);
  for (std::size_t i = 0; i < captured.size(); ++i) {
    const Value& value = graph_.value(graph_.captures[i].inner);
    if (captured[i].is_tensor()) bind_sizes(value, captured[i], symbols);
  }
  Run run{frames_->acquire(symbols), outputs, options};
  for (std::size_t i = 0; i < inputs.size(); ++i) run.frame->values[index(graph_.inputs[i])] = inputs[i];
  for (std::size_t i = 0; i < captured.size(); ++i)
    run.frame->values[index(graph_.captures[i].inner)] = captured[i];

  const std::vector<std::vector<ValueId>>& dead = planner_->dead_after();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (options.cancelled != nullptr && options.cancelled->load(std::memory_order_relaxed))
      fail(ErrorCode::Cancelled, "run cancelled before {}", describe(graph_.node(steps_[i].node)));
    if (options.deadline && std::chrono::steady_clock::now() > *options.deadline)
      fail(ErrorCode::DeadlineExceeded, "run out of time before {}", describe(graph_.node(steps_[i].node)));
    if (options.observer == nullptr)
      run_step(steps_[i], run);
    else
      observe_step(steps_[i], run);
    for (const ValueId value : dead[i]) run.frame->values[index(value)] = Datum();
  }
  collect_outputs(run);
  frames_->release(std::move(run.frame));
}

void CpuProgram::observe_step(const Step& step, Run& run) {
  const Observed view(*this, step, run);
  run.options.observer->begin(view);
  run_step(step, run);
  run.options.observer->end(view);
}

void CpuProgram::run_step(const Step& step, Run& run) {
  if (!step.kernel) return run_reference(step, run);
  const Node& node = graph_.node(step.node);
  Context context(*this, node, run);
  naming(node, [&] { step.kernel->run(context); });
}

void CpuProgram::run_reference(const Step& step, Run& run) {
  const Node& node = graph_.node(step.node);
  const Context context(*this, node, run);
  std::vector<Datum> arguments;
  for (const ValueId input : node.inputs)
    arguments.push_back(input == ValueId::None ? Datum() : context.datum(input));
  ReferenceHost host;
  host.seed = run.options.seed + index(step.node);
  host.output_types = step.output_types;
  host.run_body = [&](const Graph& body, std::span<const Datum> inputs) {
    std::vector<Datum> captured;
    for (const Capture& capture : body.captures) captured.push_back(context.datum(capture.outer));
    std::vector<Datum> outputs(body.outputs.size());
    step.bodies.at(&body)->run_nested(inputs, captured, outputs, run.options);
    return outputs;
  };
  std::vector<Datum> results = atlas::run_reference(ops_, node, arguments, host);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (node.outputs[i] == ValueId::None) continue;
    detach(results[i], run.frame->arena);
    run.frame->values[index(node.outputs[i])] = std::move(results[i]);
  }
}

void CpuProgram::collect_outputs(Run& run) const {
  for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
    const ValueId id = graph_.outputs[i];
    const Datum& own = run.frame->values[index(id)];
    const Datum& result = own.is_empty() ? constants_[index(id)] : own;
    Datum& output = run.outputs[i];
    if (!result.is_tensor()) {
      output = result;
      continue;
    }
    const Tensor& tensor = result.tensor();
    if (output.is_tensor()) {
      if (output.tensor().raw() != tensor.raw()) copy_output(tensor, output.tensor(), graph_.value(id).name);
      continue;
    }
    // A result that shows the memory of an input, a constant or another output gets its own.
    const bool is_own = tensor.buffer().use_count() == 1;
    output = is_own ? tensor : tensor.clone();
  }
}

}  // namespace atlas::cpu
