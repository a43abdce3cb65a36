#include "atlas/run/round_values.h"

#include <gtest/gtest.h>

#include "atlas/graph/text_parser.h"
#include "atlas/ops/infer.h"
#include "atlas/run/registry.h"
#include "atlas/run/session.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

// bf16 has 8 digits of two: 1.0078125 = 1 + 1/128 is kept, 1 + 1/256 is rounded to the even 1; 3 x (1 +
// 1/128) = 3.0234375 lies between 3.015625 and 3.03125 and goes to the even 3.03125.
TEST(RoundValues, WeightsAndResultsKeepFewerDigits) {
  const Registry registry = standard_registry();
  Graph graph = parse_graph(R"(graph "g" {
    input x: f32[2]
    const w = f32[2]{1.0078125, 1.00390625}
    y: ? = Mul(x, w)
    z: ? = Neg(y)
    output z
  })",
                            "g");
  infer_types(graph, registry.ops);
  round_values(graph, DType::BF16);
  const Session session(std::move(graph), registry, {});
  const std::vector<double> three = {3, 3};
  const std::vector<Datum> out = session.run(std::vector<Datum>{from_doubles(DType::F32, {2}, three)});
  EXPECT_EQ(to_doubles(out[0].tensor()), (std::vector<double>{-3.03125, -3}));
}

}  // namespace
}  // namespace atlas
