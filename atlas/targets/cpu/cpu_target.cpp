// The door of the CPU target.
#include "atlas/targets/cpu/cpu_target.h"

#include "atlas/ops/infer.h"
#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/isa.h"
#include "atlas/targets/cpu/kernels/switch.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/measured_roof.h"
#include "atlas/targets/cpu/program.h"
#include "atlas/targets/cpu/survey.h"

namespace atlas {
namespace {

class CpuTarget : public Target {
 public:
  std::string_view name() const override { return "cpu"; }
  std::unique_ptr<Program> compile(Graph graph, const OpRegistry& ops,
                                   const CompileOptions& options) const override {
    ensure(options.pool != nullptr, "compile for the CPU without a thread pool");
    return std::make_unique<cpu::CpuProgram>(cpu::lower(std::move(graph), ops, options.precision), ops,
                                             *options.pool, options.precision);
  }

  std::string lowering_key(Precision precision) const override {
    std::string key = "cpu " + std::string(cpu::name(cpu::active_isa()));
    if (precision != Precision::F32) key += " " + std::string(atlas::name(precision));
    for (const std::string& off : cpu::switched_off()) key += " without " + off;
    return key;
  }

  LoweredGraph lower(Graph graph, const OpRegistry& ops, Precision precision) const override {
    LoweredGraph out;
    out.graph = cpu::lower(std::move(graph), ops, precision);
    ThreadPool pool(1);
    cpu::WeightStore weights;
    const cpu::CpuProgram program(out.graph, ops, pool, precision, &weights);
    for (std::size_t i = 0; i < out.graph.value_count(); ++i) {
      const ValueId id{static_cast<std::int32_t>(i)};
      if (out.graph.is_constant(id) && !program.reads(id) && !weights.was_looked_at(id) &&
          may_be_packed_away(out.graph.value(id).constant.dtype()))
        out.packed_away.push_back(id);
    }
    out.packed = weights.take_packed();
    return out;
  }

  std::unique_ptr<Program> load(LoweredGraph lowered, const OpRegistry& ops,
                                const CompileOptions& options) const override {
    ensure(options.pool != nullptr, "load for the CPU without a thread pool");
    require(lowered.graph.functions.empty(), "a lowered graph with functions");
    infer_types(lowered.graph, ops);
    cpu::WeightStore weights(lowered);
    auto program =
        std::make_unique<cpu::CpuProgram>(lowered.graph, ops, *options.pool, options.precision, &weights);
    weights.check_all_given();
    for (const ValueId id : lowered.packed_away)
      require(!program->reads(id), "constant '{}': its elements were packed away",
              lowered.graph.value(id).name);
    return program;
  }

  bool multiplies(Precision precision) const override {
    return precision != Precision::Bf16 || cpu::has_bf16_products();
  }

  std::vector<NodeSupport> survey(const Graph& graph, const OpRegistry& ops) const override {
    return cpu::survey(graph, ops);
  }
  Roof measure_roof(ThreadPool& pool) const override { return cpu::measured_roof(pool); }
};

}  // namespace

std::unique_ptr<Target> cpu_target() {
  return std::make_unique<CpuTarget>();
}

}  // namespace atlas
