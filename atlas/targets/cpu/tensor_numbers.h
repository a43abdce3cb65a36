// Tensors of f32 or of bfloat16 as kernels take them.
#pragma once

#include "atlas/targets/cpu/kernels/numbers.h"
#include "atlas/tensor/tensor.h"

namespace atlas::cpu {

inline bool is_f32_or_bf16(DType dtype) {
  return dtype == DType::F32 || dtype == DType::BF16;
}

inline Numbers<const std::byte> numbers(const Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.raw()), tensor.dtype() == DType::BF16};
}
inline Numbers<std::byte> mutable_numbers(Tensor& tensor) {
  return {static_cast<std::byte*>(tensor.raw_mutable()), tensor.dtype() == DType::BF16};
}

}  // namespace atlas::cpu
