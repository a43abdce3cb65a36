// Maps our names of instruction sets to Highway's target masks.
#include "atlas/targets/cpu/kernels/isa.h"

#include <hwy/highway.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/amx.h"
#include "atlas/targets/cpu/kernels/neon_dot.h"

namespace atlas::cpu {
namespace {

struct Row {
  Isa isa;
  std::string_view name;
  int64_t targets;
};

constexpr Row rows[] = {
#if HWY_ARCH_ARM
    {Isa::Neon, "neon", HWY_NEON},
    {Isa::NeonDot, "neon_dot", HWY_NEON},
#else
    {Isa::Generic, "generic", HWY_STATIC_TARGET},
#endif
#if HWY_ARCH_X86
    {Isa::Avx2, "avx2", HWY_AVX2},
    {Isa::Avx512, "avx512", HWY_AVX3},
    {Isa::Avx512Vnni, "avx512_vnni", HWY_AVX3},
    {Isa::Avx512Bf16, "avx512_bf16", HWY_AVX3},
    {Isa::Amx, "amx", HWY_AVX3},
#endif
};

const Row& row(Isa isa) {
  return *std::find_if(std::begin(rows), std::end(rows), [&](const Row& r) { return r.isa == isa; });
}

// What Highway's mask does not tell.
bool has_extension(Isa isa) {
#if HWY_ARCH_X86
  const bool has_vnni = __builtin_cpu_supports("avx512vnni");
  const bool has_bf16 = has_vnni && __builtin_cpu_supports("avx512bf16");
  if (isa == Isa::Avx512Vnni) return has_vnni;
  if (isa == Isa::Avx512Bf16) return has_bf16;
  if (isa == Isa::Amx) return has_bf16 && may_use_amx();
#endif
#if defined(__aarch64__)
  if (isa == Isa::NeonDot) return has_dot_products();
#endif
  return isa != Isa::Avx512Vnni && isa != Isa::Avx512Bf16 && isa != Isa::Amx;
}

void use(Isa isa) {
  hwy::SetSupportedTargetsForTest(row(isa).targets);
}

Isa initial_isa() {
  const std::vector<Isa> supported = supported_isas();
  Isa isa = supported.back();
  if (const char* wanted = std::getenv("ATLAS_ISA"); wanted && *wanted) {
    std::string names;
    bool found = false;
    for (const Isa candidate : supported) {
      names += (names.empty() ? "" : ", ") + std::string(name(candidate));
      if (name(candidate) == wanted) isa = candidate, found = true;
    }
    require(found, "ATLAS_ISA: expected one that this processor has ({}), got '{}'", names, wanted);
  }
  use(isa);
  return isa;
}

std::atomic<Isa>& current() {
  static std::atomic<Isa> isa{initial_isa()};
  return isa;
}

}  // namespace

std::string_view name(Isa isa) {
  switch (isa) {
    case Isa::Generic:
      return "generic";
    case Isa::Avx2:
      return "avx2";
    case Isa::Avx512:
      return "avx512";
    case Isa::Avx512Vnni:
      return "avx512_vnni";
    case Isa::Avx512Bf16:
      return "avx512_bf16";
    case Isa::Amx:
      return "amx";
    case Isa::Neon:
      return "neon";
    case Isa::NeonDot:
      return "neon_dot";
  }
  return "unknown";
}

std::vector<Isa> supported_isas() {
  static const int64_t present = hwy::SupportedTargets();  // asked before any choice narrows the answer
  std::vector<Isa> isas;
  for (const Row& r : rows)
    if ((r.targets == HWY_STATIC_TARGET || (r.targets & present)) && has_extension(r.isa))
      isas.push_back(r.isa);
  return isas;
}

Isa active_isa() {
  return current().load(std::memory_order_relaxed);
}

ScopedIsa::ScopedIsa(Isa isa) : before_(active_isa()) {
  const std::vector<Isa> supported = supported_isas();
  require(std::find(supported.begin(), supported.end(), isa) != supported.end(),
          "instruction set {}: expected one that this processor has", name(isa));
  use(isa);
  current().store(isa);
}

ScopedIsa::~ScopedIsa() {
  use(before_);
  current().store(before_);
}

}  // namespace atlas::cpu
