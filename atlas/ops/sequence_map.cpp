// SequenceMap: a body run on each element of its sequences.
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

void infer_sequence_map(InferContext& context) {
  std::vector<Type> inputs;
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    const Type& type = context.input(i);
    inputs.push_back(type.kind == Type::Kind::Sequence ? type.element.at(0) : type);
  }
  const std::vector<Knowledge> outputs = context.infer_body("body", inputs);
  context.check(outputs.size() >= context.output_count(), "expected {} outputs of its body, got {}",
                context.output_count(), outputs.size());
  for (std::size_t i = 0; i < context.output_count(); ++i)
    if (outputs[i].type.is_known()) context.set_output(i, Type::sequence(outputs[i].type));
}

void reference_sequence_map(ReferenceContext& context) {
  const Graph& body = context.body("body");
  context.check(context.datum(0).is_sequence(), "expected a sequence, got {}", text(context.datum(0)));
  context.check(body.inputs.size() == context.input_count() && body.outputs.size() >= context.output_count(),
                "expected {} inputs and {} outputs of its body, got {} and {}", context.input_count(),
                context.output_count(), body.inputs.size(), body.outputs.size());
  const std::size_t count = context.datum(0).sequence().size();
  for (std::size_t i = 1; i < context.input_count(); ++i)
    context.check(!context.datum(i).is_sequence() || context.datum(i).sequence().size() == count,
                  "expected sequences of {}, got {} as input {}", count, text(context.datum(i)), i);
  std::vector<Sequence> collections(context.output_count());
  for (std::size_t at = 0; at < count; ++at) {
    std::vector<Datum> arguments;
    for (std::size_t i = 0; i < context.input_count(); ++i) {
      const Datum& datum = context.datum(i);
      arguments.push_back(datum.is_sequence() ? datum.sequence()[at] : datum);
    }
    std::vector<Datum> results = context.run_body(body, arguments);
    for (std::size_t i = 0; i < collections.size(); ++i) collections[i].push_back(std::move(results[i]));
  }
  for (std::size_t i = 0; i < collections.size(); ++i) context.set_output(i, std::move(collections[i]));
}

// As the standard's body: a Loop over the length that takes elements and appends results.
std::vector<ValueId> decompose_sequence_map(DecomposeContext& context) {
  Graph loop = **context.node().attributes.get<Box<Graph>>("body");
  const std::vector<ValueId> elements = std::move(loop.inputs);
  const ValueId counter = loop.add_value("counter", Type::tensor(DType::I64, Dims{}));
  const ValueId condition = loop.add_value("condition", Type::tensor(DType::Bool, Dims{}));
  GraphBuilder inner(loop);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Type& type = context.type(i);
    if (!type.is_known()) return {};
    const ValueId whole = loop.capture(context.input(i), "captured", type);
    const bool is_sequence = type.kind == Type::Kind::Sequence;
    loop.replace_uses(elements[i], is_sequence ? inner.op("SequenceAt", {whole, counter}) : whole);
  }
  const std::vector<ValueId> results = std::move(loop.outputs);
  loop.inputs = {counter, condition};
  loop.outputs = {inner.op("Identity", {condition})};

  GraphBuilder& outer = context.builder();
  std::vector<ValueId> arguments = {outer.op("SequenceLength", {context.input(0)}),
                                    outer.constant(Tensor::scalar(true))};
  for (std::size_t i = 0; i < context.output_count(); ++i) {
    const Type& element = loop.value(results[i]).type;
    if (element.dtype == DType::Undefined) return {};
    arguments.push_back(outer.op("SequenceEmpty", {}, {{"dtype", static_cast<std::int64_t>(element.dtype)}}));
    loop.inputs.push_back(loop.add_value("so_far", Type::sequence(Type::tensor(element.dtype))));
    loop.outputs.push_back(inner.op("SequenceInsert", {loop.inputs.back(), results[i]}));
  }
  return outer.ops("Loop", arguments, context.output_count(), {{"body", Box<Graph>(std::move(loop))}});
}

}  // namespace

std::vector<OpDef> sequence_map() {
  constexpr TypeSet kSequences = sequences_of(types::kClassic);
  return {
      {.name = "SequenceMap",
       .schema = {"input_sequence:S, additional_inputs?:V** -> out_sequence:S**",
                  {{"S", kSequences}, {"V", types::kClassic | kSequences}},
                  {{"body", AttributeKind::Graph, kRequired}}},
       .infer = infer_sequence_map,
       .reference = reference_sequence_map,
       .decompose = decompose_sequence_map,
       .cost = cost_of_traffic},
  };
}

}  // namespace atlas::ops
