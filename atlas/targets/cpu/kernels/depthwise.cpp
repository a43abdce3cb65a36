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

  const size_t flat =
      (out[1] - 1) * planes.extent[2] + out[2];  // from the first to the last output of a slice
  const size_t multiplier = shape.group_out();
  constexpr size_t operations_per_task = 50000;
  const size_t grain = operations_per_task / std::max<size_t>(1, multiplier * taps * positions) + 1;
  pool.parallel_for(shape.batch * shape.groups, grain, [&](size_t begin, size_t end) {
    Scratch memory((planes.channel_size + flat + 3 * plane_slack) * sizeof(float));
    float* split = memory.as<float>();
    float* sums = split + planes.channel_size + plane_slack;
    std::fill_n(split + planes.channel_size, plane_slack, 0.0f);
    const auto sum = ATLAS_DISPATCH(sum_taps);
    for (size_t plane = begin; plane < end; ++plane) {
      planes.split(input + plane * input_size, 0, split);
      for (size_t m = 0; m < multiplier; ++m) {
        const size_t index = plane * multiplier + m, channel = index % shape.out_channels;
        float* to = output + index * positions;
        for (size_t o0 = 0; o0 < out[0]; ++o0) {
          sum(split + planes.position_offset(o0, 0, 0), offsets, weights + channel * taps, taps, flat, sums);
          compact_rows(sums, planes.extent[2], out[1], out[2], to + o0 * out[1] * out[2]);
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
