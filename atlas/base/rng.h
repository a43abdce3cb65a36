// Random numbers out of a counter: Philox 4x32-10.
#pragma once

#include <array>
#include <cstdint>

namespace atlas {

/// Four random words, a pure function of counter and key. Salmon et al., "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// A sequence of random numbers. Same seed and stream, same sequence, on every platform; different streams of
/// one seed are independent.
class Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  std::uint32_t next_u32();
  std::uint64_t next_u64();

  /// In [0, 1), a multiple of 2^-precision; `precision` in [1, 53].
  double uniform(int precision = 53);

  /// Mean 0, variance 1 (Box-Muller: exact up to the rounding of the C library's log, cos and sin).
  double normal();

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t block_ = 0;
  std::array<std::uint32_t, 4> words_{};
  unsigned used_ = 4;
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

}  // namespace atlas
