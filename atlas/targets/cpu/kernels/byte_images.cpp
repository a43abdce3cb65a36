// Both walk through bytes a vector at a time; signed ones become unsigned by their highest bit.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/byte_images.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "atlas/targets/cpu/kernels/byte_images.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/levels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void add_run(const uint8_t* a, const Levels& a_levels, const uint8_t* b, const Levels& b_levels, size_t count,
             const Levels& y_levels, uint8_t* y) {
  const LevelRounder::DF df;
  const LevelRounder::D8 d8;
  const hn::ScalableTag<int32_t> d32;
  constexpr size_t lanes = hn::MaxLanes(d32);
  const LevelRounder round(y_levels.type);
  const auto flip = [](const Levels& levels) {
    return static_cast<uint8_t>(levels.type.is_signed ? 128 : 0);
  };
  const auto flip_a = hn::Set(d8, flip(a_levels)), flip_b = hn::Set(d8, flip(b_levels));
  const auto a_scale = hn::Set(df, a_levels.scale / y_levels.scale);
  const auto b_scale = hn::Set(df, b_levels.scale / y_levels.scale);
  const auto zero_a = hn::Set(d32, a_levels.type.zero_point + flip(a_levels));
  const auto zero_b = hn::Set(d32, b_levels.type.zero_point + flip(b_levels));
  const auto real = [&](const uint8_t* at_a, const uint8_t* at_b) HWY_ATTR {
    const auto real_a = hn::Sub(hn::PromoteTo(d32, hn::Xor(hn::LoadU(d8, at_a), flip_a)), zero_a);
    const auto real_b = hn::Sub(hn::PromoteTo(d32, hn::Xor(hn::LoadU(d8, at_b), flip_b)), zero_b);
    return hn::MulAdd(hn::ConvertTo(df, real_a), a_scale, hn::Mul(hn::ConvertTo(df, real_b), b_scale));
  };
  for (; count >= 4 * lanes; count -= 4 * lanes, a += 4 * lanes, b += 4 * lanes, y += 4 * lanes)
    hn::StoreU(round(real(a, b), real(a + lanes, b + lanes), real(a + 2 * lanes, b + 2 * lanes),
                     real(a + 3 * lanes, b + 3 * lanes)),
               LevelRounder::Bytes(), y);
  for (; count >= lanes; count -= lanes, a += lanes, b += lanes, y += lanes)
    hn::StoreU(round(real(a, b)), d8, y);
  if (count == 0) return;
  uint8_t rest_a[lanes] = {}, rest_b[lanes] = {}, rest_y[lanes];
  std::memcpy(rest_a, a, count);
  std::memcpy(rest_b, b, count);
  hn::StoreU(round(real(rest_a, rest_b)), d8, rest_y);
  std::memcpy(y, rest_y, count);
}

/// y[i] = the largest of y[i] and x[i], both exclusive-ored with `flip`.
void take_largest(const uint8_t* x, size_t count, uint8_t flip, uint8_t* y) {
  const hn::ScalableTag<uint8_t> d;
  const size_t lanes = hn::Lanes(d);
  const auto flips = hn::Set(d, flip);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(
        hn::Xor(hn::Max(hn::Xor(hn::LoadU(d, x + i), flips), hn::Xor(hn::LoadU(d, y + i), flips)), flips), d,
        y + i);
  for (; i < count; ++i) y[i] = static_cast<uint8_t>(std::max(x[i] ^ flip, y[i] ^ flip) ^ flip);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(add_run);
HWY_EXPORT(take_largest);

void add_levels(const uint8_t* a, const Levels& a_levels, const uint8_t* b, const Levels& b_levels,
                size_t count, const Levels& y_levels, uint8_t* y, ThreadPool& pool) {
  constexpr size_t grain = 1 << 15;
  pool.parallel_for(count, grain, [&](size_t begin, size_t end) {
    ATLAS_DISPATCH(add_run)(a + begin, a_levels, b + begin, b_levels, end - begin, y_levels, y + begin);
  });
}

void max_pool_bytes(const PoolShape& shape, size_t batch, const uint8_t* x, bool is_signed, uint8_t* y,
                    ThreadPool& pool) {
  const auto [depth, height, width] = shape.output;
  const uint8_t flip = is_signed ? 128 : 0;
  const size_t taps = volume(shape.kernel), channels = shape.channels;
  constexpr size_t bytes_per_task = 1 << 15;
  const auto take = ATLAS_DISPATCH(take_largest);
  pool.parallel_for(
      batch * volume(shape.output), 1 + bytes_per_task / (taps * channels + 1),
      [&, height = height, width = width, depth = depth](size_t begin, size_t end) {
        for (size_t pixel = begin; pixel < end; ++pixel) {
          const Spatial window = {pixel / (width * height) % depth, pixel / width % height, pixel % width};
          uint8_t* to = y + pixel * channels;
          std::memset(to, flip, channels);
          for (size_t tap = 0; tap < taps; ++tap) {
            const Spatial offset = {tap / (shape.kernel[2] * shape.kernel[1]),
                                    tap / shape.kernel[2] % shape.kernel[1], tap % shape.kernel[2]};
            size_t from = pixel / volume(shape.output);
            bool inside = true;
            for (size_t d = 0; d < 3; ++d) {
              const size_t at =
                  window[d] * shape.stride[d] + offset[d] * shape.dilation[d] - shape.pad_begin[d];
              inside = inside && at < shape.input[d];  // negative ones have wrapped
              from = from * shape.input[d] + at;
            }
            if (inside) take(x + from * channels, channels, flip, to);
          }
        }
      });
}

}  // namespace atlas::cpu
#endif
