// The version of Atlas.
#pragma once

namespace atlas {

/// "0.1.0": that of the CMake project.
const char* version();

}  // namespace atlas
