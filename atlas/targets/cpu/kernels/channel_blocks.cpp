// Transposes of 16 channels by some positions.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/channel_blocks.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/transpose4x4-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// to[j * to_stride + i] = from[i * from_stride + j] for i < rows, j < columns.
void transpose_part(const float* from, size_t from_stride, size_t rows, size_t columns, float* to,
                    size_t to_stride) {
  const hn::FixedTag<float, 4> d;
  size_t i = 0;
  for (; i + 4 <= rows; i += 4) {
    const float* row = from + i * from_stride;
    size_t j = 0;
    for (; j + 4 <= columns; j += 4)
      store_transposed(d, hn::LoadU(d, row + j), hn::LoadU(d, row + from_stride + j),
                       hn::LoadU(d, row + 2 * from_stride + j), hn::LoadU(d, row + 3 * from_stride + j),
                       to + j * to_stride + i, to_stride);
    for (; j < columns; ++j)
      for (size_t k = 0; k < 4; ++k) to[j * to_stride + i + k] = row[k * from_stride + j];
  }
  for (; i < rows; ++i)
    for (size_t j = 0; j < columns; ++j) to[j * to_stride + i] = from[i * from_stride + j];
}

/// Pictures have three channels: fewer than transpose_part turns at a time.
void interleave(const float* from, size_t from_stride, size_t channels, size_t positions, float* to) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  if (channels == 3)
    for (; i + lanes <= positions; i += lanes)
      hn::StoreInterleaved3(hn::LoadU(d, from + i), hn::LoadU(d, from + from_stride + i),
                            hn::LoadU(d, from + 2 * from_stride + i), d, to + 3 * i);
  transpose_part(from + i, from_stride, channels, positions - i, to + i * channels, channels);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(transpose_part);
HWY_EXPORT(interleave);

namespace {

/// Calls visit(image and channel block, channels of it, first position, count) for parts that fill a page or
/// two of memory.
template <class Visit>
void for_parts(size_t batch, size_t channels, size_t positions, ThreadPool& pool, Visit visit) {
  constexpr size_t part = 256;
  const size_t blocks = (channels + channel_block - 1) / channel_block;
  const size_t parts = (positions + part - 1) / part;
  const size_t grain = 1 + 16384 / (std::min(part, positions) * channel_block + 1);
  pool.parallel_for(batch * blocks * parts, grain, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) {
      const size_t image = task / parts / blocks, block = task / parts % blocks, first = task % parts * part;
      visit(image * channels + block * channel_block, image * blocks + block,
            std::min(channel_block, channels - block * channel_block), first,
            std::min(part, positions - first));
    }
  });
}

}  // namespace

void block_channels(size_t batch, size_t channels, size_t positions, const float* plain, float* blocked,
                    ThreadPool& pool) {
  for_parts(batch, channels, positions, pool,
            [&](size_t channel, size_t block, size_t lanes, size_t first, size_t count) {
              float* to = blocked + (block * positions + first) * channel_block;
              if (lanes < channel_block) std::fill_n(to, count * channel_block, 0.0f);
              ATLAS_DISPATCH(transpose_part)
              (plain + channel * positions + first, positions, lanes, count, to, channel_block);
            });
}

void unblock_channels(size_t batch, size_t channels, size_t positions, const float* blocked, float* plain,
                      ThreadPool& pool) {
  for_parts(batch, channels, positions, pool,
            [&](size_t channel, size_t block, size_t lanes, size_t first, size_t count) {
              ATLAS_DISPATCH(transpose_part)
              (blocked + (block * positions + first) * channel_block, channel_block, count, lanes,
               plain + channel * positions + first, positions);
            });
}

namespace {

/// `count` lanes of each position: a number that the compiler knows where it is a usual one.
template <typename T, class Count>
void copy_lanes(Count count, size_t positions, const T* from, T* to) {
  for (size_t i = 0; i < positions; ++i, from += channel_block, to += channel_block)
    std::memcpy(to, from, count * sizeof(T));
}

template <typename T>
void copy_some_lanes(size_t count, size_t positions, const T* from, T* to) {
  if (count == 16) return copy_lanes(std::integral_constant<size_t, 16>(), positions, from, to);
  if (count == 8) return copy_lanes(std::integral_constant<size_t, 8>(), positions, from, to);
  if (count == 4) return copy_lanes(std::integral_constant<size_t, 4>(), positions, from, to);
  copy_lanes(count, positions, from, to);
}

template <typename T>
void append(size_t channels, size_t positions, const T* from, size_t at, T* to, ThreadPool& pool) {
  const size_t plane = positions * channel_block;
  for_parts(1, channels, positions, pool,
            [&](size_t channel, size_t, size_t lanes, size_t first, size_t count) {
              const size_t target = at + channel, lane = target % channel_block;
              const T* source = from + channel / channel_block * plane + first * channel_block;
              T* block = to + target / channel_block * plane + first * channel_block;
              const size_t here = std::min(lanes, channel_block - lane);
              copy_some_lanes(here, count, source, block + lane);
              if (here < lanes) copy_some_lanes(lanes - here, count, source + here, block + plane);
            });
}

}  // namespace

void append_channels(size_t channels, size_t positions, Numbers<const std::byte> from, size_t at,
                     Numbers<std::byte> to, ThreadPool& pool) {
  ensure(from.rounded == to.rounded, "images of two types put together");
  with_number_type(from.rounded, [&](auto number) {
    using T = decltype(number);
    append(channels, positions, from.as<T>(), at, to.as<T>(), pool);
  });
}

void interleave_channels(const float* from, size_t from_stride, size_t channels, size_t positions,
                         float* to) {
  ATLAS_DISPATCH(interleave)(from, from_stride, channels, positions, to);
}

std::vector<float> lanes_of(const float* values, size_t channels) {
  std::vector<float> lanes((channels + channel_block - 1) / channel_block * channel_block, 0.0f);
  if (values) std::copy_n(values, channels, lanes.data());
  return lanes;
}

}  // namespace atlas::cpu
#endif
