// The host's processor as a target.
#pragma once

#include "atlas/targets/target.h"

namespace atlas {

std::unique_ptr<Target> cpu_target();

}  // namespace atlas
