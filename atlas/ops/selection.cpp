// Elements kept or turned round by where they stand: Trilu and ReverseSequence.
#include "atlas/ops/element_copy.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

void infer_trilu(InferContext& context) {
  context.check(!context.dims(0) || context.dims(0)->size() >= 2, "expected matrices, got {}",
                text(context.input(0)));
  context.set_output(0, context.input(0));
}

void reference_trilu(ReferenceContext& context) {
  const Tensor& data = context.input(0);
  context.check(data.rank() >= 2, "expected matrices, got {}", text(data));
  const bool upper = context.integer("upper") != 0;
  const std::int64_t k = context.integer_input(1, 0);
  const auto rows = static_cast<std::size_t>(data.dim(data.rank() - 2));
  const auto columns = static_cast<std::size_t>(data.dim(data.rank() - 1));
  context.set_output(0, pick(data, data.shape(), [&](std::size_t i) {
                       const auto row = static_cast<std::int64_t>(i / columns % rows);
                       const std::int64_t diagonal = static_cast<std::int64_t>(i % columns) - row;
                       const bool is_kept = upper ? diagonal >= k : diagonal <= k;
                       return is_kept ? static_cast<std::int64_t>(i) : kOutside;
                     }));
}

// True where the batch is axis 0 and time axis 1; false the other way round.
template <typename Context>
bool batch_comes_first(const Context& context) {
  const std::int64_t batch = context.integer("batch_axis");
  const std::int64_t time = context.integer("time_axis");
  context.check(batch + time == 1 && (batch == 0 || batch == 1),
                "expected axes 0 and 1 for batch and time, got {} and {}", batch, time);
  return batch == 0;
}

void infer_reverse_sequence(InferContext& context) {
  batch_comes_first(context);
  context.check(!context.dims(0) || context.dims(0)->size() >= 2,
                "expected an input of rank 2 or more, got {}", text(context.input(0)));
  context.set_output(0, context.input(0));
}

void reference_reverse_sequence(ReferenceContext& context) {
  const Tensor& data = context.input(0);
  const bool batch_first = batch_comes_first(context);
  context.check(data.rank() >= 2, "expected an input of rank 2 or more, got {}", text(data));
  const std::int64_t batches = data.dim(batch_first ? 0 : 1);
  const std::int64_t times = data.dim(batch_first ? 1 : 0);
  const std::vector<std::int64_t> lengths = context.integers(1);
  context.check(static_cast<std::int64_t>(lengths.size()) == batches, "expected {} lengths, got {}", batches,
                lengths.size());
  for (const std::int64_t length : lengths)
    context.check(length >= 0 && length <= times, "length {} is outside the time axis of {}", length, times);
  const auto second = static_cast<std::size_t>(data.dim(1));
  const std::size_t inner = split_at(data.shape(), 1).inner;
  context.set_output(0, pick(data, data.shape(), [&](std::size_t i) {
                       const std::size_t row = i / inner / second;
                       const std::size_t column = i / inner % second;
                       const std::size_t time = batch_first ? column : row;
                       const auto length = static_cast<std::size_t>(lengths[batch_first ? row : column]);
                       const std::size_t from = time < length ? length - 1 - time : time;
                       const std::size_t block = batch_first ? row * second + from : from * second + column;
                       return static_cast<std::int64_t>(block * inner + i % inner);
                     }));
}

}  // namespace

std::vector<OpDef> selection() {
  return {
      {.name = "Trilu",
       .schema = {"input:T, k?:i64 -> output:T", {{"T", types::kPlain}}, {{"upper", 1}}},
       .infer = infer_trilu,
       .reference = reference_trilu,
       .cost = cost_of_move},
      {.name = "ReverseSequence",
       .schema = {"input:T, sequence_lens:i64 -> Y:T",
                  {{"T", types::kClassic}},
                  {{"batch_axis", 1}, {"time_axis", 0}}},
       .infer = infer_reverse_sequence,
       .reference = reference_reverse_sequence,
       .cost = cost_of_move},
  };
}

}  // namespace atlas::ops
