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
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    auto low = hn::Zero(d), high = hn::Zero(d);
    for (size_t tap = 0; tap < k; ++tap) {
      const float* at = from + taps[tap] + i;
      const auto weight = hn::Set(d, weights[tap]);
      low = hn::MulAdd(weight, hn::LoadU(d, at), low);
      high = hn::MulAdd(weight, hn::LoadU(d, at + lanes), high);
    }
    hn::StoreU(low, d, sums + i);
    hn::StoreU(high, d, sums + i + lanes);
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
  for (size_t t0 = 0, tap = 0; t0 < shape.kernel[0]; ++t0)
    for (size_t t1 = 0; t1 < shape.kernel[1]; ++t1)
      for (size_t t2 = 0; t2 < shape.kernel[2]; ++t2) offsets[tap++] = planes.tap_offset(shape, t0, t1, t2);

  const size_t flat =
      (out[1] - 1) * planes.extent[2] + out[2];  // from the first to the last output of a slice
  const size_t multiplier = shape.group_out();
  constexpr size_t operations_per_task = 50000;
  const size_t grain = operations_per_task / std::max<size_t>(1, multiplier * taps * positions) + 1;
  pool.parallel_for(shape.batch * shape.groups, grain, [&](size_t begin, size_t end) {
    Scratch memory((planes.channel_size + flat + 2 * plane_slack) * sizeof(float));
    float* split = memory.as<float>();
    float* sums = split + planes.channel_size + plane_slack;
    std::fill_n(split + planes.channel_size, plane_slack, 0.0f);
    const auto sum = ATLAS_DISPATCH(sum_taps);
    for (size_t plane = begin; plane < end; ++plane) {
      planes.split(input + plane * input_size, split);
      for (size_t m = 0; m < multiplier; ++m) {
        const size_t index = plane * multiplier + m, channel = index % shape.out_channels;
        float* to = output + index * positions;
        for (size_t o0 = 0; o0 < out[0]; ++o0) {
          sum(split + planes.position_offset(o0, 0, 0), offsets, weights + channel * taps, taps, flat, sums);
          float* slice = to + o0 * out[1] * out[2];
          for (size_t o1 = 0; o1 < out[1]; ++o1)
            std::copy_n(sums + o1 * planes.extent[2], out[2], slice + o1 * out[2]);
        }
        Epilogue own = epilogue;
        if (own.row_bias) own.row_bias += channel;
        if (own.residual) own.residual += index * positions;
        apply(own, to, positions, 1, positions);
      }
    }
  });
}

}  // namespace atlas::cpu
#endif
