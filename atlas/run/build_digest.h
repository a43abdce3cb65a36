// Which sources this Atlas was built from.
#pragma once

namespace atlas {

/// A digest of all sources that decide how graphs are lowered and weights are packed: what is kept compiled
/// is read by the build alone that wrote it.
const char* build_digest();

}  // namespace atlas
