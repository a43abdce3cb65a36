// libspng with limits set; checksums are verified.
#include "atlas/media/png.h"

#include <spng.h>

#include <cstdlib>
#include <memory>

#include "atlas/base/error.h"
#include "atlas/media/image.h"

namespace atlas {
namespace {

constexpr std::size_t kMostChunkBytes = std::size_t{1} << 26;  // of texts, profiles and the like

using Context = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

Context context(int flags) {
  Context out(spng_ctx_new(flags), &spng_ctx_free);
  if (!out) fail(ErrorCode::ResourceExhausted, "PNG: no memory");
  return out;
}

void check(int status, std::string_view where) {
  if (status != SPNG_OK) fail(ErrorCode::InvalidArgument, "{}: PNG: {}", where, spng_strerror(status));
}

}  // namespace

bool is_png(const EncodedImage& image) {
  return image.starts_with("\x89PNG\r\n\x1A\n");
}

Tensor decode_png(const EncodedImage& image) {
  const Context png = context(0);
  check(spng_set_chunk_limits(png.get(), kMostChunkBytes, kMostChunkBytes), image.where);
  check(spng_set_png_buffer(png.get(), image.bytes.data(), image.bytes.size()), image.where);
  spng_ihdr header{};
  check(spng_get_ihdr(png.get(), &header), image.where);
  Tensor out = rgb_pixels(image, header.height, header.width);
  check(spng_decode_image(png.get(), out.raw_mutable(), out.size_bytes(), SPNG_FMT_RGB8, 0), image.where);
  return out;
}

std::vector<std::uint8_t> encode_png(const Tensor& image) {
  require(image.rank() == 3 && (image.dim(2) == 1 || image.dim(2) == 3 || image.dim(2) == 4) &&
              image.element_count() > 0 && image.dim(0) < (1LL << 31) && image.dim(1) < (1LL << 31),
          "PNG: expected u8[height,width,1, 3 or 4] of at least a pixel, got {}", text(image));
  const auto pixels = image.values<std::uint8_t>();
  const Context png = context(SPNG_CTX_ENCODER);
  check(spng_set_option(png.get(), SPNG_ENCODE_TO_BUFFER, 1), "encoding");
  spng_ihdr header{};
  header.height = static_cast<std::uint32_t>(image.dim(0));
  header.width = static_cast<std::uint32_t>(image.dim(1));
  header.bit_depth = 8;
  header.color_type = image.dim(2) == 1   ? SPNG_COLOR_TYPE_GRAYSCALE
                      : image.dim(2) == 3 ? SPNG_COLOR_TYPE_TRUECOLOR
                                          : SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
  check(spng_set_ihdr(png.get(), &header), "encoding");
  check(spng_encode_image(png.get(), pixels.data(), pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE),
        "encoding");
  int status = 0;
  std::size_t size = 0;
  const std::unique_ptr<void, decltype(&std::free)> bytes(spng_get_png_buffer(png.get(), &size, &status),
                                                          &std::free);
  check(status, "encoding");
  const auto* first = static_cast<const std::uint8_t*>(bytes.get());
  return {first, first + size};
}

}  // namespace atlas
