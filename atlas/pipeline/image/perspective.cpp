// The projective map from the crop to the picture, and bicubic sampling along it.
#include "atlas/pipeline/image/perspective.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

struct Projection {
  std::array<double, 9> m;

  Point operator()(double x, double y) const {
    const double w = m[6] * x + m[7] * y + m[8];
    return {static_cast<float>((m[0] * x + m[1] * y + m[2]) / w),
            static_cast<float>((m[3] * x + m[4] * y + m[5]) / w)};
  }
};

/// Maps (0,0), (width,0), (width,height), (0,height) to the corners: the unit square's map in closed form
/// (Heckbert 1989, section 2.2.3), scaled.
Projection onto(const Quad& q, double width, double height) {
  const double sum_x = static_cast<double>(q[0].x) - q[1].x + q[2].x - q[3].x;
  const double sum_y = static_cast<double>(q[0].y) - q[1].y + q[2].y - q[3].y;
  const Point right = q[1] - q[2];
  const Point below = q[3] - q[2];
  const double determinant = static_cast<double>(right.x) * below.y - static_cast<double>(right.y) * below.x;
  require(std::abs(determinant) > 1e-6, "perspective: expected corners that span an area");
  const double g = (sum_x * below.y - sum_y * below.x) / determinant;
  const double h = (right.x * sum_y - right.y * sum_x) / determinant;
  return {{(q[1].x - q[0].x + g * q[1].x) / width, (q[3].x - q[0].x + h * q[3].x) / height, q[0].x,
           (q[1].y - q[0].y + g * q[1].y) / width, (q[3].y - q[0].y + h * q[3].y) / height, q[0].y, g / width,
           h / height, 1}};
}

/// Keys' cubic convolution for the neighbours at -1, 0, 1 and 2.
std::array<float, 4> cubic_weights(float t) {
  constexpr float a = -0.75f;
  const auto near = [](float d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  const auto far = [](float d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
  return {far(1 + t), near(t), near(1 - t), far(2 - t)};
}

class Sampler {
 public:
  explicit Sampler(const Tensor& image)
      : pixels_(image.values<std::uint8_t>().data()),
        height_(image.dim(0)),
        width_(image.dim(1)),
        channels_(image.dim(2)) {}

  void sample(Point at, std::uint8_t* to) const {
    // Far outside, where edges repeat anyway, so that whole numbers hold.
    const float x = std::clamp(at.x, -2.0f, static_cast<float>(width_) + 2);
    const float y = std::clamp(at.y, -2.0f, static_cast<float>(height_) + 2);
    const auto left = static_cast<std::int64_t>(std::floor(x));
    const auto top = static_cast<std::int64_t>(std::floor(y));
    const auto across = cubic_weights(x - static_cast<float>(left));
    const auto down = cubic_weights(y - static_cast<float>(top));
    for (std::int64_t c = 0; c < channels_; ++c) {
      float sum = 0;
      for (std::int64_t j = 0; j < 4; ++j) {
        const std::uint8_t* row =
            pixels_ + std::clamp<std::int64_t>(top - 1 + j, 0, height_ - 1) * width_ * channels_;
        float along = 0;
        for (std::int64_t i = 0; i < 4; ++i)
          along += across[static_cast<std::size_t>(i)] *
                   row[std::clamp<std::int64_t>(left - 1 + i, 0, width_ - 1) * channels_ + c];
        sum += down[static_cast<std::size_t>(j)] * along;
      }
      to[c] = static_cast<std::uint8_t>(std::clamp(std::lround(sum), 0L, 255L));
    }
  }

 private:
  const std::uint8_t* pixels_;
  std::int64_t height_, width_, channels_;
};

}  // namespace

Tensor perspective_crop(const Tensor& image, const Quad& corners) {
  require(image.rank() == 3 && image.element_count() > 0,
          "perspective: expected u8[height,width,channels], got {}", text(image));
  const float width = std::max(distance(corners[0], corners[1]), distance(corners[3], corners[2]));
  const float height = std::max(distance(corners[0], corners[3]), distance(corners[1], corners[2]));
  const float most = 2 * static_cast<float>(image.dim(0) + image.dim(1));
  require(width >= 1 && height >= 1 && width <= most && height <= most,
          "perspective: expected sides of 1 to {} pixels, got {}x{}", most, width, height);
  Tensor out(DType::U8, {static_cast<std::int64_t>(height), static_cast<std::int64_t>(width), image.dim(2)});
  const Projection projection =
      onto(corners, static_cast<double>(out.dim(1)), static_cast<double>(out.dim(0)));
  const Sampler sampler(image);
  std::uint8_t* to = out.values_mutable<std::uint8_t>().data();
  for (std::int64_t y = 0; y < out.dim(0); ++y)
    for (std::int64_t x = 0; x < out.dim(1); ++x, to += image.dim(2))
      sampler.sample(projection(static_cast<double>(x), static_cast<double>(y)), to);
  return out;
}

}  // namespace atlas
