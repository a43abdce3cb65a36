// Rows along the last axis, each with its start in the source.
#include "atlas/targets/cpu/kernels/table_copy.h"

#include <algorithm>
#include <cstring>

namespace atlas::cpu {
namespace {

template <std::size_t size>
struct Element {
  std::byte bytes[size];
};

// Calls copy(first element of the result, first of the source, columns) for each row whose source is not that
// of the row before, which is copied instead.
template <typename Copy>
void for_rows(const std::vector<std::vector<std::int64_t>>& tables, std::size_t element_bytes, std::byte* to,
              ThreadPool& pool, Copy copy) {
  const std::vector<std::int64_t>& columns = tables.back();
  std::size_t rows = 1;
  for (std::size_t i = 0; i + 1 < tables.size(); ++i) rows *= tables[i].size();
  constexpr std::size_t kBytes = 1 << 16;
  pool.parallel_for(rows, std::max<std::size_t>(1, kBytes / (columns.size() * element_bytes + 1)),
                    [&](std::size_t begin, std::size_t end) {
                      const std::size_t row_bytes = columns.size() * element_bytes;
                      std::int64_t before = -1;
                      for (std::size_t row = begin; row < end; ++row) {
                        std::int64_t start = 0;
                        std::size_t rest = row;
                        for (std::size_t i = tables.size() - 1; i-- > 0;) {
                          start += tables[i][rest % tables[i].size()];
                          rest /= tables[i].size();
                        }
                        if (row > begin && start == before)
                          std::memcpy(to + row * row_bytes, to + (row - 1) * row_bytes, row_bytes);
                        else
                          copy(row * columns.size(), static_cast<std::size_t>(start), columns);
                        before = start;
                      }
                    });
}

// How often each element of a row comes in turn, where all follow in order: 1 as they are, 2 doubled. 0:
// otherwise.
std::size_t repeats(const std::vector<std::int64_t>& columns) {
  for (const std::size_t times : {std::size_t{1}, std::size_t{2}}) {
    bool fits = columns.size() % times == 0;
    for (std::size_t i = 0; fits && i < columns.size(); ++i)
      fits = columns[i] == columns[0] + static_cast<std::int64_t>(i / times);
    if (fits) return times;
  }
  return 0;
}

template <typename T>
void copy_rows(const std::vector<std::vector<std::int64_t>>& tables, const std::byte* from_bytes,
               std::byte* to_bytes, ThreadPool& pool) {
  const std::size_t times = repeats(tables.back());
  for_rows(tables, sizeof(T), to_bytes, pool,
           [&](std::size_t at, std::size_t start, const std::vector<std::int64_t>& columns) {
             const T* from = reinterpret_cast<const T*>(from_bytes) + start;
             T* to = reinterpret_cast<T*>(to_bytes) + at;
             if (times == 1) {
               std::copy_n(from + columns[0], columns.size(), to);
             } else if (times == 2) {
               from += columns[0];
               for (std::size_t i = 0; i < columns.size(); i += 2, ++from) to[i] = to[i + 1] = *from;
             } else {
               for (std::size_t i = 0; i < columns.size(); ++i) to[i] = from[columns[i]];
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
    case 32:
      return copy_rows<Element<32>>(tables, from, to, pool);
    case 64:
      return copy_rows<Element<64>>(tables, from, to, pool);
    default:
      for_rows(tables, element_bytes, to, pool,
               [&](std::size_t at, std::size_t start, const std::vector<std::int64_t>& columns) {
                 for (std::size_t i = 0; i < columns.size(); ++i)
                   std::memcpy(to + (at + i) * element_bytes,
                               from + (start + static_cast<std::size_t>(columns[i])) * element_bytes,
                               element_bytes);
               });
  }
}

}  // namespace atlas::cpu
