// How a compiled file lies on disk, for its reader and its writer.
//
//     magic, format (u32), bytes of the head (u32), checksum of the head (u64)
//     head: JSON
//     sections, each at a boundary of 64 bytes
//
// All little-endian. The head has the key, the ports and, of each section, offset, size and checksum; offsets
// count from the first boundary behind the head. A graph is a section of text in which large constants stand
// as inputs behind its own; a list in the head has the section of each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace atlas::compiled_layout {

// The line ends tell of copies that took the file for text.
inline constexpr std::array<char, 8> kMagic = {'\x89', 'A', 'T', 'L', 'A', 'S', '\r', '\n'};
inline constexpr std::uint32_t kFormat = 1;
inline constexpr std::size_t kAlignment = 64;
/// In place of a section of a constant whose elements only the packed weights have.
inline constexpr std::int64_t kPackedAway = -1;

struct Prefix {
  std::array<char, 8> magic = kMagic;
  std::uint32_t format = kFormat;
  std::uint32_t head_bytes = 0;
  std::uint64_t head_checksum = 0;
};
static_assert(sizeof(Prefix) == 24);

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace atlas::compiled_layout
