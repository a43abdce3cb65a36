// Loading and timing of a model, shared by the commands that run one.
#pragma once

#include <cstdint>

#include "atlas/base/stopwatch.h"
#include "atlas/formats/model_file.h"
#include "atlas/run/session.h"

namespace atlas::cli {

/// Most memory this process has had resident so far.
std::uint64_t peak_resident_bytes();

}  // namespace atlas::cli
