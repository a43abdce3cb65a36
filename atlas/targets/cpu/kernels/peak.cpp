// Enough sums in flight to hide the latency of the units; their result is kept from being optimised away.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/peak.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/amx.h"
#include "atlas/targets/cpu/kernels/amx_bf16.h"
#include "atlas/targets/cpu/kernels/bf16_avx512.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/peak.h"
#include "atlas/targets/cpu/kernels/vnni.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
void keep(T value) {
  asm volatile("" : : "g"(value) : "memory");
}

double floats(size_t repeats) {
  constexpr size_t kSums = 12;  // with the two factors, what 16 registers hold
  const hn::ScalableTag<float> d;
  const auto a = hn::Set(d, 1.0f / (1 << 12)), b = hn::Set(d, 0.5f);
  hn::Vec<decltype(d)> sums[kSums];
#pragma GCC unroll 12
  for (size_t i = 0; i < kSums; ++i) sums[i] = hn::Set(d, static_cast<float>(i));  // equal sums would be one
  for (size_t r = 0; r < repeats; ++r) {
#pragma GCC unroll 12
    for (size_t i = 0; i < kSums; ++i) sums[i] = hn::MulAdd(sums[i], a, b);
  }
  auto total = sums[0];
  for (size_t i = 1; i < kSums; ++i) total = hn::Add(total, sums[i]);
  keep(hn::GetLane(total));
  return 2.0 * static_cast<double>(repeats * kSums * hn::Lanes(d));
}

double integers(size_t repeats) {
  constexpr size_t kProducts = 6;
  const hn::ScalableTag<int32_t> d32;
  const hn::ScalableTag<int16_t> d16;
  const auto flip = hn::Set(d16, 6);
  auto a = hn::Set(d16, 3);
  hn::Vec<decltype(d16)> factors[kProducts];
  hn::Vec<decltype(d32)> sums[kProducts], others[kProducts];  // the others stay 0 but on NEON
  for (size_t i = 0; i < kProducts; ++i) {
    factors[i] = hn::Set(d16, static_cast<int16_t>(i));
    sums[i] = others[i] = hn::Zero(d32);
  }
  for (size_t r = 0; r < repeats; ++r) {
    a = hn::Xor(a, flip);  // or the products would be taken once
#pragma GCC unroll 6
    for (size_t i = 0; i < kProducts; ++i)
      sums[i] = hn::ReorderWidenMulAccumulate(d32, a, factors[i], sums[i], others[i]);
  }
  auto total = hn::Zero(d32);
  for (size_t i = 0; i < kProducts; ++i) total = hn::Add(total, hn::Add(sums[i], others[i]));
  keep(hn::GetLane(total));
  return 2.0 * static_cast<double>(repeats * kProducts * hn::Lanes(d16));
}

void read(const float* data, size_t count, size_t repeats) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  hn::Vec<decltype(d)> sums[8];
  for (auto& sum : sums) sum = hn::Zero(d);
  for (size_t r = 0; r < repeats; ++r)
    for (size_t at = 0; at + 8 * lanes <= count; at += 8 * lanes) {
#pragma GCC unroll 8
      for (size_t i = 0; i < 8; ++i) sums[i] = hn::Add(sums[i], hn::LoadU(d, data + at + i * lanes));
    }
  auto total = sums[0];
  for (size_t i = 1; i < 8; ++i) total = hn::Add(total, sums[i]);
  keep(hn::GetLane(total));
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(floats);
HWY_EXPORT(integers);
HWY_EXPORT(read);

double multiply_add_floats(size_t repeats) {
  return ATLAS_DISPATCH(floats)(repeats);
}
double multiply_add_integers(size_t repeats) {
#if defined(__x86_64__)
  if (active_isa() == Isa::Amx) return amx_multiply_add_integers(repeats);
  if (active_isa() >= Isa::Avx512Vnni) return vnni_multiply_add_integers(repeats);
#endif
  return ATLAS_DISPATCH(integers)(repeats);
}
double multiply_add_bf16(size_t repeats) {
#if defined(__x86_64__)
  if (active_isa() == Isa::Amx) return amx_multiply_add_bf16(repeats);
  return avx512_multiply_add_bf16(repeats);
#else
  ensure(repeats == 0, "no instructions for bfloat16");
  return 0;
#endif
}
void read_floats(const float* data, size_t count, size_t repeats) {
  ATLAS_DISPATCH(read)(data, count, repeats);
}

}  // namespace atlas::cpu
#endif
