// Time and memory of a run, measured by the commands that run a model.
#pragma once

#include <cstdint>

namespace atlas::cli {

/// Most memory this process has had resident so far.
std::uint64_t peak_resident_bytes();

}  // namespace atlas::cli
