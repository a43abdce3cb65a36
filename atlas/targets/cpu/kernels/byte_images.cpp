// Both walk through bytes a vector at a time; signed ones become unsigned by their highest bit.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/byte_images.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "atlas/targets/cpu/kernels/byte_images.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/levels-inl.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"

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

/// The windows of a row of the output: of each of `row_count` rows of pixels some columns.
void max_row(const PoolShape& shape, const uint8_t* const* rows, size_t row_count, uint8_t flip, uint8_t* y) {
  const hn::ScalableTag<uint8_t> d;
  const size_t lanes = hn::Lanes(d), channels = shape.channels, step = shape.dilation[2] * channels;
  const auto flips = hn::Set(d, flip);
  for (size_t x = 0; x < shape.output[2]; ++x, y += channels) {
    // Taps from `begin` to `end` lie inside; cropping makes negative padding.
    const auto first = static_cast<std::ptrdiff_t>(x * shape.stride[2] - shape.pad_begin[2]);
    const auto tap_at = [&](std::ptrdiff_t pixels) {
      return pixels <= 0
                 ? 0
                 : std::min(shape.kernel[2], ceil_div(static_cast<size_t>(pixels), shape.dilation[2]));
    };
    const size_t begin = tap_at(-first), end = tap_at(static_cast<std::ptrdiff_t>(shape.input[2]) - first);
    const size_t at = (static_cast<size_t>(first) + begin * shape.dilation[2]) * channels;
    const auto largest = [&](size_t c, auto load) HWY_ATTR {
      auto v = hn::Zero(d);
      for (size_t r = 0; r < row_count; ++r) {
        const uint8_t* from = rows[r] + at + c;
        for (size_t tap = begin; tap < end; ++tap, from += step) v = hn::Max(v, hn::Xor(load(from), flips));
      }
      return hn::Xor(v, flips);
    };
    size_t c = 0;
    for (; c + lanes <= channels; c += lanes)
      hn::StoreU(largest(c, [&](const uint8_t* from) HWY_ATTR { return hn::LoadU(d, from); }), d, y + c);
    if (c == channels) continue;
    const size_t rest = channels - c;
    const auto load = [&](const uint8_t* from) HWY_ATTR { return load_partial(d, from, rest); };
    store_partial(largest(c, load), d, y + c, rest);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(add_run);
HWY_EXPORT(max_row);

void add_levels(const uint8_t* a, const Levels& a_levels, const uint8_t* b, const Levels& b_levels,
                size_t count, const Levels& y_levels, uint8_t* y, ThreadPool& pool) {
  constexpr size_t grain = 1 << 15;
  pool.parallel_for(count, grain, [&](size_t begin, size_t end) {
    ATLAS_DISPATCH(add_run)(a + begin, a_levels, b + begin, b_levels, end - begin, y_levels, y + begin);
  });
}

void max_pool_bytes(const PoolShape& shape, size_t batch, const uint8_t* x, bool is_signed, uint8_t* output,
                    ThreadPool& pool) {
  const uint8_t flip = is_signed ? 128 : 0;
  const size_t channels = shape.channels, row_bytes = shape.output[2] * channels;
  constexpr size_t bytes_per_task = 1 << 15;
  pool.parallel_for(
      batch * shape.output[0] * shape.output[1], 1 + bytes_per_task / (volume(shape.kernel) * row_bytes + 1),
      [&](size_t begin, size_t end) {
        std::vector<const uint8_t*> rows;
        for (size_t row = begin; row < end; ++row) {
          rows.clear();
          const size_t y = row % shape.output[1], z = row / shape.output[1] % shape.output[0];
          const size_t image = row / shape.output[1] / shape.output[0];
          for (size_t tap_z = 0; tap_z < shape.kernel[0]; ++tap_z)
            for (size_t tap_y = 0; tap_y < shape.kernel[1]; ++tap_y) {
              const size_t at_z = z * shape.stride[0] + tap_z * shape.dilation[0] - shape.pad_begin[0];
              const size_t at_y = y * shape.stride[1] + tap_y * shape.dilation[1] - shape.pad_begin[1];
              if (at_z >= shape.input[0] || at_y >= shape.input[1]) continue;  // negative ones have wrapped
              rows.push_back(x + ((image * shape.input[0] + at_z) * shape.input[1] + at_y) * shape.input[2] *
                                     channels);
            }
          ATLAS_DISPATCH(max_row)(shape, rows.data(), rows.size(), flip, output + row * row_bytes);
        }
      });
}

}  // namespace atlas::cpu
#endif
