// Maps; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/interpreter.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

const Map kNumbers = {Tensor::of<std::int64_t>({2}, {3, 1}), Tensor::of<float>({2}, {1.5f, -2.25f})};

TEST(MlMaps, CastsToTensors) {
  const std::string op = "ai.onnx.ml::CastMap";
  const Attributes sparse = {{"map_form", "SPARSE"}, {"max_map", std::int64_t{5}}};
  const Map text = {Tensor::of<std::int64_t>({2}, {3, 1}), Tensor::of<std::string>({2}, {"1.5", "-2"})};
  const Map word = {Tensor::of<std::int64_t>({1}, {3}), Tensor::of<std::string>({1}, {"x"})};
  check_cases({
      {"by key", op, {kNumbers}, {}, {Tensor::of<float>({1, 2}, {-2.25f, 1.5f})}},
      {"to integers", op, {kNumbers}, {{"cast_to", "TO_INT64"}}, {Tensor::of<std::int64_t>({1, 2}, {-2, 1})}},
      {"to strings",
       op,
       {kNumbers},
       {{"cast_to", "TO_STRING"}},
       {Tensor::of<std::string>({1, 2}, {"-2.250000", "1.500000"})}},
      {"sparse", op, {kNumbers}, sparse, {Tensor::of<float>({1, 5}, {0, -2.25f, 0, 1.5f, 0})}},
      {"from strings", op, {text}, {}, {Tensor::of<float>({1, 2}, {-2, 1.5f})}},
  });
  check_error({"key",
               op,
               {kNumbers},
               {{"map_form", "SPARSE"}, {"max_map", std::int64_t{3}}},
               {Tensor(DType::F32, {1})}},
              "expected keys of 0 to 2, got 3");
  check_error({"word", op, {word}, {}, {Tensor(DType::F32, {1})}}, "'x' is no number");
  check_error({"tensor", op, {Tensor::scalar(1.0f)}, {}, {Tensor(DType::F32, {1})}}, "not among those");
}

TEST(MlMaps, VectorizesByVocabulary) {
  const std::string op = "ai.onnx.ml::DictVectorizer";
  const Map words = {Tensor::of<std::string>({3}, {"a", "c", "q"}), Tensor::of<float>({3}, {4, 8, 9})};
  check_cases({
      {"words",
       op,
       {words},
       {{"string_vocabulary", Names{"a", "c", "b", "z"}}},
       {Tensor::of<float>({1, 4}, {4, 8, 0, 0})}},
      {"integers",
       op,
       {kNumbers},
       {{"int64_vocabulary", Ints{3, 1, 2}}},
       {Tensor::of<float>({1, 3}, {1.5f, -2.25f, 0})}},
  });
  check_error({"kind", op, {words}, {{"int64_vocabulary", Ints{1}}}, {Tensor(DType::F32, {1})}},
              "a vocabulary of strings");
}

TEST(MlMaps, ZipsRowsWithLabels) {
  const OpRegistry registry = standard_ops();
  Graph graph;
  const ValueId x = graph.add_constant("x", Tensor::of<float>({2, 2}, {1, 2, 3, 4}));
  graph.outputs = {
      GraphBuilder(graph).op("ai.onnx.ml::ZipMap", {x}, {{"classlabels_strings", Names{"a", "b"}}})};
  const Sequence maps = interpret(graph, registry, {}).at(0).sequence();
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_TRUE(identical(maps[1].map().keys, Tensor::of<std::string>({2}, {"a", "b"})));
  EXPECT_TRUE(identical(maps[1].map().values, Tensor::of<float>({2}, {3, 4})));
  check_error({"columns",
               "ai.onnx.ml::ZipMap",
               {Tensor(DType::F32, {1, 3})},
               {{"classlabels_int64s", Ints{5, 6}}},
               {Tensor(DType::F32, {1})}},
              "expected 2 columns, one for each label, got 3");
}

}  // namespace
}  // namespace atlas
