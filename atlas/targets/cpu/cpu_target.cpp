// The door of the CPU target.
#include "atlas/targets/cpu/cpu_target.h"

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
    return std::make_unique<cpu::CpuProgram>(std::move(graph), ops, *options.pool);
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
