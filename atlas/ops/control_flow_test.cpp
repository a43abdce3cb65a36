// Nested graphs: If, Loop, Scan, and what inference makes of them.
#include <gtest/gtest.h>

#include "atlas/ops/infer.h"
#include "atlas/ops/interpreter.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor i64(Shape shape, Ints values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}
Tensor truth(bool value) {
  return Tensor::scalar(value);
}
const Type kNumber = Type::tensor(DType::I64, Dims{});

Graph constant_graph(Tensor value) {
  Graph graph;
  graph.outputs = {GraphBuilder(graph).op("Identity", {graph.add_constant("c", std::move(value))})};
  return graph;
}

TEST(If, TakesABranch) {
  const Attributes branches = {{"then_branch", Box<Graph>(constant_graph(i64({1}, {1})))},
                               {"else_branch", Box<Graph>(constant_graph(i64({2}, {2, 3})))}};
  check_cases({
      {"then", "If", {truth(true)}, branches, {i64({1}, {1})}},
      {"else, from a list of one", "If", {Tensor::of<bool>({1}, {false})}, branches, {i64({2}, {2, 3})}},
  });
  check_error({"two conditions", "If", {Tensor::of<bool>({2}, {true, true})}, branches, {truth(true)}},
              "one bool");
}

// If(cond) { Squeeze(x) } else { Identity(x) }, as exporters guard a Squeeze.
TEST(If, PassesOverABranchThatCannotBe) {
  Graph graph;
  const ValueId x = graph.add_input("x", Type::tensor(DType::F32, Dims{3}));
  const ValueId condition = graph.add_input("condition", Type::tensor(DType::Bool, Dims{}));
  const auto branch = [&](const char* op, bool with_axes) {
    Graph body;
    std::vector<ValueId> inputs = {body.capture(x, "x", {})};
    GraphBuilder builder(body);
    if (with_axes) inputs.push_back(builder.ints({0}));
    body.outputs = {builder.op(op, inputs)};
    return Box<Graph>(body);
  };
  graph.outputs = {GraphBuilder(graph).op(
      "If", {condition},
      {{"then_branch", branch("Squeeze", true)}, {"else_branch", branch("Identity", false)}})};
  infer_types(graph, standard_ops());
  EXPECT_EQ(text(graph.value(graph.outputs[0]).type), "f32[3]");
}

// state = Concat(state, [counter]); also collected: the counter. Goes on while `goes_on`.
Box<Graph> growing_body(bool goes_on) {
  Graph body;
  const ValueId counter = body.add_input("counter", kNumber);
  const ValueId condition = body.add_input("condition", Type::tensor(DType::Bool, Dims{}));
  const ValueId state = body.add_input("state", Type::tensor(DType::I64, Dims{1}));
  GraphBuilder builder(body);
  const ValueId grown = builder.op("Concat", {state, builder.op("Unsqueeze", {counter, builder.ints({0})})},
                                   {{"axis", std::int64_t{0}}});
  const ValueId again = goes_on ? builder.op("Identity", {condition})
                                : builder.op("Identity", {body.add_constant("no", truth(false))});
  body.outputs = {again, grown, builder.op("Identity", {counter})};
  return Box<Graph>(body);
}

TEST(Loop, CountsCarriesAndCollects) {
  const Tensor start = i64({1}, {9});
  check_cases({
      {"counted and conditioned",
       "Loop",
       {i64({}, {3}), truth(true), start},
       {{"body", growing_body(true)}},
       {i64({4}, {9, 0, 1, 2}), i64({3}, {0, 1, 2})}},
      {"stopped by its body",
       "Loop",
       {i64({}, {3}), truth(true), start},
       {{"body", growing_body(false)}},
       {i64({2}, {9, 0}), i64({1}, {0})}},
      {"without a condition the body's goes unheard",
       "Loop",
       {i64({}, {2}), Datum(), start},
       {{"body", growing_body(false)}},
       {i64({3}, {9, 0, 1}), i64({2}, {0, 1})}},
      {"without a count",
       "Loop",
       {Datum(), truth(true), start},
       {{"body", growing_body(false)}},
       {i64({2}, {9, 0}), i64({1}, {0})}},
      {"not once",
       "Loop",
       {i64({}, {3}), truth(false), start},
       {{"body", growing_body(true)}},
       {start, i64({0}, {})}},
      {"a count below 0",
       "Loop",
       {i64({}, {-1}), truth(true), start},
       {{"body", growing_body(true)}},
       {start, i64({0}, {})}},
  });
}

TEST(Loop, InfersWhatChangesAsUnknown) {
  Graph graph;
  const ValueId count = graph.add_input("count", kNumber);
  const ValueId start = graph.add_input("start", Type::tensor(DType::I64, Dims{1}));
  GraphBuilder builder(graph);
  graph.outputs = builder.ops("Loop", {count, ValueId::None, start}, 2, {{"body", growing_body(true)}});
  const auto more = builder.ops("Loop", {builder.constant(i64({}, {5})), ValueId::None, start}, 2,
                                {{"body", growing_body(true)}});
  infer_types(graph, standard_ops());
  EXPECT_EQ(text(graph.value(graph.outputs[0]).type), "i64[?]");
  EXPECT_EQ(text(graph.value(graph.outputs[1]).type), "i64[?]");
  EXPECT_EQ(text(graph.value(more[1]).type), "i64[5]");
}

TEST(Loop, CarriesSequences) {
  Graph body;
  const ValueId counter = body.add_input("counter", kNumber);
  const ValueId condition = body.add_input("condition", Type::tensor(DType::Bool, Dims{}));
  const ValueId state = body.add_input("state", Type::sequence(kNumber));
  GraphBuilder builder(body);
  body.outputs = {builder.op("Identity", {condition}), builder.op("SequenceInsert", {state, counter})};
  const auto number = [](std::int64_t value) { return Tensor::scalar(value); };
  check_cases({{"sequence",
                "Loop",
                {number(2), Datum(), Sequence{number(7)}},
                {{"body", Box<Graph>(body)}},
                {Sequence{number(7), number(0), number(1)}}}});
}

// state = Identity(all) where `state` may be absent at first.
TEST(Loop, GivesAnOptionalStateTheKindOfItsBody) {
  const Type numbers = Type::sequence(kNumber);
  Graph graph;
  const ValueId all = graph.add_input("all", numbers);
  const ValueId start = graph.add_input("start", Type::optional(numbers));
  Graph body;
  body.add_input("counter", kNumber);
  const ValueId condition = body.add_input("condition", Type::tensor(DType::Bool, Dims{}));
  body.add_input("state", Type::optional(numbers));
  body.outputs = {condition, GraphBuilder(body).op("Identity", {body.capture(all, "all", numbers)})};
  GraphBuilder builder(graph);
  const ValueId count = builder.constant(Tensor::scalar<std::int64_t>(1));
  graph.outputs = builder.ops("Loop", {count, ValueId::None, start}, 1, {{"body", Box<Graph>(body)}});
  infer_types(graph, standard_ops());
  EXPECT_EQ(text(graph.value(graph.outputs[0]).type), "sequence(i64[])");
}

TEST(Loop, RefusesStatesThatChangeTheirType) {
  Graph body;
  body.add_input("counter", kNumber);
  const ValueId counter = ValueId{0};
  body.inputs = {counter};
  const ValueId condition = body.add_input("condition", Type::tensor(DType::Bool, Dims{}));
  body.add_input("state", Type::tensor(DType::F32));
  body.outputs = {condition, counter};
  check_error({"f32 to i64",
               "Loop",
               {i64({}, {1}), truth(true), Tensor::scalar(1.0f)},
               {{"body", Box<Graph>(body)}},
               {Tensor::scalar(1.0f)}},
              "Loop");
}

// sum += x; collected: the sum.
Box<Graph> summing_body() {
  Graph body;
  const ValueId sum = body.add_input("sum", Type::tensor(DType::I64));
  const ValueId x = body.add_input("x", Type::tensor(DType::I64));
  GraphBuilder builder(body);
  const ValueId next = builder.op("Add", {sum, x});
  body.outputs = {next, builder.op("Identity", {next})};
  return Box<Graph>(body);
}

TEST(Scan, RunsAlongItsAxes) {
  const Tensor zero = i64({2}, {0, 0});
  const Tensor x = i64({3, 2}, {1, 2, 3, 4, 5, 6});
  check_cases({
      {"forwards",
       "Scan",
       {zero, x},
       {{"body", summing_body()}, {"num_scan_inputs", std::int64_t{1}}},
       {i64({2}, {9, 12}), i64({3, 2}, {1, 2, 4, 6, 9, 12})}},
      {"backwards, along another axis, prepended",
       "Scan",
       {i64({3}, {0, 0, 0}), x},
       {{"body", summing_body()},
        {"num_scan_inputs", std::int64_t{1}},
        {"scan_input_axes", Ints{1}},
        {"scan_input_directions", Ints{1}},
        {"scan_output_axes", Ints{-1}},
        {"scan_output_directions", Ints{1}}},
       {i64({3}, {3, 7, 11}), i64({3, 2}, {3, 2, 7, 4, 11, 6})}},
      {"no steps",
       "Scan",
       {zero, i64({0, 2}, {})},
       {{"body", summing_body()}, {"num_scan_inputs", std::int64_t{1}}},
       {zero, i64({0, 2}, {})}},
  });
  check_error({"count",
               "Scan",
               {zero, x},
               {{"body", summing_body()}, {"num_scan_inputs", std::int64_t{3}}},
               {zero, x}},
              "expected 1 to 2 scan inputs");
}

}  // namespace
}  // namespace atlas
