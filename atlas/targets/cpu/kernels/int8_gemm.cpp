// Levels of all rows first, shared out by rows; then the product of bytes.
#include "atlas/targets/cpu/kernels/int8_gemm.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

#include "atlas/targets/cpu/kernels/quantize.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

/// B as lines side by side in memory: its rows, or its columns where those lie so.
struct Lines {
  size_t count, length, stride;
  bool are_columns;

  Lines(const MatrixView& b, size_t k, size_t n)
      : count(b.column_stride == 1 ? k : n),
        length(b.column_stride == 1 ? n : k),
        stride(b.column_stride == 1 ? b.row_stride : b.column_stride),
        are_columns(b.column_stride != 1) {}
};

uint32_t bits_of_magnitude(float x) {
  return std::bit_cast<uint32_t>(x) & 0x7fffffff;
}

/// One scale for each column, from the bits of its largest magnitude: as integers NaN is above infinity, and
/// that above all others.
void find_scales(const MatrixView& b, size_t k, size_t n, float* scales) {
  const Lines lines(b, k, n);
  std::vector<uint32_t> largest(n);
  for (size_t i = 0; i < lines.count; ++i) {
    const float* line = b.data + i * lines.stride;
    if (lines.are_columns) {
      uint32_t most = 0;
      for (size_t j = 0; j < lines.length; ++j) most = std::max(most, bits_of_magnitude(line[j]));
      largest[i] = most;
    } else {
      for (size_t j = 0; j < lines.length; ++j) largest[j] = std::max(largest[j], bits_of_magnitude(line[j]));
    }
  }
  using Limits = std::numeric_limits<float>;
  for (size_t j = 0; j < n; ++j) {
    const auto most = std::bit_cast<float>(largest[j]);
    scales[j] = most <= Limits::max() ? std::max(most / 127, Limits::min()) : Limits::quiet_NaN();
  }
}

/// Levels of B, in its own order.
void round_to_levels(const MatrixView& b, size_t k, size_t n, const float* scales, uint8_t* to) {
  const Lines lines(b, k, n);
  constexpr LevelType type{true, 0};
  std::vector<float> inverse(n), quotients(lines.length);
  std::transform(scales, scales + n, inverse.begin(), [](float scale) { return 1 / scale; });
  for (size_t i = 0; i < lines.count; ++i, to += lines.length) {
    const float* line = b.data + i * lines.stride;
    if (lines.are_columns) {
      quantize(line, lines.length, {type, scales[i]}, to);
    } else {
      for (size_t j = 0; j < n; ++j) quotients[j] = line[j] * inverse[j];
      quantize(quotients.data(), n, {type, 1}, to);
    }
  }
}

}  // namespace

bool PackedInt8::is_worth_it(size_t k, size_t n) {
  constexpr size_t least = 64, least_products = 8192;  // of a row, or rounding it takes longer than it saves
  constexpr size_t most_steps = std::numeric_limits<int32_t>::max() / (255 * 127);
  return k >= least && n >= least && k * n >= least_products && k <= most_steps;
}

PackedInt8::PackedInt8(MatrixFinder b, size_t k, size_t n, ThreadPool& pool, Packer& packer)
    : scales_(packer.pack(n * sizeof(float),
                          [&](std::byte* to) { find_scales(b(), k, n, reinterpret_cast<float*>(to)); })) {
  std::vector<uint8_t> levels;
  const auto bytes = [&] {
    const MatrixView view = b();
    levels.resize(k * n);
    round_to_levels(view, k, n, scales(), levels.data());
    const bool rows = view.column_stride == 1;
    return ByteMatrix{levels.data(), true, rows ? n : 1, rows ? 1 : k};
  };
  levels_ = PackedBytes(bytes, k, n, pool, packer);
}

void int8_gemm(size_t m, const float* a, size_t a_stride, const PackedInt8& b, float* c, size_t c_stride,
               const Epilogue& epilogue, ThreadPool& pool) {
  const size_t k = b.levels().k();
  constexpr size_t worth_a_task = 1 << 15;
  Scratch levels(m * k), facts(m * (sizeof(float) + sizeof(int32_t)));
  auto* const bytes = levels.as<uint8_t>();
  auto* const scales = facts.as<float>();
  auto* const zero_points = reinterpret_cast<int32_t*>(scales + m);
  pool.parallel_for(m, worth_a_task / (k + 1) + 1, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const Levels row = quantize_row(a + i * a_stride, k, bytes + i * k);
      scales[i] = row.scale;
      zero_points[i] = row.type.zero_point;
    }
  });
  igemm(m, {.data = bytes, .stride = k, .zero_points = zero_points}, b.levels(),
        {.kind = IgemmOutput::Kind::Reals,
         .data = c,
         .stride = c_stride,
         .scales = b.scales(),
         .row_scales = scales,
         .epilogue = epilogue},
        pool);
}

}  // namespace atlas::cpu
