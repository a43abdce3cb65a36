// Netpbm's formats by their manual pages: a header of words and comments, then samples.
#include "atlas/media/pnm.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {
namespace {

class Scanner {
 public:
  explicit Scanner(const EncodedImage& image) : image_(image) {}

  /// The next number of the header, or of a text raster.
  std::int64_t number() {
    skip_space();
    std::int64_t value = 0;
    const std::size_t first = at_;
    for (; at_ < image_.bytes.size() && is_digit(image_.bytes[at_]); ++at_) {
      value = value * 10 + (image_.bytes[at_] - '0');
      require(value < (1LL << 31), "{}: PNM: a number at byte {} is too large", image_.where, first);
    }
    require(at_ > first, "{}: PNM: expected a number at byte {}", image_.where, first);
    return value;
  }
  /// A bit of a text bitmap: digits need no space between them.
  int bit() {
    skip_space();
    const bool is_bit = at_ < image_.bytes.size() && (image_.bytes[at_] == '0' || image_.bytes[at_] == '1');
    require(is_bit, "{}: PNM: expected 0 or 1 at byte {}", image_.where, at_);
    return image_.bytes[at_++] - '0';
  }
  /// What follows the one space behind the header.
  std::span<const std::uint8_t> raster() const {
    return image_.bytes.subspan(std::min(at_ + 1, image_.bytes.size()));
  }
  std::size_t left() const { return image_.bytes.size() - at_; }

 private:
  static bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
  void skip_space() {
    for (; at_ < image_.bytes.size(); ++at_) {
      const std::uint8_t c = image_.bytes[at_];
      if (c == '#') {
        while (at_ < image_.bytes.size() && image_.bytes[at_] != '\n') ++at_;
        if (at_ == image_.bytes.size()) return;
      } else if (c != ' ' && (c < '\t' || c > '\r')) {
        return;
      }
    }
  }

  const EncodedImage& image_;
  std::size_t at_ = 2;
};

}  // namespace

bool is_pnm(const EncodedImage& image) {
  return image.bytes.size() > 2 && image.bytes[0] == 'P' && image.bytes[1] >= '1' && image.bytes[1] <= '6' &&
         (image.bytes[2] == '#' || image.bytes[2] == ' ' ||
          (image.bytes[2] >= '\t' && image.bytes[2] <= '\r'));
}

Tensor decode_pnm(const EncodedImage& image) {
  const int kind = image.bytes[1] - '0';
  const bool is_text = kind <= 3;
  const bool is_bitmap = kind == 1 || kind == 4;
  const std::int64_t channels = kind == 3 || kind == 6 ? 3 : 1;
  Scanner scanner(image);
  const std::int64_t width = scanner.number();
  const std::int64_t height = scanner.number();
  const std::int64_t most = is_bitmap ? 1 : scanner.number();
  require(most >= 1 && most <= 65535, "{}: PNM: expected a largest sample of 1 to 65535, got {}", image.where,
          most);

  const std::size_t sample_bytes = most > 255 ? 2 : 1;
  const std::int64_t row_samples = width * channels;
  const std::size_t row_bytes = is_bitmap ? static_cast<std::size_t>(width + 7) / 8
                                          : static_cast<std::size_t>(row_samples) * sample_bytes;
  const std::size_t least_bytes = is_text ? static_cast<std::size_t>(row_samples) : row_bytes;
  const std::size_t have = is_text ? scanner.left() : scanner.raster().size();
  require(width > 0 && height > 0 && least_bytes <= have / static_cast<std::size_t>(height),
          "{}: PNM: {}x{} pixels do not fit the {} bytes that follow", image.where, width, height, have);

  Tensor out = rgb_pixels(image, height, width);
  std::uint8_t* to = out.values_mutable<std::uint8_t>().data();
  const auto sample = [&](std::int64_t y, std::int64_t i) -> std::int64_t {
    if (is_text) return is_bitmap ? 1 - scanner.bit() : scanner.number();
    const std::uint8_t* row = scanner.raster().data() + static_cast<std::size_t>(y) * row_bytes;
    if (is_bitmap) return 1 - (row[i / 8] >> (7 - i % 8) & 1);
    return sample_bytes == 2 ? row[i * 2] << 8 | row[i * 2 + 1] : row[i];
  };
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t i = 0; i < row_samples; ++i) {
      const std::int64_t value = std::min(sample(y, i), most);
      const auto level = static_cast<std::uint8_t>((value * 255 + most / 2) / most);
      to = std::fill_n(to, channels == 1 ? 3 : 1, level);
    }
  return out;
}

}  // namespace atlas
