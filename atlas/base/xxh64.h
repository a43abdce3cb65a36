// XXH64, a checksum that runs as fast as memory is read: against damage, not against malice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace atlas {

/// With seed 0, as specified at https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
std::uint64_t xxh64(std::span<const std::byte> bytes);

}  // namespace atlas
