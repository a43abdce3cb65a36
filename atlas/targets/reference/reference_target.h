// The reference implementations as a target: slow, and what every other target is held against.
#pragma once

#include "atlas/targets/target.h"

namespace atlas {

/// Runs on the calling thread alone. No node of it is a fallback.
std::unique_ptr<Target> reference_target();

}  // namespace atlas
