// What every image decoder is given: bytes, their name in messages, and a limit; and how it takes memory.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "atlas/tensor/tensor.h"

namespace atlas {

struct EncodedImage {
  std::span<const std::uint8_t> bytes;
  std::string_view where = "image";    // opens messages
  std::int64_t most_pixels = 1 << 27;  // width x height beyond which memory is not even asked for

  bool starts_with(std::string_view magic, std::size_t at = 0) const;
};

/// An uninitialised U8 tensor [height, width, 3]. Throws InvalidArgument on an extent below 1,
/// ResourceExhausted beyond the limit.
Tensor rgb_pixels(const EncodedImage& image, std::int64_t height, std::int64_t width);

}  // namespace atlas
