// Writing by index.
#include <gtest/gtest.h>

#include "atlas/ops/content_test.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor i64(Shape shape, Ints values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}
Tensor f32(Shape shape, std::vector<float> values) {
  return Tensor::of<float>(std::move(shape), values);
}
Attributes reduction(const char* name) {
  return {{"reduction", std::string(name)}};
}

TEST(ScatterElements, WritesAndReduces) {
  const Tensor x = f32({1, 5}, {1, 2, 3, 4, 5});
  const Tensor at = i64({1, 2}, {1, 3});
  const Tensor updates = f32({1, 2}, {1.1f, 2.1f});
  check_cases({
      {"axis 1",
       "ScatterElements",
       {x, at, updates},
       {{"axis", std::int64_t{1}}},
       {f32({1, 5}, {1, 1.1f, 3, 2.1f, 5})}},
      {"adds twice",
       "ScatterElements",
       {x, i64({1, 2}, {1, -4}), updates},
       {{"axis", std::int64_t{1}}, {"reduction", std::string("add")}},
       {f32({1, 5}, {1, 5.2f, 3, 4, 5})}},
      {"maximum of u64",
       "ScatterElements",
       {Tensor::of<std::uint64_t>({1}, {UINT64_MAX}), i64({1}, {0}), Tensor::of<std::uint64_t>({1}, {1})},
       reduction("max"),
       {Tensor::of<std::uint64_t>({1}, {UINT64_MAX})}},
      {"product wraps",
       "ScatterElements",
       {i64({1}, {INT64_MAX}), i64({1}, {0}), i64({1}, {2})},
       reduction("mul"),
       {i64({1}, {-2})}},
      {"strings",
       "ScatterElements",
       {Tensor::of<std::string>({2}, {"a", "b"}), i64({1}, {0}), Tensor::of<std::string>({1}, {"c"})},
       {},
       {Tensor::of<std::string>({2}, {"c", "b"})}},
  });
  check_error({"reduction", "ScatterElements", {x, at, updates}, reduction("mean"), {x}},
              "expected reduction");
  check_error({"outside", "ScatterElements", {x, at, updates}, {}, {x}},
              "index 1 is outside an axis of extent 1");
  check_error({"updates", "ScatterElements", {x, at, f32({1, 1}, {0})}, {}, {x}}, "as many updates");
}

TEST(ScatterND, WritesSlices) {
  const Tensor x = f32({3, 2}, {1, 2, 3, 4, 5, 6});
  check_cases({
      {"rows",
       "ScatterND",
       {x, i64({1, 1}, {2}), f32({1, 2}, {8, 9})},
       {},
       {f32({3, 2}, {1, 2, 3, 4, 8, 9})}},
      {"elements",
       "ScatterND",
       {x, i64({1, 2}, {0, -1}), f32({1}, {8})},
       {},
       {f32({3, 2}, {1, 8, 3, 4, 5, 6})}},
      {"minimum",
       "ScatterND",
       {x, i64({2, 1}, {0, 0}), f32({2, 2}, {0, 9, 1, 1})},
       reduction("min"),
       {f32({3, 2}, {0, 1, 3, 4, 5, 6})}},
  });
  check_error({"updates", "ScatterND", {x, i64({1, 1}, {2}), f32({1}, {8})}, {}, {x}},
              "updates of shape [1,2]");
  const Dim n = Dim::symbol("N");
  const Tensor at = i64({1, 1}, {1});
  const Knowledge index{Type::tensor(DType::I64, Dims{1, 1}), &at, std::nullopt};
  EXPECT_EQ(text(inferred("ScatterND", {known_list({2, 3}), index, known_list({n})})[0]), "i64[2] = [2,N]");
}

TEST(TensorScatter, WritesIntoACache) {
  const Tensor cache = f32({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  const Tensor update = f32({2, 2, 1}, {7, 8, 9, 0});
  check_cases({
      {"at the start", "TensorScatter", {cache, update}, {}, {f32({2, 3, 1}, {7, 8, 3, 9, 0, 6})}},
      {"each at its own",
       "TensorScatter",
       {cache, update, i64({2}, {1, 0})},
       {},
       {f32({2, 3, 1}, {1, 7, 8, 9, 0, 6})}},
      {"around the end",
       "TensorScatter",
       {cache, update, i64({2}, {2, 4})},
       {{"mode", std::string("circular")}},
       {f32({2, 3, 1}, {8, 2, 7, 4, 9, 0})}},
  });
  check_error({"no room", "TensorScatter", {cache, update, i64({2}, {0, 2})}, {}, {cache}}, "leaves no room");
  check_error({"batch axis", "TensorScatter", {cache, update}, {{"axis", std::int64_t{0}}}, {cache}},
              "axis 0");
}

}  // namespace
}  // namespace atlas
