// Copies by tables, of several widths and ranks.
#include "atlas/targets/cpu/kernels/table_copy.h"

#include <gmock/gmock.h>

#include "atlas/base/error.h"

namespace atlas::cpu {
namespace {

using testing::ElementsAre;

template <typename T>
std::vector<T> copied(std::vector<std::vector<std::int64_t>> tables, const std::vector<T>& from,
                      std::size_t count) {
  ThreadPool pool(2);
  std::vector<T> to(count);
  table_copy(std::move(tables), reinterpret_cast<const std::byte*>(from.data()),
             reinterpret_cast<std::byte*>(to.data()), sizeof(T), pool);
  return to;
}

TEST(TableCopy, RepeatsRowsAndColumns) {
  EXPECT_THAT(copied<float>({{0, 0, 3}, {2, 1, 0}}, {1, 2, 3, 4, 5, 6}, 9),
              ElementsAre(3, 2, 1, 3, 2, 1, 6, 5, 4));
}

TEST(TableCopy, MovesEveryWidth) {
  EXPECT_THAT(copied<std::uint8_t>({{1, 0}}, {7, 9}, 2), ElementsAre(9, 7));
  EXPECT_THAT(copied<std::uint16_t>({{1, 0}}, {7, 9}, 2), ElementsAre(9, 7));
  EXPECT_THAT(copied<std::uint64_t>({{1, 0}}, {7, 9}, 2), ElementsAre(9, 7));
}

TEST(TableCopy, CopiesOneElementWithoutTables) {
  EXPECT_THAT(copied<float>({}, {7}, 1), ElementsAre(7));
}

TEST(TableCopy, RefusesOtherWidths) {
  ThreadPool pool(1);
  std::byte bytes[3] = {};
  EXPECT_THROW(table_copy({{0}}, bytes, bytes, 3, pool), Error);
}

}  // namespace
}  // namespace atlas::cpu
