// The list of targets.
#include "atlas/run/registry.h"

#include "atlas/base/error.h"
#include "atlas/targets/cpu/cpu_target.h"
#include "atlas/targets/reference/reference_target.h"

namespace atlas {

const Target& Registry::target(std::string_view name) const {
  std::string known;
  for (const std::unique_ptr<Target>& target : targets) {
    if (target->name() == name) return *target;
    known += known.empty() ? "" : ", ";
    known += target->name();
  }
  fail(ErrorCode::NotFound, "target '{}': expected one of {}", name, known);
}

Registry standard_registry() {
  Registry registry;
  registry.ops = standard_ops();
  registry.targets.push_back(cpu_target());
  registry.targets.push_back(reference_target());
  return registry;
}

}  // namespace atlas
