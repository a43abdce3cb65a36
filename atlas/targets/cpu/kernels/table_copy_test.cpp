// Copies by tables, of several widths and ranks.
#include "atlas/targets/cpu/kernels/table_copy.h"

#include <gmock/gmock.h>

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

TEST(TableCopy, KeepsAndDoublesRows) {
  EXPECT_THAT(copied<float>({{0, 0, 4}, {1, 2, 3}}, {1, 2, 3, 4, 5, 6, 7, 8}, 9),
              ElementsAre(2, 3, 4, 2, 3, 4, 6, 7, 8));
  EXPECT_THAT(copied<float>({{4, 4}, {1, 1, 2, 2}}, {1, 2, 3, 4, 5, 6, 7, 8}, 8),
              ElementsAre(6, 6, 7, 7, 6, 6, 7, 7));
  EXPECT_THAT(copied<std::uint8_t>({{0}, {1, 1, 2}}, {1, 2, 3}, 3), ElementsAre(2, 2, 3));
}

TEST(TableCopy, MovesEveryWidth) {
  EXPECT_THAT(copied<std::uint8_t>({{1, 0}}, {7, 9}, 2), ElementsAre(9, 7));
  EXPECT_THAT(copied<std::uint16_t>({{1, 0}}, {7, 9}, 2), ElementsAre(9, 7));
  EXPECT_THAT(copied<std::uint64_t>({{1, 0}}, {7, 9}, 2), ElementsAre(9, 7));
}

TEST(TableCopy, CopiesOneElementWithoutTables) {
  EXPECT_THAT(copied<float>({}, {7}, 1), ElementsAre(7));
}

TEST(TableCopy, MovesPixelsOfAnyKind) {
  struct Three {
    float values[3];
    bool operator==(const Three&) const = default;
  };
  struct Block {
    float values[16];
    bool operator==(const Block&) const = default;
  };
  EXPECT_THAT(copied<Three>({{1, 0, 1}}, {{{1, 2, 3}}, {{4, 5, 6}}}, 3),
              ElementsAre(Three{{4, 5, 6}}, Three{{1, 2, 3}}, Three{{4, 5, 6}}));
  EXPECT_THAT(copied<Block>({{1, 0}}, {{{1, 2, 3}}, {{4, 5, 6}}}, 2),
              ElementsAre(Block{{4, 5, 6}}, Block{{1, 2, 3}}));
}

}  // namespace
}  // namespace atlas::cpu
