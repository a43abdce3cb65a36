// Elements and slices picked by index: Gather, GatherElements, GatherND, Compress.
#include <algorithm>

#include "atlas/ops/element_copy.h"
#include "atlas/ops/families.h"
#include "atlas/ops/indexing.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// Slices along the middle one of three axes, [outer, extent, inner], put under `shape`.
Tensor gathered(const Tensor& data, const AxisSplit& axes, const std::vector<std::int64_t>& indices,
                Shape shape) {
  const auto inner = static_cast<std::int64_t>(axes.inner);
  const std::int64_t strides[] = {static_cast<std::int64_t>(axes.extent) * inner, inner, 1};
  const Shape blocks = {static_cast<std::int64_t>(axes.outer), static_cast<std::int64_t>(indices.size()),
                        inner};
  const auto from = [&](std::size_t axis, std::int64_t at) {
    return strides[axis] * (axis == 1 ? indices[static_cast<std::size_t>(at)] : at);
  };
  return pick_along_axes(data, blocks, from).reshaped(std::move(shape));
}

// Content of a list picked by known indices.
void infer_picked_content(InferContext& context) {
  const auto content = context.content(0);
  const auto indices = context.integers(1);
  const std::optional<Dims>& rank = context.dims(1);
  if (!content || !indices || !rank || rank->size() > 1 || !context.dims(0) || context.dims(0)->size() != 1)
    return;
  Dims picked;
  for (const std::int64_t index : *indices)
    picked.push_back(content->at(
        static_cast<std::size_t>(checked_index(context, index, static_cast<std::int64_t>(content->size())))));
  context.set_content(0, std::move(picked));
}

void infer_gather(InferContext& context) {
  const std::optional<Dims>& data = context.dims(0);
  const std::optional<Dims>& indices = context.dims(1);
  std::optional<Dims> dims;
  if (data) {
    const std::size_t axis = context.axis(context.integer("axis"), data->size());
    if (indices) {
      dims = *data;
      const auto at = dims->erase(dims->begin() + static_cast<std::ptrdiff_t>(axis));
      dims->insert(at, indices->begin(), indices->end());
    }
  }
  infer_picked_content(context);
  context.set_output(0, context.dtype(0), std::move(dims));
}

void reference_gather(ReferenceContext& context) {
  const Tensor& data = context.input(0);
  const std::size_t axis = context.axis(context.integer("axis"), data.rank());
  std::vector<std::int64_t> indices = context.integers(1);
  for (std::int64_t& index : indices) index = checked_index(context, index, data.dim(axis));
  Shape shape = data.shape();
  const auto at = shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(at, context.shape(1).begin(), context.shape(1).end());
  context.set_output(0, gathered(data, split_at(data.shape(), axis), indices, std::move(shape)));
}

void infer_gather_elements(InferContext& context) {
  const std::optional<Dims>& data = context.dims(0);
  const std::optional<Dims>& indices = context.dims(1);
  context.check(!data || !indices || data->size() == indices->size(), "expected indices of rank {}, got {}",
                data ? data->size() : 0, indices ? indices->size() : 0);
  if (data) context.axis(context.integer("axis"), data->size());
  infer_picked_content(context);
  context.set_output(0, context.dtype(0), indices);
}

void reference_gather_elements(ReferenceContext& context) {
  const Tensor& data = context.input(0);
  const std::size_t axis = context.axis(context.integer("axis"), data.rank());
  const auto offsets = element_offsets(context, data.shape(), context.shape(1), context.integers(1), axis);
  context.set_output(0, pick(data, context.shape(1), [&](std::size_t i) { return offsets[i]; }));
}

template <typename Context>
std::size_t batch_axes(const Context& context) {
  const std::int64_t count = context.integer("batch_dims");
  context.check(count >= 0, "expected 0 or more in 'batch_dims', got {}", count);
  return static_cast<std::size_t>(count);
}

void infer_gather_nd(InferContext& context) {
  const std::size_t batch = batch_axes(context);
  const std::optional<Dims>& data = context.dims(0);
  const std::optional<Dims>& indices = context.dims(1);
  std::optional<Dims> dims;
  context.check(!indices || indices->size() > batch, "expected indices of rank above {}, got {}", batch,
                text(context.input(1)));
  if (data && indices && indices->back().is_constant()) {
    const std::int64_t length = indices->back().value();
    context.check(
        length >= 0 && data->size() >= batch && static_cast<std::size_t>(length) <= data->size() - batch,
        "index tuples of {} do not fit {}", length, text(context.input(0)));
    dims = Dims(indices->begin(), indices->end() - 1);
    dims->insert(dims->end(), data->begin() + static_cast<std::ptrdiff_t>(batch) + length, data->end());
  }
  context.set_output(0, context.dtype(0), std::move(dims));
}

void reference_gather_nd(ReferenceContext& context) {
  const Tensor& data = context.input(0);
  const Shape& indices = context.shape(1);
  const std::size_t batch = batch_axes(context);
  const auto offsets = slice_offsets(context, data.shape(), indices, context.integers(1), batch);
  const Shape slice(data.shape().begin() + static_cast<std::ptrdiff_t>(batch) + indices.back(),
                    data.shape().end());
  Shape shape(indices.begin(), indices.end() - 1);
  shape.insert(shape.end(), slice.begin(), slice.end());
  const Shape blocks = {static_cast<std::int64_t>(offsets.size()),
                        static_cast<std::int64_t>(element_count(slice))};
  const auto from = [&](std::size_t axis, std::int64_t at) {
    return axis == 0 ? offsets[static_cast<std::size_t>(at)] : at;
  };
  context.set_output(0, pick_along_axes(data, blocks, from).reshaped(std::move(shape)));
}

void infer_compress(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  if (!context.has_attribute("axis")) {
    dims = Dims{Dim()};
  } else if (dims) {
    (*dims)[context.axis(context.integer("axis"), dims->size())] = Dim();
  }
  context.set_output(0, context.dtype(0), std::move(dims));
}

void reference_compress(ReferenceContext& context) {
  const bool flat = !context.has_attribute("axis");
  const Tensor data =
      flat ? context.input(0).reshaped({static_cast<std::int64_t>(context.input(0).element_count())})
           : context.input(0);
  const std::size_t axis = flat ? 0 : context.axis(context.integer("axis"), data.rank());
  const std::vector<std::int64_t> condition = context.integers(1);
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < condition.size(); ++i)
    if (condition[i] != 0)
      kept.push_back(checked_index(context, static_cast<std::int64_t>(i), data.dim(axis)));
  Shape shape = data.shape();
  shape[axis] = static_cast<std::int64_t>(kept.size());
  context.set_output(0, gathered(data, split_at(data.shape(), axis), kept, std::move(shape)));
}

// The slices that are written were read, and so were the indices.
Cost cost_of_gather(const CostContext& context) {
  Cost cost = cost_of_move(context);
  double indices = 1;
  for (const std::int64_t extent : context.input_shape(1)) indices *= static_cast<double>(extent);
  cost.bytes_read += indices * bits(context.input_dtype(1)) / 8;
  return cost;
}

}  // namespace

std::vector<OpDef> gather() {
  return {
      {.name = "Gather",
       .schema = {"data:T, indices:Tind -> output:T",
                  {{"T", types::kPlain}, {"Tind", types::kIndices}},
                  {{"axis", 0}}},
       .infer = infer_gather,
       .reference = reference_gather,
       .cost = cost_of_gather},
      {.name = "GatherElements",
       .schema = {"data:T, indices:Tind -> output:T",
                  {{"T", types::kPlain}, {"Tind", types::kIndices}},
                  {{"axis", 0}}},
       .infer = infer_gather_elements,
       .reference = reference_gather_elements,
       .cost = cost_of_gather},
      {.name = "GatherND",
       .schema = {"data:T, indices:i64 -> output:T", {{"T", types::kPlain}}, {{"batch_dims", 0}}},
       .infer = infer_gather_nd,
       .reference = reference_gather_nd,
       .cost = cost_of_gather},
      {.name = "Compress",
       .schema = {"input:T, condition:bool -> output:T",
                  {{"T", types::kClassic}},
                  {{"axis", AttributeKind::Integer}}},
       .infer = infer_compress,
       .reference = reference_compress,
       .cost = cost_of_gather},
  };
}

}  // namespace atlas::ops
