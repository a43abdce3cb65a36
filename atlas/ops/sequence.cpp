// Sequences taken apart and put together: Sequence*, SplitToSequence, ConcatFromSequence.
#include <algorithm>

#include "atlas/ops/concatenate.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// Type of the elements of sequence input 0, Unknown where it is not known.
Type element_type(const InferContext& context) {
  const Type& sequence = context.input(0);
  return sequence.kind == Type::Kind::Sequence ? sequence.element.at(0) : Type();
}

const Sequence& sequence_input(const ReferenceContext& context) {
  context.check(context.datum(0).is_sequence(), "expected a sequence, got {}", text(context.datum(0)));
  return context.datum(0).sequence();
}

// Position from input `i`, negative from the end, in [0, places).
std::ptrdiff_t position(const ReferenceContext& context, std::size_t i, std::size_t size,
                        std::size_t places) {
  const auto length = static_cast<std::int64_t>(size);
  const std::int64_t at = context.integer_input(i, 0);
  const std::int64_t from_start = at < 0 ? at + length : at;
  context.check(from_start >= 0 && from_start < static_cast<std::int64_t>(places),
                "position {} is outside a sequence of {}", at, size);
  return static_cast<std::ptrdiff_t>(from_start);
}

void infer_sequence_at(InferContext& context) {
  context.set_output(0, element_type(context));
}

void reference_sequence_at(ReferenceContext& context) {
  const Sequence& sequence = sequence_input(context);
  context.set_output(
      0, sequence[static_cast<std::size_t>(position(context, 1, sequence.size(), sequence.size()))]);
}

void infer_sequence_construct(InferContext& context) {
  Type element = context.input(0);
  for (std::size_t i = 1; i < context.input_count(); ++i)
    element = merge(element, context.input(i), describe(context.node()));
  if (element.is_known()) context.set_output(0, Type::sequence(element));
}

void reference_sequence_construct(ReferenceContext& context) {
  Sequence sequence;
  for (std::size_t i = 0; i < context.input_count(); ++i) sequence.push_back(context.input(i));
  context.set_output(0, std::move(sequence));
}

void infer_sequence_empty(InferContext& context) {
  const std::int64_t number = context.integer("dtype", static_cast<std::int64_t>(DType::F32));
  context.check(is_dtype(number), "attribute 'dtype' is {}, which is no element type", number);
  context.set_output(0, Type::sequence(Type::tensor(static_cast<DType>(number))));
}

void reference_sequence_empty(ReferenceContext& context) {
  context.set_output(0, Sequence{});
}

void reference_sequence_erase(ReferenceContext& context) {
  Sequence sequence = sequence_input(context);
  context.check(!sequence.empty(), "expected a sequence with elements to erase");
  const std::ptrdiff_t at = context.has_input(1) ? position(context, 1, sequence.size(), sequence.size())
                                                 : static_cast<std::ptrdiff_t>(sequence.size()) - 1;
  sequence.erase(sequence.begin() + at);
  context.set_output(0, std::move(sequence));
}

void infer_sequence_insert(InferContext& context) {
  const Type sequence = element_type(context);
  if (!sequence.is_known()) return;
  const Type element = context.input(1).is_known()
                           ? merge(sequence, context.input(1), describe(context.node()))
                           : Type::tensor(sequence.dtype);
  context.set_output(0, Type::sequence(element));
}

void reference_sequence_insert(ReferenceContext& context) {
  Sequence sequence = sequence_input(context);
  const std::ptrdiff_t at = context.has_input(2) ? position(context, 2, sequence.size(), sequence.size() + 1)
                                                 : static_cast<std::ptrdiff_t>(sequence.size());
  sequence.insert(sequence.begin() + at, context.input(1));
  context.set_output(0, std::move(sequence));
}

void infer_sequence_length(InferContext& context) {
  context.set_output(0, DType::I64, Dims{});
}

void reference_sequence_length(ReferenceContext& context) {
  context.set_output(0, Tensor::scalar(static_cast<std::int64_t>(sequence_input(context).size())));
}

void infer_split_to_sequence(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  if (dims) {
    const std::size_t axis = context.axis(context.integer("axis"), dims->size());
    if (context.has_input(1)) {
      const auto split = context.content(1);
      const bool all_alike = split && context.dims(1) && context.dims(1)->empty() && split->at(0) == Dim(1);
      (*dims)[axis] = all_alike ? Dim(1) : Dim();
    } else if (context.integer("keepdims") != 0) {
      (*dims)[axis] = 1;
    } else {
      dims->erase(dims->begin() + static_cast<std::ptrdiff_t>(axis));
    }
  }
  context.set_output(0, Type::sequence(Type::tensor(context.dtype(0), std::move(dims))));
}

// Extents of the parts: all of one size but for the last, or as listed.
std::vector<std::int64_t> parts_of(const ReferenceContext& context, std::int64_t extent) {
  if (context.has_input(1) && context.shape(1).size() == 1) {
    const std::vector<std::int64_t> parts = context.integers(1);
    std::int64_t rest = extent;
    for (const std::int64_t part : parts) {
      context.check(part >= 0 && part <= rest, "parts {} do not make up extent {}", text(parts), extent);
      rest -= part;
    }
    context.check(rest == 0, "parts {} do not make up extent {}", text(parts), extent);
    return parts;
  }
  const std::int64_t size = context.integer_input(1, 1);
  context.check(size > 0, "expected parts of 1 or more, got {}", size);
  std::vector<std::int64_t> parts(static_cast<std::size_t>(extent / size), size);
  if (extent % size != 0) parts.push_back(extent % size);
  return parts;
}

void reference_split_to_sequence(ReferenceContext& context) {
  const Tensor& data = context.input(0);
  const std::size_t axis = context.axis(context.integer("axis"), data.rank());
  const bool drop_axis = !context.has_input(1) && context.integer("keepdims") == 0;
  Sequence sequence;
  std::int64_t begin = 0;
  for (const std::int64_t size : parts_of(context, data.dim(axis))) {
    sequence.push_back(drop_axis ? element_along(data, axis, begin) : cut(data, axis, begin, size));
    begin += size;
  }
  context.set_output(0, std::move(sequence));
}

void infer_concat_from_sequence(InferContext& context) {
  const Type element = element_type(context);
  if (!element.is_known()) return;
  std::optional<Dims> dims = element.dims;
  const bool new_axis = context.integer("new_axis") != 0;
  if (dims) {
    const std::size_t axis = context.axis(context.integer("axis"), dims->size() + (new_axis ? 1 : 0));
    if (new_axis) dims->insert(dims->begin() + static_cast<std::ptrdiff_t>(axis), Dim());
    (*dims)[axis] = Dim();
  }
  context.set_output(0, element.dtype, std::move(dims));
}

void reference_concat_from_sequence(ReferenceContext& context) {
  std::vector<Tensor> parts;
  for (const Datum& element : sequence_input(context)) parts.push_back(element.tensor());
  context.check(!parts.empty(), "expected a sequence with elements to join");
  const bool new_axis = context.integer("new_axis") != 0;
  const std::size_t axis = context.axis(context.integer("axis"), parts[0].rank() + (new_axis ? 1 : 0));
  const std::string where = describe(context.node());
  context.set_output(0, new_axis ? stacked(parts, axis, where) : concatenated(parts, axis, where));
}

}  // namespace

std::vector<OpDef> sequence() {
  const Constraint tensors{"T", types::kClassic};
  const Constraint sequences{"S", sequences_of(types::kClassic)};
  const Constraint indices{"I", types::kIndices};
  return {
      {.name = "SequenceAt",
       .schema = {"input_sequence:S, position:I -> tensor:T", {sequences, tensors, indices}},
       .infer = infer_sequence_at,
       .reference = reference_sequence_at,
       .cost = cost_of_view},
      {.name = "SequenceConstruct",
       .schema = {"inputs:T* -> output_sequence:S", {sequences, tensors}},
       .infer = infer_sequence_construct,
       .reference = reference_sequence_construct,
       .cost = cost_of_view},
      {.name = "SequenceEmpty",
       .schema = {"-> output:S", {sequences}, {{"dtype", AttributeKind::Integer}}},
       .infer = infer_sequence_empty,
       .reference = reference_sequence_empty,
       .cost = cost_of_view},
      {.name = "SequenceErase",
       .schema = {"input_sequence:S, position?:I -> output_sequence:S", {sequences, indices}},
       .infer = infer_same_as_first,
       .reference = reference_sequence_erase,
       .cost = cost_of_view},
      {.name = "SequenceInsert",
       .schema = {"input_sequence:S, tensor:T, position?:I -> output_sequence:S",
                  {sequences, tensors, indices}},
       .infer = infer_sequence_insert,
       .reference = reference_sequence_insert,
       .cost = cost_of_view},
      {.name = "SequenceLength",
       .schema = {"input_sequence:S -> length:i64", {sequences}},
       .infer = infer_sequence_length,
       .reference = reference_sequence_length,
       .cost = cost_of_view},
      {.name = "SplitToSequence",
       .schema = {"input:T, split?:I -> output_sequence:S",
                  {{"T", types::kPlain}, indices, {"S", sequences_of(types::kPlain)}},
                  {{"axis", 0}, {"keepdims", 1}}},
       .infer = infer_split_to_sequence,
       .reference = reference_split_to_sequence,
       .cost = cost_of_traffic},
      {.name = "ConcatFromSequence",
       .schema = {"input_sequence:S -> concat_result:T",
                  {sequences, tensors},
                  {{"axis", AttributeKind::Integer, kRequired}, {"new_axis", 0}}},
       .infer = infer_concat_from_sequence,
       .reference = reference_concat_from_sequence,
       .cost = cost_of_move},
  };
}

}  // namespace atlas::ops
