// Scales, zero points and levels as kernels of quantised operators read and write them.
#pragma once

#include <vector>

#include "atlas/targets/cpu/kernel.h"
#include "atlas/targets/cpu/kernels/igemm_output.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {

inline bool is_byte(DType dtype) {
  return dtype == DType::U8 || dtype == DType::I8;
}

inline float single_float(const KernelContext& context, std::size_t i) {
  context.check(context.input(i).element_count() == 1, "expected one number as input {}, got {}", i,
                shown(context.input(i)));
  return context.input(i).values<float>()[0];
}

/// `otherwise` where the input is left out.
inline std::int32_t single_integer(const KernelContext& context, std::size_t i, std::int32_t otherwise) {
  if (!context.has_input(i)) return otherwise;
  context.check(context.input(i).element_count() == 1, "expected one number as input {}, got {}", i,
                shown(context.input(i)));
  return static_cast<std::int32_t>(to_ints(context.input(i))[0]);
}

/// Scale input `i` as one for each of `count` channels, each as `scale_of` makes it.
template <typename ScaleOf>
std::vector<float> channel_scales(const KernelContext& context, std::size_t i, std::size_t count,
                                  const ScaleOf& scale_of) {
  const std::span<const float> given = context.input(i).values<float>();
  context.check(given.size() == 1 || given.size() == count,
                "expected one scale, or one for each of {} channels, got {}", count, given.size());
  std::vector<float> scales(count);
  for (std::size_t j = 0; j < count; ++j) scales[j] = scale_of(given[given.size() == 1 ? 0 : j]);
  return scales;
}

/// Products that become levels of type `dtype`, with `columns` of them in a row.
inline IgemmOutput levels_output(DType dtype, void* data, std::size_t columns,
                                 const std::vector<float>& scales, std::int32_t zero_point) {
  IgemmOutput output{.kind = IgemmOutput::Kind::Levels, .data = data, .stride = columns};
  output.scales = scales.data();
  output.levels = {dtype == DType::I8, zero_point};
  return output;
}

}  // namespace atlas::cpu
