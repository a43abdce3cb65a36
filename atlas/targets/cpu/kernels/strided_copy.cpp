// Axes are merged, then rows are copied; where neither side is dense along the row, in square blocks.
#include "atlas/targets/cpu/kernels/strided_copy.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "atlas/base/error.h"

namespace atlas::cpu {
namespace {

struct Axis {
  std::int64_t extent;
  std::int64_t from;
  std::int64_t to;
};

// Outermost first; ordered by the steps of the target so that it is written forwards, neighbours merged.
std::vector<Axis> merged(std::span<const std::int64_t> shape, std::span<const std::int64_t> from_strides,
                         std::span<const std::int64_t> to_strides) {
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != 1) axes.push_back({shape[i], from_strides[i], to_strides[i]});
  std::ranges::stable_sort(axes,
                           [](const Axis& a, const Axis& b) { return std::abs(a.to) > std::abs(b.to); });
  std::vector<Axis> out;
  for (const Axis& axis : axes) {
    if (!out.empty() && out.back().from == axis.from * axis.extent &&
        out.back().to == axis.to * axis.extent) {
      out.back() = {out.back().extent * axis.extent, axis.from, axis.to};
    } else {
      out.push_back(axis);
    }
  }
  while (out.size() < 2) out.insert(out.begin(), Axis{1, 0, 0});
  return out;
}

template <std::size_t size>
struct Element {
  std::byte bytes[size];
};

// One plane of rows x columns. Columns are the innermost axis of the target.
template <typename T>
void copy_plane(const T* from, T* to, const Axis& rows, const Axis& columns) {
  if (columns.from == 1 && columns.to == 1) {
    for (std::int64_t r = 0; r < rows.extent; ++r)
      std::memcpy(to + r * rows.to, from + r * rows.from,
                  static_cast<std::size_t>(columns.extent) * sizeof(T));
    return;
  }
  // Blocks keep both sides' cache lines in use where one of them walks across rows.
  constexpr std::int64_t kBlock = 16;
  for (std::int64_t r0 = 0; r0 < rows.extent; r0 += kBlock) {
    const std::int64_t r1 = std::min(rows.extent, r0 + kBlock);
    for (std::int64_t c0 = 0; c0 < columns.extent; c0 += kBlock) {
      const std::int64_t c1 = std::min(columns.extent, c0 + kBlock);
      for (std::int64_t r = r0; r < r1; ++r)
        for (std::int64_t c = c0; c < c1; ++c)
          to[r * rows.to + c * columns.to] = from[r * rows.from + c * columns.from];
    }
  }
}

template <typename T>
void copy(const std::vector<Axis>& axes, const std::byte* from_bytes, std::byte* to_bytes, ThreadPool& pool) {
  const T* from = reinterpret_cast<const T*>(from_bytes);
  T* to = reinterpret_cast<T*>(to_bytes);
  // Of all but the innermost axis, the one that the source is dense along makes the other side of the plane.
  std::vector<Axis> outer(axes.begin(), axes.end() - 1);
  const auto dense = std::ranges::find_if(outer, [](const Axis& axis) { return axis.from == 1; });
  const auto chosen = dense != outer.end() ? dense : outer.end() - 1;
  const Axis rows = *chosen;
  outer.erase(chosen);
  const Axis& columns = axes.back();

  std::size_t planes = 1;
  for (const Axis& axis : outer) planes *= static_cast<std::size_t>(axis.extent);
  // Long planes are cut so that every thread has work of about this many bytes.
  constexpr std::size_t kGrainBytes = 1 << 16;
  const std::size_t row_bytes = static_cast<std::size_t>(columns.extent) * sizeof(T);
  const auto rows_per_part = static_cast<std::int64_t>(std::clamp<std::size_t>(
      kGrainBytes / std::max<std::size_t>(row_bytes, 1), 1, static_cast<std::size_t>(rows.extent)));
  const auto parts = static_cast<std::size_t>((rows.extent + rows_per_part - 1) / rows_per_part);
  const std::size_t part_bytes = static_cast<std::size_t>(rows_per_part) * row_bytes;
  pool.parallel_for(
      planes * parts, std::max<std::size_t>(1, kGrainBytes / std::max<std::size_t>(part_bytes, 1)),
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          const std::int64_t first = static_cast<std::int64_t>(i % parts) * rows_per_part;
          std::int64_t from_at = first * rows.from;
          std::int64_t to_at = first * rows.to;
          std::size_t plane = i / parts;
          for (std::size_t a = outer.size(); a-- > 0;) {
            const auto at = static_cast<std::int64_t>(plane % static_cast<std::size_t>(outer[a].extent));
            plane /= static_cast<std::size_t>(outer[a].extent);
            from_at += at * outer[a].from;
            to_at += at * outer[a].to;
          }
          const Axis part{std::min(rows_per_part, rows.extent - first), rows.from, rows.to};
          copy_plane(from + from_at, to + to_at, part, columns);
        }
      });
}

}  // namespace

void strided_copy(std::span<const std::int64_t> shape, const std::byte* from,
                  std::span<const std::int64_t> from_strides, std::byte* to,
                  std::span<const std::int64_t> to_strides, std::size_t element_bytes, ThreadPool& pool) {
  if (std::ranges::find(shape, 0) != shape.end()) return;
  const std::vector<Axis> axes = merged(shape, from_strides, to_strides);
  switch (element_bytes) {
    case 1:
      return copy<Element<1>>(axes, from, to, pool);
    case 2:
      return copy<std::uint16_t>(axes, from, to, pool);
    case 4:
      return copy<std::uint32_t>(axes, from, to, pool);
    case 8:
      return copy<std::uint64_t>(axes, from, to, pool);
    case 16:
      return copy<Element<16>>(axes, from, to, pool);
    default:
      fail(ErrorCode::Internal, "strided copy of elements of {} bytes", element_bytes);
  }
}

}  // namespace atlas::cpu
