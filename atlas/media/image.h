// Pictures in files and bytes to U8 tensors [height, width, channels] and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

enum class PixelFormat { RGB, BGR, Grayscale };

struct DecodeOptions {
  std::string_view where = "image";    // opens messages
  std::int64_t most_pixels = 1 << 27;  // width x height beyond which a picture is refused
  bool turn_upright = true;            // as the camera noted in EXIF; JPEG only
};

/// U8 [height, width, 3], or [height, width, 1] for Grayscale. JPEG, PNG, WebP, TIFF, JPEG 2000, BMP and
/// portable any-maps, told apart by their first bytes. Alpha is dropped, 16-bit samples keep their high
/// byte, palettes are expanded. Grey is ITU-R 601 luma as Pillow rounds it:
/// (19595 R + 38470 G + 7471 B + 32768) >> 16.
/// Throws InvalidArgument on damaged bytes, Unsupported on unknown formats and variants,
/// ResourceExhausted beyond `most_pixels`.
Tensor decode_image(std::span<const std::uint8_t> bytes, PixelFormat format,
                    const DecodeOptions& options = {});

/// The same from a file, which names itself in messages.
Tensor read_image(const std::filesystem::path& path, PixelFormat format = PixelFormat::RGB);

/// RGB U8 [height, width, 3] in another format; the picture itself where that is RGB. Throws InvalidArgument
/// where it is no RGB.
Tensor in_format(const Tensor& rgb, PixelFormat format);

/// `image`: U8 [height, width, channels], channels 1 (grey), 3 (RGB) or, for PNG, 4 (RGBA).
/// `quality`: 1 to 100.
std::vector<std::uint8_t> encode_png(const Tensor& image);
std::vector<std::uint8_t> encode_jpeg(const Tensor& image, int quality = 90);

/// Writes PNG or JPEG by the ending of `path`. Throws Unsupported on other endings.
void write_image(const std::filesystem::path& path, const Tensor& image);

}  // namespace atlas
