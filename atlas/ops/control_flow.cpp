// Nested graphs run by choice or again and again: If and Loop.
#include <algorithm>
#include <limits>

#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/loop_body.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

bool truth(const ReferenceContext& context, const Datum& condition) {
  context.check(condition.is_tensor() && condition.tensor().dtype() == DType::Bool &&
                    condition.tensor().element_count() == 1,
                "expected one bool as condition, got {}", text(condition));
  return condition.tensor().values<bool>()[0];
}

// The condition, where it is known before the run.
std::optional<bool> known_truth(const InferContext& context, std::size_t i) {
  const Tensor* constant = context.constant(i);
  if (constant != nullptr && constant->dtype() == DType::Bool && constant->element_count() == 1)
    return constant->values<bool>()[0];
  const auto content = context.content(i);
  if (content && content->size() == 1 && (*content)[0].is_constant()) return (*content)[0].value() != 0;
  return std::nullopt;
}

// The types of a branch. Nothing where its inference fails: with the shapes at hand it cannot be run, so it
// is not taken (exporters guard a Squeeze by a test of the very extent).
std::optional<std::vector<Knowledge>> infer_branch(InferContext& context, const char* name) {
  try {
    return context.infer_body(name, {});
  } catch (const Error&) {
    return std::nullopt;
  }
}

void infer_if(InferContext& context) {
  const std::optional<bool> choice = known_truth(context, 0);
  std::optional<std::vector<Knowledge>> taken;
  if (choice) {
    taken = context.infer_body(*choice ? "then_branch" : "else_branch", {});
  } else {
    const auto then_types = infer_branch(context, "then_branch");
    auto else_types =
        then_types ? infer_branch(context, "else_branch") : context.infer_body("else_branch", {});
    taken = then_types ? then_types : else_types;
    if (then_types && else_types) {
      context.check(then_types->size() == else_types->size(), "its branches have {} and {} outputs",
                    then_types->size(), else_types->size());
      for (std::size_t i = 0; i < taken->size(); ++i) {
        Knowledge& one = (*taken)[i];
        const Knowledge& other = (*else_types)[i];
        one.type = merge(one.type, other.type, describe(context.node()));
        if (!one.content || !other.content || text(*one.content) != text(*other.content)) one.content.reset();
      }
    }
  }
  context.check(taken->size() >= context.output_count(), "expected {} outputs of its branches, got {}",
                context.output_count(), taken->size());
  for (std::size_t i = 0; i < context.output_count(); ++i) {
    context.set_output(i, (*taken)[i].type);
    if ((*taken)[i].content) context.set_content(i, *(*taken)[i].content);
  }
}

void reference_if(ReferenceContext& context) {
  const char* branch = truth(context, context.datum(0)) ? "then_branch" : "else_branch";
  std::vector<Datum> outputs = context.run_body(context.body(branch), {});
  context.check(outputs.size() >= context.output_count(), "expected {} outputs of '{}', got {}",
                context.output_count(), branch, outputs.size());
  for (std::size_t i = 0; i < context.output_count(); ++i) context.set_output(i, std::move(outputs[i]));
}

constexpr std::size_t kTripCount = 0;
constexpr std::size_t kCondition = 1;
constexpr std::size_t kFirstState = 2;  // in the inputs of node and body; in those the counter stands first

template <typename Context>
std::size_t state_count(const Context& context) {
  return std::max(context.input_count(), kFirstState) - kFirstState;
}

// True where the body never asks to stop: it hands its condition on, or says true.
bool body_goes_on(const Graph& body, const Knowledge& condition) {
  if (condition.constant != nullptr && condition.constant->dtype() == DType::Bool &&
      condition.constant->element_count() == 1)
    return condition.constant->values<bool>()[0];
  ValueId value = body.outputs.at(0);
  const NodeId producer = body.value(value).producer;
  if (producer != NodeId::None && body.node(producer).op == "Identity")
    value = body.node(producer).inputs.at(0);
  return value == body.inputs.at(kCondition);
}

void infer_loop(InferContext& context) {
  const std::size_t states = state_count(context);
  std::vector<Type> inputs = {Type::tensor(DType::I64, Dims{}), context.has_input(kCondition)
                                                                    ? context.input(kCondition)
                                                                    : Type::tensor(DType::Bool, Dims{})};
  for (std::size_t i = 0; i < states; ++i) inputs.push_back(context.input(kFirstState + i));
  const CarriedTypes carried = infer_carried(context, std::move(inputs), kCondition, states + 1);
  context.check(carried.outputs.size() >= context.output_count() + 1,
                "expected {} outputs of its body, got {}", context.output_count() + 1,
                carried.outputs.size());

  Dim trips;
  const auto count = context.content(kTripCount);
  const Graph& body = **context.node().attributes.get<Box<Graph>>("body");
  const bool never_stops = !context.has_input(kCondition) || (known_truth(context, kCondition) == true &&
                                                              body_goes_on(body, carried.outputs[0]));
  if (count && count->size() == 1 && never_stops) trips = max((*count)[0], 0);
  for (std::size_t i = 0; i < context.output_count(); ++i) {
    const Type& element = carried.outputs[1 + i].type;
    if (i < states) {
      // The standard gives the output the body's kind, even where an optional went in.
      const Type& state = carried.inputs[kFirstState + i];
      const bool unwrapped =
          state.kind == Type::Kind::Optional && element.is_known() && element.kind != Type::Kind::Optional;
      context.set_output(i, unwrapped ? state.element.at(0) : state);
      continue;
    }
    if (!element.is_tensor()) continue;
    std::optional<Dims> dims = element.dims;
    if (dims) dims->insert(dims->begin(), trips);
    context.set_output(i, element.dtype, std::move(dims));
  }
}

void reference_loop(ReferenceContext& context) {
  const Graph& body = context.body("body");
  const std::size_t states = state_count(context);
  context.check(body.inputs.size() == kFirstState + states, "expected {} inputs of its body, got {}",
                kFirstState + states, body.inputs.size());
  context.check(body.outputs.size() >= 1 + states && body.outputs.size() >= 1 + context.output_count(),
                "expected {} outputs or more of its body, got {}",
                1 + std::max(states, context.output_count()), body.outputs.size());
  const std::int64_t trips = context.integer_input(kTripCount, std::numeric_limits<std::int64_t>::max());
  // Without a condition the standard lets the body's go unheard; without a count either, nothing else could
  // end the loop.
  const bool heeds_condition = context.has_input(kCondition) || !context.has_input(kTripCount);

  // Counter, condition, states; then the same after each run, the scan outputs behind them.
  std::vector<Datum> arguments(kFirstState + states);
  arguments[kCondition] =
      context.has_input(kCondition) ? context.datum(kCondition) : Datum(Tensor::scalar(true));
  for (std::size_t i = kFirstState; i < arguments.size(); ++i) arguments[i] = context.datum(i);
  std::vector<std::vector<Datum>> collections(body.outputs.size() - 1 - states);
  for (std::int64_t trip = 0; trip < trips; ++trip) {
    if (heeds_condition && !truth(context, arguments[kCondition])) break;
    arguments[kTripCount] = Tensor::scalar(trip);
    std::vector<Datum> results = context.run_body(body, arguments);
    for (std::size_t i = 0; i < collections.size(); ++i)
      collections[i].push_back(std::move(results[1 + states + i]));
    for (std::size_t i = 0; i <= states; ++i) arguments[kCondition + i] = std::move(results[i]);
  }
  for (std::size_t i = 0; i < context.output_count(); ++i) {
    if (i < states) {
      context.set_output(i, std::move(arguments[kFirstState + i]));
    } else if (context.has_output(i)) {
      context.set_output(
          i, collected(context, i, collections[i - states], 0, body.value(body.outputs[1 + i]).type));
    }
  }
}

}  // namespace

std::vector<OpDef> control_flow() {
  using enum AttributeKind;
  constexpr TypeSet kValues =
      types::kAll | sequences_of(types::kAll) | optionals_of(types::kAll | sequences_of(types::kPlain));
  return {
      {.name = "If",
       .schema = {"cond:bool -> outputs:V**",
                  {{"V", kValues}},
                  {{"then_branch", AttributeKind::Graph, kRequired},
                   {"else_branch", AttributeKind::Graph, kRequired}}},
       .infer = infer_if,
       .reference = reference_if,
       .cost = cost_of_traffic},
      {.name = "Loop",
       .schema = {"M?:i64, cond?:bool, v_initial?:V** -> v_final_and_scan_outputs:V**",
                  {{"V", kValues}},
                  {{"body", AttributeKind::Graph, kRequired}}},
       .infer = infer_loop,
       .reference = reference_loop,
       .cost = cost_of_traffic},
  };
}

}  // namespace atlas::ops
