// Sums the taps over whole planes, whose rows follow each other with a few unused positions in between.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/depthwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>

#include "atlas/targets/cpu/kernels/conv_planes.h"
#include "atlas/targets/cpu/kernels/depthwise.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/scratch.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// sums[i] = sum over taps of weights[tap] * from[taps[tap] + i], in whole vectors from 0 up to `count`.
void sum_taps(const float* from, const size_t* taps, const float* weights, size_t k, size_t count,
              float* sums) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    auto s0 = hn::Zero(d), s1 = hn::Zero(d), s2 = hn::Zero(d), s3 = hn::Zero(d);
    for (size_t tap = 0; tap < k; ++tap) {
      const float* at = from + taps[tap] + i;
      const auto weight = hn::Set(d, weights[tap]);
      s0 = hn::MulAdd(weight, hn::LoadU(d, at), s0);
      s1 = hn::MulAdd(weight, hn::LoadU(d, at + lanes), s1);
      s2 = hn::MulAdd(weight, hn::LoadU(d, at + 2 * lanes), s2);
      s3 = hn::MulAdd(weight, hn::LoadU(d, at + 3 * lanes), s3);
    }
    hn::StoreU(s0, d, sums + i);
    hn::StoreU(s1, d, sums + i + lanes);
    hn::StoreU(s2, d, sums + i + 2 * lanes);
    hn::StoreU(s3, d, sums + i + 3 * lanes);
  }
  for (; i < count; i += lanes) {
    auto sum = hn::Zero(d);
    for (size_t tap = 0; tap < k; ++tap)
      sum = hn::MulAdd(hn::Set(d, weights[tap]), hn::LoadU(d, from + taps[tap] + i), sum);
    hn::StoreU(sum, d, sums + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(sum_taps);

void depthwise_conv(const ConvShape& shape, const float* weights, const float* input, float* output,
                    const Epilogue& epilogue, ThreadPool& pool) {
  const ConvPlanes planes(shape);
  const Spatial out = shape.output();
  const size_t taps = volume(shape.kernel), positions = volume(out), input_size = volume(shape.input);
  Scratch offset_memory(taps * sizeof(size_t));
  size_t* offsets = offset_memory.as<size_t>();
  planes.tap_offsets(shape, offsets);

  // A strip of output rows: so many that its sums stay in the first cache.
  constexpr size_t strip_floats = 2048;
  const size_t strip = std::min(out[1], strip_floats / planes.extent[2] + 1);
  const size_t strips = (out[1] + strip - 1) / strip;
  const size_t multiplier = shape.group_out(), strip_size = strip * planes.extent[2] + plane_slack;
  // Small channels go several at a time through each step: a vector load that spans stores just made would
  // wait for them.
  constexpr size_t batch_floats = 4096;
  const size_t together = batch_floats / planes.channel_size + 1;
  constexpr size_t operations_per_task = 50000;
  const size_t grain = operations_per_task / std::max<size_t>(1, multiplier * taps * positions) + 1;
  pool.parallel_for(shape.batch * shape.groups, grain, [&](size_t begin, size_t end) {
    Scratch memory((together * (planes.channel_size + strip_size) + 2 * plane_slack) * sizeof(float));
    float* split = memory.as<float>();
    float* sums = split + together * planes.channel_size + plane_slack;
    std::fill_n(split + together * planes.channel_size, plane_slack, 0.0f);
    const auto sum = ATLAS_DISPATCH(sum_taps);
    for (size_t first = begin; first < end; first += together) {
      const size_t count = std::min(together, end - first);
      for (size_t i = 0; i < count; ++i)
        planes.split(input + (first + i) * input_size, 0, split + i * planes.channel_size);
      for (size_t m = 0; m < multiplier; ++m) {
        const auto index = [&](size_t i) { return (first + i) * multiplier + m; };
        for (size_t part = 0; part < out[0] * strips; ++part) {
          const size_t o0 = part / strips, o1 = part % strips * strip, rows = std::min(strip, out[1] - o1);
          // The sums run from the first to the last output of the strip, unused positions between rows
          // included.
          const size_t length = (rows - 1) * planes.extent[2] + out[2];
          for (size_t i = 0; i < count; ++i)
            sum(split + i * planes.channel_size + planes.position_offset(o0, o1, 0), offsets,
                weights + index(i) % shape.out_channels * taps, taps, length, sums + i * strip_size);
          for (size_t i = 0; i < count; ++i) {
            const size_t at = index(i) * positions + (o0 * out[1] + o1) * out[2];
            compact_rows(sums + i * strip_size, planes.extent[2], rows, out[2], output + at);
            Epilogue own = epilogue;
            if (own.row_bias) own.row_bias += index(i) % shape.out_channels;
            if (own.residual) own.residual += at;
            apply(own, output + at, rows * out[2], 1, rows * out[2]);
          }
        }
      }
    }
  });
}

}  // namespace atlas::cpu
#endif
