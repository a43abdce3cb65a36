// Moore's neighbour tracing, one walk around each region, which is then marked as done.
#include "atlas/pipeline/image/contours.h"

#include <array>

#include "atlas/base/error.h"

namespace atlas {
namespace {

struct Pixel {
  std::int64_t x = 0;
  std::int64_t y = 0;
  bool operator==(const Pixel&) const = default;
};

// The eight neighbours in turn from the right, clockwise as seen.
constexpr std::array<Pixel, 8> kAround = {
    {{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}, {0, -1}, {1, -1}}};

class Regions {
 public:
  explicit Regions(const Tensor& mask)
      : pixels_(mask.values<std::uint8_t>()),
        height_(mask.dim(0)),
        width_(mask.dim(1)),
        done_(pixels_.size()) {}

  bool opens_region(Pixel pixel) const { return is_inside(pixel) && !done_[index(pixel)]; }

  /// `first`: the region's first pixel in reading order, so that nothing lies before it.
  Polygon trace(Pixel first) const {
    Polygon border;
    constexpr int kFromLeft = 5;
    int direction = next_direction(first, kFromLeft);
    const int first_direction = direction;
    Pixel at = first;
    do {
      border.push_back({static_cast<float>(at.x), static_cast<float>(at.y)});
      if (direction < 0) break;  // a single pixel
      at = step(at, direction);
      // Go on from the neighbour that was last found to be outside.
      direction = next_direction(at, direction % 2 == 0 ? direction + 6 : direction + 5);
    } while (at != first || direction != first_direction);
    return border;
  }

  void mark(Pixel first) {
    std::vector<Pixel> open{first};
    done_[index(first)] = true;
    while (!open.empty()) {
      const Pixel at = open.back();
      open.pop_back();
      for (int direction = 0; direction < 8; ++direction) {
        const Pixel next = step(at, direction);
        if (!opens_region(next)) continue;
        done_[index(next)] = true;
        open.push_back(next);
      }
    }
  }

 private:
  std::size_t index(Pixel pixel) const { return static_cast<std::size_t>(pixel.y * width_ + pixel.x); }
  bool is_inside(Pixel pixel) const {
    return pixel.x >= 0 && pixel.x < width_ && pixel.y >= 0 && pixel.y < height_ &&
           pixels_[index(pixel)] != 0;
  }
  static Pixel step(Pixel pixel, int direction) {
    const Pixel by = kAround[static_cast<std::size_t>(direction)];
    return {pixel.x + by.x, pixel.y + by.y};
  }
  int next_direction(Pixel at, int from) const {
    for (int i = 0; i < 8; ++i)
      if (is_inside(step(at, (from + i) % 8))) return (from + i) % 8;
    return -1;
  }

  std::span<const std::uint8_t> pixels_;
  std::int64_t height_, width_;
  std::vector<bool> done_;
};

}  // namespace

std::vector<Polygon> outer_contours(const Tensor& mask, std::size_t most) {
  require(mask.rank() == 2, "contours: expected a mask u8[height,width], got {}", text(mask));
  Regions regions(mask);
  std::vector<Polygon> out;
  for (std::int64_t y = 0; y < mask.dim(0); ++y)
    for (std::int64_t x = 0; x < mask.dim(1) && out.size() < most; ++x) {
      if (!regions.opens_region({x, y})) continue;
      out.push_back(regions.trace({x, y}));
      regions.mark({x, y});
    }
  return out;
}

}  // namespace atlas
