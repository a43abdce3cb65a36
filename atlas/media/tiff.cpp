// libtiff reading from memory, with handlers of its own file instead of its global ones.
#include "atlas/media/tiff.h"

#include <tiffio.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "atlas/base/error.h"

namespace atlas {
namespace {

constexpr tmsize_t kMostBytesAtOnce = tmsize_t{1} << 31;

struct Source {
  std::span<const std::uint8_t> bytes;
  std::uint64_t at = 0;
  std::string message;  // the first that the library gave
};

tmsize_t read(thandle_t handle, void* to, tmsize_t size) {
  auto& source = *static_cast<Source*>(handle);
  const std::uint64_t left = source.at < source.bytes.size() ? source.bytes.size() - source.at : 0;
  const auto count = static_cast<tmsize_t>(std::min<std::uint64_t>(left, static_cast<std::uint64_t>(size)));
  if (count > 0) std::memcpy(to, source.bytes.data() + source.at, static_cast<std::size_t>(count));
  source.at += static_cast<std::uint64_t>(count);
  return count;
}

tmsize_t refuse_write(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t seek(thandle_t handle, toff_t offset, int from) {
  auto& source = *static_cast<Source*>(handle);
  source.at = offset + (from == SEEK_CUR ? source.at : from == SEEK_END ? source.bytes.size() : 0);
  return source.at;
}

int close(thandle_t) {
  return 0;
}
toff_t size(thandle_t handle) {
  return static_cast<Source*>(handle)->bytes.size();
}

int on_error(TIFF*, void* data, const char*, const char* format, va_list arguments) {
  auto& message = static_cast<Source*>(data)->message;
  char buffer[256];
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  if (message.empty()) message = buffer;
  return 1;
}

int on_warning(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

}  // namespace

bool is_tiff(const EncodedImage& image) {
  return image.starts_with(std::string_view("II*\0", 4)) || image.starts_with(std::string_view("MM\0*", 4)) ||
         image.starts_with(std::string_view("II+\0", 4)) || image.starts_with(std::string_view("MM\0+", 4));
}

Tensor decode_tiff(const EncodedImage& image) {
  Source source{image.bytes};
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostBytesAtOnce);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, &source);
  const auto refuse = [&](std::string_view what) {
    fail(ErrorCode::InvalidArgument, "{}: TIFF: {}", image.where,
         source.message.empty() ? what : source.message);
  };
  // "m": the file is not to be mapped.
  const std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff(
      TIFFClientOpenExt(std::string(image.where).c_str(), "rm", &source, read, refuse_write, seek, close,
                        size, nullptr, nullptr, options.get()),
      &TIFFClose);
  if (!tiff) refuse("header is damaged");

  std::uint32_t width = 0;
  std::uint32_t height = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  char reason[1024] = "";
  if (!TIFFRGBAImageOK(tiff.get(), reason)) fail(ErrorCode::Unsupported, "{}: TIFF: {}", image.where, reason);
  Tensor out = rgb_pixels(image, height, width);
  std::vector<std::uint32_t> raster(std::size_t{width} * height);
  if (!TIFFReadRGBAImageOriented(tiff.get(), width, height, raster.data(), ORIENTATION_TOPLEFT, 1) ||
      !source.message.empty())
    refuse("data is damaged or cut short");
  std::uint8_t* to = out.values_mutable<std::uint8_t>().data();
  for (const std::uint32_t pixel : raster) {
    *to++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
    *to++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
    *to++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
  }
  return out;
}

}  // namespace atlas
