// What a process can do: its operators and its targets. Passed to whoever needs it, never global.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "atlas/ops/ops.h"
#include "atlas/targets/target.h"

namespace atlas {

struct Registry {
  OpRegistry ops;
  std::vector<std::unique_ptr<Target>> targets;

  /// Throws NotFound, listing the targets there are.
  const Target& target(std::string_view name) const;
};

/// Everything that this build of Atlas brings.
Registry standard_registry();

}  // namespace atlas
