// Running sums and products.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor i32(Shape shape, std::initializer_list<std::int32_t> values) {
  return Tensor::of<std::int32_t>(std::move(shape), values);
}

TEST(Cumulative, GivesKnownValues) {
  const Tensor x = i32({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor rows = Tensor::scalar<std::int64_t>(0);
  const Tensor columns = Tensor::scalar<std::int32_t>(-1);
  const Attributes exclusive = {{"exclusive", std::int64_t{1}}};
  const Attributes both = {{"exclusive", std::int64_t{1}}, {"reverse", std::int64_t{1}}};
  check_cases({
      {"rows", "CumSum", {x, rows}, {}, {i32({2, 3}, {1, 2, 3, 5, 7, 9})}},
      {"columns", "CumSum", {x, columns}, {}, {i32({2, 3}, {1, 3, 6, 4, 9, 15})}},
      {"exclusive", "CumSum", {x, columns}, exclusive, {i32({2, 3}, {0, 1, 3, 0, 4, 9})}},
      {"both", "CumSum", {x, columns}, both, {i32({2, 3}, {5, 3, 0, 11, 6, 0})}},
      {"columns", "CumProd", {x, columns}, {}, {i32({2, 3}, {1, 2, 6, 4, 20, 120})}},
      {"both", "CumProd", {x, columns}, both, {i32({2, 3}, {6, 3, 1, 30, 6, 1})}},
      {"empty", "CumSum", {Tensor(DType::F32, {0}), rows}, {}, {Tensor(DType::F32, {0})}},
  });
  check_error({"axis", "CumSum", {x, Tensor::scalar<std::int64_t>(2)}, {}, {x}}, "expected an axis");
  check_error({"axes", "CumSum", {x, Tensor::of<std::int64_t>({2}, {0, 1})}, {}, {x}}, "expected one axis");
}

}  // namespace
}  // namespace atlas
