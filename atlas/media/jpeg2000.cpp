// OpenJPEG reading from memory.
#include "atlas/media/jpeg2000.h"

#include <openjpeg.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "atlas/base/error.h"

namespace atlas {
namespace {

constexpr std::string_view kBoxMagic("\0\0\0\x0CjP  \r\n\x87\n", 12);
constexpr std::string_view kStreamMagic("\xFF\x4F\xFF\x51", 4);

struct Source {
  std::span<const std::uint8_t> bytes;
  std::uint64_t at = 0;
};

OPJ_SIZE_T read(void* to, OPJ_SIZE_T size, void* data) {
  auto& source = *static_cast<Source*>(data);
  const std::uint64_t count = std::min<std::uint64_t>(size, source.bytes.size() - source.at);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);  // the end
  std::memcpy(to, source.bytes.data() + source.at, count);
  source.at += count;
  return count;
}

OPJ_BOOL seek(OPJ_OFF_T to, void* data) {
  auto& source = *static_cast<Source*>(data);
  if (to < 0 || static_cast<std::uint64_t>(to) > source.bytes.size()) return OPJ_FALSE;
  source.at = static_cast<std::uint64_t>(to);
  return OPJ_TRUE;
}

OPJ_OFF_T skip(OPJ_OFF_T count, void* data) {
  auto& source = *static_cast<Source*>(data);
  return seek(static_cast<OPJ_OFF_T>(source.at) + count, data) ? count : -1;
}

void on_error(const char* message, void* data) {
  auto& first = *static_cast<std::string*>(data);
  if (!first.empty()) return;
  first = message;
  first.erase(first.find_last_not_of('\n') + 1);
}

/// The sample of a component at a pixel of the picture, brought to 0..255.
class Component {
 public:
  Component(const opj_image_t& picture, const opj_image_comp_t& component)
      : samples_(component.data),
        width_(component.w),
        step_x_(component.dx),
        step_y_(component.dy),
        offset_(component.sgnd ? 1LL << (component.prec - 1) : 0),
        most_((1LL << component.prec) - 1),
        left_(component.x0),
        top_(component.y0),
        picture_left_(picture.x0),
        picture_top_(picture.y0),
        height_(component.h) {}

  int at(std::int64_t y, std::int64_t x) const {
    const std::int64_t column =
        std::clamp<std::int64_t>((picture_left_ + x) / step_x_ - left_, 0, width_ - 1);
    const std::int64_t row = std::clamp<std::int64_t>((picture_top_ + y) / step_y_ - top_, 0, height_ - 1);
    const std::int64_t value = std::clamp<std::int64_t>(samples_[row * width_ + column] + offset_, 0, most_);
    return static_cast<int>(most_ == 255 ? value : (value * 255 + most_ / 2) / most_);
  }

 private:
  const OPJ_INT32* samples_;
  std::int64_t width_, step_x_, step_y_, offset_, most_, left_, top_, picture_left_, picture_top_, height_;
};

std::uint8_t level(double value) {
  return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

void write_pixels(const opj_image_t& picture, Tensor& out) {
  const Component first(picture, picture.comps[0]);
  const bool coloured = picture.numcomps >= 3;
  const Component second(picture, picture.comps[coloured ? 1 : 0]);
  const Component third(picture, picture.comps[coloured ? 2 : 0]);
  const bool luma_chroma = coloured && picture.color_space == OPJ_CLRSPC_SYCC;
  std::uint8_t* to = out.values_mutable<std::uint8_t>().data();
  for (std::int64_t y = 0; y < out.dim(0); ++y)
    for (std::int64_t x = 0; x < out.dim(1); ++x, to += 3) {
      const int a = first.at(y, x);
      const int b = second.at(y, x);
      const int c = third.at(y, x);
      if (luma_chroma) {  // IEC 61966-2-1 Amendment 1
        to[0] = level(a + 1.402 * (c - 128));
        to[1] = level(a - 0.344136 * (b - 128) - 0.714136 * (c - 128));
        to[2] = level(a + 1.772 * (b - 128));
      } else {
        to[0] = static_cast<std::uint8_t>(a);
        to[1] = static_cast<std::uint8_t>(b);
        to[2] = static_cast<std::uint8_t>(c);
      }
    }
}

}  // namespace

bool is_jpeg2000(const EncodedImage& image) {
  return image.starts_with(kBoxMagic) || image.starts_with(kStreamMagic);
}

Tensor decode_jpeg2000(const EncodedImage& image) {
  std::string message;
  const auto check = [&](bool done, std::string_view what) {
    require(done, "{}: JPEG 2000: {}", image.where, message.empty() ? what : message);
  };
  const std::unique_ptr<opj_codec_t, decltype(&opj_destroy_codec)> codec(
      opj_create_decompress(image.starts_with(kBoxMagic) ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K),
      &opj_destroy_codec);
  opj_set_error_handler(codec.get(), on_error, &message);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  check(opj_setup_decoder(codec.get(), &parameters), "decoder cannot be set up");

  Source source{image.bytes};
  const std::unique_ptr<opj_stream_t, decltype(&opj_stream_destroy)> stream(
      opj_stream_default_create(OPJ_TRUE), &opj_stream_destroy);
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), image.bytes.size());
  opj_stream_set_read_function(stream.get(), read);
  opj_stream_set_seek_function(stream.get(), seek);
  opj_stream_set_skip_function(stream.get(), skip);

  opj_image_t* raw = nullptr;
  const bool has_header = opj_read_header(stream.get(), codec.get(), &raw);
  const std::unique_ptr<opj_image_t, decltype(&opj_image_destroy)> picture(raw, &opj_image_destroy);
  check(has_header && picture, "header is damaged or cut short");
  require(picture->x1 > picture->x0 && picture->y1 > picture->y0 && picture->numcomps >= 1 &&
              picture->numcomps <= 8,
          "{}: JPEG 2000: expected 1 to 8 components of at least a pixel, got {}", image.where,
          picture->numcomps);
  Tensor out = rgb_pixels(image, picture->y1 - picture->y0, picture->x1 - picture->x0);
  check(opj_decode(codec.get(), stream.get(), picture.get()) && opj_end_decompress(codec.get(), stream.get()),
        "data is damaged or cut short");
  for (std::uint32_t i = 0; i < picture->numcomps; ++i) {
    const opj_image_comp_t& component = picture->comps[i];
    check(component.data && component.w > 0 && component.h > 0 && component.dx > 0 && component.dy > 0 &&
              component.prec >= 1 && component.prec <= 31,
          "a component is missing or damaged");
  }
  write_pixels(*picture, out);
  return out;
}

}  // namespace atlas
