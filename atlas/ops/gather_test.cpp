// Picking by index.
#include <gtest/gtest.h>

#include "atlas/ops/content_test.h"
#include "atlas/ops/op_harness_test.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor i64(Shape shape, Ints values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}
Tensor u8(Shape shape, Ints values) {
  return from_ints(DType::U8, std::move(shape), values);
}

TEST(Gather, PicksSlices) {
  const Tensor x = u8({2, 3}, {1, 2, 3, 4, 5, 6});
  check_cases({
      {"rows", "Gather", {x, i64({1, 2}, {1, -2})}, {}, {u8({1, 2, 3}, {4, 5, 6, 1, 2, 3})}},
      {"columns", "Gather", {x, i64({2}, {2, 0})}, {{"axis", std::int64_t{1}}}, {u8({2, 2}, {3, 1, 6, 4})}},
      {"scalar index", "Gather", {x, i64({}, {1})}, {}, {u8({3}, {4, 5, 6})}},
      {"nothing", "Gather", {x, i64({0}, {})}, {}, {u8({0, 3}, {})}},
  });
  check_error({"beyond", "Gather", {x, i64({1}, {2})}, {}, {x}}, "index 2 is outside an axis of extent 2");
  check_error({"below", "Gather", {x, i64({1}, {-3})}, {}, {x}}, "index -3 is outside");
  const Dim n = Dim::symbol("N");
  Knowledge index = known({});
  const Tensor one = Tensor::scalar<std::int64_t>(1);
  index.type.dtype = DType::I64;
  index.constant = &one;
  EXPECT_EQ(text(inferred("Gather", {known_list({3, n}), index})[0]), "i64[] = [N]");
  EXPECT_EQ(text(inferred("Gather", {known({n, 4}), known({Dim::symbol("B"), 2}, DType::I64)})[0]),
            "f32[B,2,4]");
}

TEST(GatherElements, PicksAlongAnAxis) {
  const Tensor x = u8({2, 2}, {1, 2, 3, 4});
  check_cases({
      {"axis 1",
       "GatherElements",
       {x, i64({2, 2}, {0, 0, 1, 0})},
       {{"axis", std::int64_t{1}}},
       {u8({2, 2}, {1, 1, 4, 3})}},
      {"negative", "GatherElements", {x, i64({1, 2}, {-1, -2})}, {}, {u8({1, 2}, {3, 2})}},
  });
  check_error({"rank", "GatherElements", {x, i64({1}, {0})}, {}, {x}}, "indices of rank 2");
  check_error({"larger", "GatherElements", {x, i64({1, 3}, {0, 0, 0})}, {}, {x}}, "do not fit");
}

TEST(GatherND, PicksByTuples) {
  const Tensor x = u8({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  check_cases({
      {"slices", "GatherND", {x, i64({2, 2}, {0, 1, 1, 0})}, {}, {u8({2, 2}, {2, 3, 4, 5})}},
      {"elements", "GatherND", {u8({2, 2}, {0, 1, 2, 3}), i64({2, 2}, {0, 0, 1, 1})}, {}, {u8({2}, {0, 3})}},
      {"batched",
       "GatherND",
       {x, i64({2, 1}, {1, 0})},
       {{"batch_dims", std::int64_t{1}}},
       {u8({2, 2}, {2, 3, 4, 5})}},
  });
  check_error({"long tuple", "GatherND", {x, i64({1, 4}, {0, 0, 0, 0})}, {}, {x}}, "index tuples of 4");
  check_error({"outside", "GatherND", {x, i64({1, 1}, {2})}, {}, {x}}, "index 2 is outside");
}

TEST(Compress, KeepsWhereTrue) {
  const Tensor x = u8({3, 2}, {1, 2, 3, 4, 5, 6});
  check_cases({
      {"rows",
       "Compress",
       {x, Tensor::of<bool>({3}, {false, true, true})},
       {{"axis", std::int64_t{0}}},
       {u8({2, 2}, {3, 4, 5, 6})}},
      {"short condition", "Compress", {x, Tensor::of<bool>({2}, {false, true})}, {}, {u8({1}, {2})}},
  });
  check_error({"long condition",
               "Compress",
               {x, Tensor::of<bool>({3}, {false, true, true})},
               {{"axis", std::int64_t{1}}},
               {x}},
              "outside");
}

}  // namespace
}  // namespace atlas
