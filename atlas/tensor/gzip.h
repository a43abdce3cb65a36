// Text packed as gzip.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace atlas {

/// The bytes of a .gz file (RFC 1952) that holds `content`.
std::vector<std::uint8_t> gzip(std::string_view content);

}  // namespace atlas
