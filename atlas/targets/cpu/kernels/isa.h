// Which instruction set the CPU kernels run with, and how to force another one.
#pragma once

#include <string_view>
#include <vector>

namespace atlas::cpu {

enum class Isa {
  Generic,     // what every supported processor has: SSE4.2 on x86-64
  Avx2,        // AVX2, FMA, F16C, BMI2
  Avx512,      // AVX-512 F, BW, DQ, VL, CD
  Avx512Vnni,  // and VNNI, for products of 8-bit integers
  Avx512Bf16,  // and BF16, for products of bfloat16
  Amx,         // and AMX, tiles of both
  Neon,        // the baseline of aarch64
  NeonDot,     // and dot products of 8-bit integers
};

/// "generic", "avx2", "avx512", "avx512_vnni", "avx512_bf16", "amx", "neon", "neon_dot": also the values of
/// the environment variable ATLAS_ISA.
std::string_view name(Isa isa);

/// Those that this processor runs, slowest first; never empty.
std::vector<Isa> supported_isas();

/// The one in use: the fastest supported one unless ATLAS_ISA names another. Throws InvalidArgument where
/// ATLAS_ISA names one that is unknown or that this processor lacks.
Isa active_isa();

/// Makes every kernel use `isa`, which must be supported, while this lives; for tests and measurements.
/// Data packed under one instruction set stays valid under another. Not for use while kernels run.
class ScopedIsa {
 public:
  explicit ScopedIsa(Isa isa);
  ~ScopedIsa();
  ScopedIsa(const ScopedIsa&) = delete;
  ScopedIsa& operator=(const ScopedIsa&) = delete;

 private:
  Isa before_;
};

}  // namespace atlas::cpu
