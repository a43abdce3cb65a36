// Sequences, optionals, and the map over sequences.
#include <gtest/gtest.h>

#include "atlas/ops/content_test.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor f32(Shape shape, std::vector<float> values) {
  return Tensor::of<float>(std::move(shape), values);
}
Tensor at(std::int64_t position) {
  return Tensor::scalar(position);
}
const Tensor kA = f32({1}, {1});
const Tensor kB = f32({1}, {2});
const Tensor kC = f32({2}, {3, 4});

TEST(Sequence, IsTakenApartAndPutTogether) {
  const Sequence abc = {kA, kB, kC};
  check_cases({
      {"at", "SequenceAt", {abc, at(1)}, {}, {kB}},
      {"at the end", "SequenceAt", {abc, at(-1)}, {}, {kC}},
      {"construct", "SequenceConstruct", {kA, kB, kC}, {}, {abc}},
      {"empty", "SequenceEmpty", {}, {{"dtype", std::int64_t{7}}}, {Sequence{}}},
      {"erase the last", "SequenceErase", {abc}, {}, {Sequence{kA, kB}}},
      {"erase", "SequenceErase", {abc, at(-3)}, {}, {Sequence{kB, kC}}},
      {"append", "SequenceInsert", {abc, kA}, {}, {Sequence{kA, kB, kC, kA}}},
      {"insert", "SequenceInsert", {abc, kC, at(0)}, {}, {Sequence{kC, kA, kB, kC}}},
      {"length", "SequenceLength", {abc}, {}, {at(3)}},
      {"join", "ConcatFromSequence", {abc}, {{"axis", std::int64_t{0}}}, {f32({4}, {1, 2, 3, 4})}},
      {"stack",
       "ConcatFromSequence",
       {Sequence{kA, kB}},
       {{"axis", std::int64_t{-1}}, {"new_axis", std::int64_t{1}}},
       {f32({1, 2}, {1, 2})}},
  });
  check_error({"outside", "SequenceAt", {abc, at(3)}, {}, {kA}}, "position 3 is outside a sequence of 3");
  check_error({"shapes",
               "ConcatFromSequence",
               {abc},
               {{"axis", std::int64_t{0}}, {"new_axis", std::int64_t{1}}},
               {kA}},
              "do not join");
}

TEST(SplitToSequence, CutsByNumberAndByList) {
  const Tensor x = f32({3, 1}, {1, 2, 3});
  check_cases({
      {"one by one",
       "SplitToSequence",
       {x},
       {},
       {Sequence{f32({1, 1}, {1}), f32({1, 1}, {2}), f32({1, 1}, {3})}}},
      {"without the axis",
       "SplitToSequence",
       {x},
       {{"keepdims", std::int64_t{0}}},
       {Sequence{f32({1}, {1}), f32({1}, {2}), f32({1}, {3})}}},
      {"by two", "SplitToSequence", {x, at(2)}, {}, {Sequence{f32({2, 1}, {1, 2}), f32({1, 1}, {3})}}},
      {"by list",
       "SplitToSequence",
       {x, Tensor::of_ints(Ints{1, 2})},
       {},
       {Sequence{f32({1, 1}, {1}), f32({2, 1}, {2, 3})}}},
  });
  check_error({"sum", "SplitToSequence", {x, Tensor::of_ints(Ints{1, 1})}, {}, {x}},
              "do not make up extent 3");
  check_error({"zero", "SplitToSequence", {x, at(0)}, {}, {x}}, "parts of 1 or more");
}

TEST(Optional, HoldsOrNot) {
  check_cases({
      {"of a tensor", "Optional", {kA}, {}, {kA}},
      {"element", "OptionalGetElement", {kA}, {}, {kA}},
      {"full", "OptionalHasElement", {kA}, {}, {Tensor::scalar(true)}},
      {"left out", "OptionalHasElement", {Datum()}, {}, {Tensor::scalar(false)}},
  });
  check_error({"untyped", "Optional", {}, {}, {kA}}, "expected an input or attribute 'type'");
  Type type = Type::sequence(Type::tensor(DType::F32));
  EXPECT_EQ(text(inferred("Optional", {}, {{"type", type}})[0]), "optional(sequence(f32))");
  EXPECT_EQ(text(inferred("OptionalGetElement", {{Type::optional(type), nullptr, std::nullopt}})[0]),
            "sequence(f32)");
}

TEST(SequenceMap, RunsItsBodyOnEachElement) {
  Graph body;
  const ValueId x = body.add_input("x", Type::tensor(DType::F32));
  const ValueId y = body.add_input("y", Type::tensor(DType::F32));
  body.outputs = {GraphBuilder(body).op("Concat", {x, y}, {{"axis", std::int64_t{0}}}), y};
  const Attributes attributes = {{"body", Box<Graph>(body)}};
  check_cases({
      {"with a tensor",
       "SequenceMap",
       {Sequence{kA, kC}, kB},
       attributes,
       {Sequence{f32({2}, {1, 2}), f32({3}, {3, 4, 2})}, Sequence{kB, kB}}},
      {"with a sequence",
       "SequenceMap",
       {Sequence{kA, kB}, Sequence{kB, kA}},
       attributes,
       {Sequence{f32({2}, {1, 2}), f32({2}, {2, 1})}, Sequence{kB, kA}}},
  });
  check_error({"lengths", "SequenceMap", {Sequence{kA, kB}, Sequence{kB}}, attributes, {kA, kA}},
              "expected sequences of 2");
}

}  // namespace
}  // namespace atlas
