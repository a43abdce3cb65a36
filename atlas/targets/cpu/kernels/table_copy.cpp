// Rows along the last axis, each with its start in the source.
#include "atlas/targets/cpu/kernels/table_copy.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas::cpu {
namespace {

template <std::size_t size>
struct Element {
  std::byte bytes[size];
};

template <typename T>
void copy_rows(const std::vector<std::vector<std::int64_t>>& tables, const std::byte* from_bytes,
               std::byte* to_bytes, ThreadPool& pool) {
  const T* from = reinterpret_cast<const T*>(from_bytes);
  T* to = reinterpret_cast<T*>(to_bytes);
  const std::vector<std::int64_t>& columns = tables.back();
  std::size_t rows = 1;
  for (std::size_t i = 0; i + 1 < tables.size(); ++i) rows *= tables[i].size();
  constexpr std::size_t kGrain = 1 << 14;
  pool.parallel_for(rows, std::max<std::size_t>(1, kGrain / columns.size()),
                    [&](std::size_t begin, std::size_t end) {
                      for (std::size_t row = begin; row < end; ++row) {
                        const T* start = from;
                        std::size_t rest = row;
                        for (std::size_t i = tables.size() - 1; i-- > 0;) {
                          start += tables[i][rest % tables[i].size()];
                          rest /= tables[i].size();
                        }
                        T* out = to + row * columns.size();
                        for (std::size_t i = 0; i < columns.size(); ++i) out[i] = start[columns[i]];
                      }
                    });
}

}  // namespace

void table_copy(std::vector<std::vector<std::int64_t>> tables, const std::byte* from, std::byte* to,
                std::size_t element_bytes, ThreadPool& pool) {
  if (tables.empty()) tables.push_back({0});
  switch (element_bytes) {
    case 1:
      return copy_rows<Element<1>>(tables, from, to, pool);
    case 2:
      return copy_rows<std::uint16_t>(tables, from, to, pool);
    case 4:
      return copy_rows<std::uint32_t>(tables, from, to, pool);
    case 8:
      return copy_rows<std::uint64_t>(tables, from, to, pool);
    case 16:
      return copy_rows<Element<16>>(tables, from, to, pool);
    default:
      fail(ErrorCode::Internal, "table copy of elements of {} bytes", element_bytes);
  }
}

}  // namespace atlas::cpu
