// A product gives every tap's share of every position; the shares are then added up where they land.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/conv_transpose.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/conv_planes.h"
#include "atlas/targets/cpu/kernels/conv_transpose.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/gemm.h"
#include "atlas/targets/cpu/kernels/scratch.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Adds `rows` rows of `count` floats that follow each other at `from` to rows `stride` apart at `to`.
void add_rows(const float* from, size_t rows, size_t count, float* to, size_t stride) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  for (size_t row = 0; row < rows; ++row, from += count, to += stride) {
    size_t i = 0;
    for (; i + lanes <= count; i += lanes)
      hn::StoreU(hn::Add(hn::LoadU(d, to + i), hn::LoadU(d, from + i)), d, to + i);
    for (; i < count; ++i) to[i] += from[i];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(add_rows);

PackedConvTranspose::PackedConvTranspose(const ConvShape& forward, const float* weights)
    : PackedConvTranspose(
          forward, [&] { return weights; }, plain_packer()) {}

PackedConvTranspose::PackedConvTranspose(const ConvShape& forward, WeightFinder weights, Packer& packer)
    : in_channels_(forward.in_channels), group_out_(forward.group_out()), taps_(volume(forward.kernel)) {
  const size_t count = forward.out_channels * forward.group_in() * taps_;
  weights_ = packer.pack(count * sizeof(float),
                         [&](std::byte* to) { std::copy_n(weights(), count, reinterpret_cast<float*>(to)); });
}

void conv_transpose(const ConvShape& forward, const PackedConvTranspose& weights, const float* x, float* y,
                    const Epilogue& epilogue, ThreadPool& pool) {
  check(forward);
  ensure(weights.in_channels_ == forward.in_channels && weights.group_out_ == forward.group_out() &&
             weights.taps_ == volume(forward.kernel),
         "conv_transpose: weights were packed for another shape");
  const ConvPlanes planes(forward);
  const Spatial positions = forward.output();
  const size_t columns = volume(positions), result_size = volume(forward.input), taps = weights.taps_;
  constexpr size_t rows_per_chunk = 64;
  const size_t k = forward.group_out(), rows = forward.group_in() * taps;
  const size_t step = std::clamp<size_t>(rows_per_chunk / std::max<size_t>(1, taps), 1,
                                         std::max<size_t>(1, forward.group_in()));
  const size_t chunks = (forward.group_in() + step - 1) / step;
  std::vector<size_t> offsets(taps);
  planes.tap_offsets(forward, offsets.data());

  for (size_t index = 0; index < forward.batch * forward.groups; ++index) {  // an image's group
    const size_t group = index % forward.groups;
    const PackedMatrix input({x + index * k * columns, columns, 1}, k, columns, pool);
    pool.parallel_for(chunks, 1, [&](size_t begin, size_t end) {
      Scratch memory((step * taps * columns + planes.channel_size) * sizeof(float));
      float* shares = memory.as<float>();
      float* sums = shares + step * taps * columns;
      const auto add = ATLAS_DISPATCH(add_rows);
      for (size_t chunk = begin; chunk < end; ++chunk) {
        const size_t channels = std::min(step, forward.group_in() - chunk * step);
        const auto* values = reinterpret_cast<const float*>(weights.weights_.get());
        const MatrixView matrix{values + group * k * rows + chunk * step * taps, 1, rows};
        gemm({channels * taps, columns, k}, matrix, input, shares, columns, {}, pool);
        for (size_t c = 0; c < channels; ++c) {
          std::fill_n(sums, planes.channel_size, 0.0f);
          for (size_t tap = 0; tap < taps; ++tap)
            for (size_t o0 = 0; o0 < positions[0]; ++o0)
              add(shares + ((c * taps + tap) * positions[0] + o0) * positions[1] * positions[2], positions[1],
                  positions[2], sums + offsets[tap] + planes.position_offset(o0, 0, 0), planes.extent[2]);
          const size_t channel = group * forward.group_in() + chunk * step + c;
          const size_t result = index / forward.groups * forward.in_channels + channel;
          float* to = y + result * result_size;
          // With strides wider than the kernel some positions belong to no plane in use.
          std::fill_n(to, result_size, 0.0f);
          planes.join(sums, to);
          Epilogue own = epilogue;
          if (own.row_bias) own.row_bias += channel;
          if (own.residual) own.residual += result * result_size;
          apply(own, to, result_size, 1, result_size);
        }
      }
    });
  }
}

}  // namespace atlas::cpu
#endif
