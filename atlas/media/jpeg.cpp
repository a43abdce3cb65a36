// libjpeg-turbo behind error handlers that come back here by longjmp; no object with a destructor lives
// between setjmp and the library's calls.
#include "atlas/media/jpeg.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// After <cstdio>, which they need and do not include.
#include <jerror.h>
#include <jpeglib.h>

#include "atlas/base/error.h"
#include "atlas/media/exif.h"
#include "atlas/media/image.h"

namespace atlas {
namespace {

constexpr int kMostScans = 200;  // a small progressive file can ask for endless work otherwise

struct ErrorTrap {
  jpeg_error_mgr manager;  // first: the library hands back its address
  std::jmp_buf back;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void jump_back(j_common_ptr info) {
  auto* trap = reinterpret_cast<ErrorTrap*>(info->err);
  info->err->format_message(info, trap->message);
  std::longjmp(trap->back, 1);
}

/// Level -1 is a warning: the data is damaged and the library would go on with made-up pixels.
void on_message(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  const bool harmless = code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
  if (level < 0 && !harmless) jump_back(info);
}

void on_progress(j_common_ptr info) {
  if (info->is_decompressor && reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMostScans) {
    auto* trap = reinterpret_cast<ErrorTrap*>(info->err);
    std::snprintf(trap->message, sizeof trap->message, "more than %d scans", kMostScans);
    std::longjmp(trap->back, 1);
  }
}

void set_trap(ErrorTrap& trap) {
  jpeg_std_error(&trap.manager);
  trap.manager.error_exit = jump_back;
  trap.manager.emit_message = on_message;
  trap.manager.output_message = [](j_common_ptr) {};
}

/// Releases a decompressor however its scope is left.
struct Decompressor {
  jpeg_decompress_struct info{};
  ErrorTrap trap{};
  jpeg_progress_mgr progress{};
  ~Decompressor() { jpeg_destroy_decompress(&info); }
};

bool start(Decompressor& jpeg, const EncodedImage& image) {
  set_trap(jpeg.trap);
  jpeg.info.err = &jpeg.trap.manager;
  if (setjmp(jpeg.trap.back)) return false;
  jpeg_create_decompress(&jpeg.info);
  jpeg.progress.progress_monitor = on_progress;
  jpeg.info.progress = &jpeg.progress;
  jpeg_mem_src(&jpeg.info, image.bytes.data(), image.bytes.size());
  jpeg_read_header(&jpeg.info, TRUE);
  const bool inks = jpeg.info.jpeg_color_space == JCS_CMYK || jpeg.info.jpeg_color_space == JCS_YCCK;
  jpeg.info.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  jpeg.info.dct_method = JDCT_ISLOW;
  return true;
}

/// Ink amounts to light; Adobe stores them inverted.
void cmyk_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, JDIMENSION width, bool inverted) {
  for (JDIMENSION x = 0; x < width; ++x)
    for (int c = 0; c < 3; ++c) {
      const int ink = cmyk[x * 4 + c];
      const int black = cmyk[x * 4 + 3];
      const int light = inverted ? ink * black : (255 - ink) * (255 - black);
      rgb[x * 3 + c] = static_cast<std::uint8_t>((light + 127) / 255);
    }
}

bool read_rows(Decompressor& jpeg, std::uint8_t* pixels, std::uint8_t* cmyk_row) {
  if (setjmp(jpeg.trap.back)) return false;
  jpeg_start_decompress(&jpeg.info);
  while (jpeg.info.output_scanline < jpeg.info.output_height) {
    std::uint8_t* to = pixels + std::size_t{jpeg.info.output_scanline} * jpeg.info.output_width * 3;
    JSAMPROW row = cmyk_row ? cmyk_row : to;
    jpeg_read_scanlines(&jpeg.info, &row, 1);
    if (cmyk_row) cmyk_to_rgb(cmyk_row, to, jpeg.info.output_width, jpeg.info.saw_Adobe_marker);
  }
  jpeg_finish_decompress(&jpeg.info);
  return true;
}

bool compress(jpeg_compress_struct& info, ErrorTrap& trap, const Tensor& image, const std::uint8_t* pixels,
              int quality, unsigned char** bytes, unsigned long* size) {
  if (setjmp(trap.back)) return false;
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, bytes, size);
  info.image_height = static_cast<JDIMENSION>(image.dim(0));
  info.image_width = static_cast<JDIMENSION>(image.dim(1));
  info.input_components = static_cast<int>(image.dim(2));
  info.in_color_space = image.dim(2) == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  const std::size_t row_bytes =
      std::size_t{info.image_width} * static_cast<std::size_t>(info.input_components);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(pixels + info.next_scanline * row_bytes);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

bool is_jpeg(const EncodedImage& image) {
  return image.starts_with("\xFF\xD8\xFF");
}

Tensor decode_jpeg(const EncodedImage& image) {
  Decompressor jpeg;
  if (!start(jpeg, image)) fail(ErrorCode::InvalidArgument, "{}: JPEG: {}", image.where, jpeg.trap.message);
  Tensor out = rgb_pixels(image, jpeg.info.image_height, jpeg.info.image_width);
  std::vector<std::uint8_t> cmyk_row;
  if (jpeg.info.out_color_space == JCS_CMYK) cmyk_row.resize(std::size_t{jpeg.info.image_width} * 4);
  if (!read_rows(jpeg, out.values_mutable<std::uint8_t>().data(),
                 cmyk_row.empty() ? nullptr : cmyk_row.data()))
    fail(ErrorCode::InvalidArgument, "{}: JPEG: {}", image.where, jpeg.trap.message);
  return out;
}

int jpeg_orientation(const EncodedImage& image) {
  const auto bytes = image.bytes;
  // Segments: FF, marker, length of what follows it (big-endian, itself included); pixels start at DA.
  for (std::size_t at = 2; at + 4 <= bytes.size() && bytes[at] == 0xFF && bytes[at + 1] != 0xDA;) {
    const std::size_t length = static_cast<std::size_t>(bytes[at + 2]) << 8 | bytes[at + 3];
    if (length < 2 || length > bytes.size() - at - 2) return 1;
    if (bytes[at + 1] == 0xE1 && length > 8 && image.starts_with(std::string_view("Exif\0\0", 6), at + 4))
      return exif_orientation(bytes.subspan(at + 10, length - 8));
    at += 2 + length;
  }
  return 1;
}

std::vector<std::uint8_t> encode_jpeg(const Tensor& image, int quality) {
  require(image.rank() == 3 && (image.dim(2) == 1 || image.dim(2) == 3) && image.element_count() > 0 &&
              image.dim(0) <= JPEG_MAX_DIMENSION && image.dim(1) <= JPEG_MAX_DIMENSION,
          "JPEG: expected u8[height,width,1 or 3] of 1 to {} pixels a side, got {}", JPEG_MAX_DIMENSION,
          text(image));
  require(quality >= 1 && quality <= 100, "JPEG: expected a quality of 1 to 100, got {}", quality);
  const std::uint8_t* pixels = image.values<std::uint8_t>().data();
  jpeg_compress_struct info{};
  ErrorTrap trap{};
  set_trap(trap);
  info.err = &trap.manager;
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool done = compress(info, trap, image, pixels, quality, &bytes, &size);
  jpeg_destroy_compress(&info);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(bytes, &std::free);
  if (!done) fail(ErrorCode::InvalidArgument, "JPEG: {}", trap.message);
  return {bytes, bytes + size};
}

}  // namespace atlas
