// Elements and slices written by index: ScatterElements, ScatterND, TensorScatter.
#include <algorithm>

#include "atlas/ops/element_copy.h"
#include "atlas/ops/families.h"
#include "atlas/ops/indexing.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

enum class Reduction { None, Add, Mul, Max, Min };

template <typename Context>
Reduction reduction_of(const Context& context) {
  const std::string reduction = context.string("reduction");
  if (reduction == "add") return Reduction::Add;
  if (reduction == "mul") return Reduction::Mul;
  if (reduction == "max") return Reduction::Max;
  if (reduction == "min") return Reduction::Min;
  context.check(reduction == "none", "expected reduction none, add, mul, max or min, got '{}'", reduction);
  return Reduction::None;
}

// Blocks of `block` updates, one after another, folded into `values` at their offsets.
template <typename T, typename Fold>
void fold(std::vector<T>& values, const std::vector<T>& updates, const std::vector<std::int64_t>& offsets,
          std::size_t block, Fold function) {
  for (std::size_t i = 0; i < updates.size(); ++i) {
    T& value = values[static_cast<std::size_t>(offsets[i / block]) + i % block];
    value = function(value, updates[i]);
  }
}

template <typename T>
void reduce(Reduction reduction, std::vector<T>& values, const std::vector<T>& updates,
            const std::vector<std::int64_t>& offsets, std::size_t block) {
  switch (reduction) {
    case Reduction::Add:
      return fold(values, updates, offsets, block, [](T a, T b) { return a + b; });
    case Reduction::Mul:
      return fold(values, updates, offsets, block, [](T a, T b) { return a * b; });
    case Reduction::Max:
      return fold(values, updates, offsets, block, [](T a, T b) { return std::max(a, b); });
    default:
      return fold(values, updates, offsets, block, [](T a, T b) { return std::min(a, b); });
  }
}

// The data with each block of updates put, or folded, in at its offset.
Tensor scattered(const ReferenceContext& context, const std::vector<std::int64_t>& offsets,
                 std::size_t block) {
  const Tensor& data = context.input(0);
  const Tensor& updates = context.input(2);
  const Reduction reduction = reduction_of(context);
  if (reduction == Reduction::None) {
    ElementArray out = ElementArray::copy_of(data);
    const ElementArray from(updates);
    for (std::size_t i = 0; i < offsets.size(); ++i)
      out.copy(static_cast<std::size_t>(offsets[i]), from, i * block, block);
    return out.tensor(data.shape());
  }
  const bool is_number = data.dtype() != DType::String && !is_complex(data.dtype());
  context.check(is_number, "elements of type {} cannot be reduced", name(data.dtype()));
  if (is_floating(data.dtype())) {
    std::vector<double> values = to_doubles(data);
    reduce(reduction, values, to_doubles(updates), offsets, block);
    return from_doubles(data.dtype(), data.shape(), values);
  }
  std::vector<std::int64_t> values = to_ints(data);
  const std::vector<std::int64_t> others = to_ints(updates);
  if (data.dtype() != DType::U64 && (reduction == Reduction::Max || reduction == Reduction::Min)) {
    reduce(reduction, values, others, offsets, block);
    return from_ints(data.dtype(), data.shape(), values);
  }
  // Sums and products wrap; extremes of u64 compare as such.
  std::vector<std::uint64_t> bits(values.begin(), values.end());
  reduce(reduction, bits, std::vector<std::uint64_t>(others.begin(), others.end()), offsets, block);
  values.assign(bits.begin(), bits.end());
  return from_ints(data.dtype(), data.shape(), values);
}

// Content of a list with elements replaced.
void infer_scattered_content(InferContext& context) {
  auto content = context.content(0);
  const auto indices = context.integers(1);
  const auto updates = context.content(2);
  if (!content || !indices || !updates || indices->size() != updates->size() || !context.dims(0) ||
      context.dims(0)->size() != 1 || reduction_of(context) != Reduction::None)
    return;
  const auto size = static_cast<std::int64_t>(content->size());
  for (std::size_t i = 0; i < indices->size(); ++i)
    (*content)[static_cast<std::size_t>(checked_index(context, (*indices)[i], size))] = (*updates)[i];
  context.set_content(0, std::move(*content));
}

void infer_scatter_elements(InferContext& context) {
  reduction_of(context);
  const std::optional<Dims>& data = context.dims(0);
  if (data) context.axis(context.integer("axis"), data->size());
  for (const std::size_t i : {1, 2})
    context.check(!data || !context.dims(i) || context.dims(i)->size() == data->size(),
                  "expected rank {} for input {}, got {}", data ? data->size() : 0, i,
                  text(context.input(i)));
  infer_scattered_content(context);
  context.set_output(0, context.input(0));
}

void reference_scatter_elements(ReferenceContext& context) {
  const Shape& data = context.shape(0);
  const Shape& indices = context.shape(1);
  context.check(context.shape(2) == indices, "expected as many updates as indices, {}, got {}", text(indices),
                text(context.shape(2)));
  const std::size_t axis = context.axis(context.integer("axis"), data.size());
  context.set_output(
      0, scattered(context, element_offsets(context, data, indices, context.integers(1), axis), 1));
}

void infer_scatter_nd(InferContext& context) {
  reduction_of(context);
  const std::optional<Dims>& data = context.dims(0);
  const std::optional<Dims>& indices = context.dims(1);
  context.check(!indices || !indices->empty(), "expected indices of rank 1 or more");
  if (data && indices && indices->back().is_constant())
    context.check(indices->back().value() <= static_cast<std::int64_t>(data->size()),
                  "index tuples of {} do not fit {}", indices->back().text(), text(context.input(0)));
  infer_scattered_content(context);
  context.set_output(0, context.input(0));
}

void reference_scatter_nd(ReferenceContext& context) {
  const Shape& data = context.shape(0);
  const Shape& indices = context.shape(1);
  const auto offsets = slice_offsets(context, data, indices, context.integers(1), 0);
  const Shape slice(data.begin() + indices.back(), data.end());
  Shape wanted(indices.begin(), indices.end() - 1);
  wanted.insert(wanted.end(), slice.begin(), slice.end());
  context.check(context.shape(2) == wanted, "expected updates of shape {}, got {}", text(wanted),
                text(context.shape(2)));
  context.set_output(0, scattered(context, offsets, element_count(slice)));
}

// True for a cache written around its end.
template <typename Context>
bool is_circular(const Context& context) {
  const std::string mode = context.string("mode");
  context.check(mode == "linear" || mode == "circular", "expected mode linear or circular, got '{}'", mode);
  return mode == "circular";
}

template <typename Context>
std::size_t sequence_axis(const Context& context, std::size_t rank) {
  const std::size_t axis = context.axis(context.integer("axis"), rank);
  context.check(axis != 0, "axis 0 is the batch and cannot be that of the sequence");
  return axis;
}

void infer_tensor_scatter(InferContext& context) {
  is_circular(context);
  if (context.dims(0)) sequence_axis(context, context.dims(0)->size());
  context.set_output(0, context.input(0));
}

void reference_tensor_scatter(ReferenceContext& context) {
  const bool circular = is_circular(context);
  const Tensor& cache = context.input(0);
  const Tensor& update = context.input(1);
  const std::size_t axis = sequence_axis(context, cache.rank());
  Shape wanted = cache.shape();
  if (update.rank() == cache.rank()) wanted[axis] = update.dim(axis);
  context.check(update.shape() == wanted && update.dim(axis) <= cache.dim(axis),
                "update {} does not fit the cache {} along axis {}", text(update), text(cache), axis);
  std::vector<std::int64_t> starts(static_cast<std::size_t>(cache.dim(0)), 0);
  if (context.has_input(2)) {
    starts = context.integers(2);
    context.check(starts.size() == static_cast<std::size_t>(cache.dim(0)),
                  "expected {} write indices, got {}", cache.dim(0), starts.size());
  }
  const AxisSplit to = split_at(cache.shape(), axis);
  const AxisSplit from = split_at(update.shape(), axis);
  ElementArray out = ElementArray::copy_of(cache);
  const ElementArray items(update);
  for (std::size_t outer = 0; update.element_count() > 0 && outer < to.outer; ++outer) {
    const std::int64_t start = starts[outer / (to.outer / starts.size())];
    const auto size = static_cast<std::int64_t>(to.extent);
    const auto length = static_cast<std::int64_t>(from.extent);
    context.check(start >= 0 && (circular || start <= size - length),
                  "write index {} leaves no room for {} elements in {}", start, length, size);
    for (std::int64_t i = 0; i < length; ++i) {
      const auto at = static_cast<std::size_t>((start % size + i) % size);
      const std::size_t target = circular ? at : static_cast<std::size_t>(start + i);
      out.copy((outer * to.extent + target) * to.inner, items,
               (outer * from.extent + static_cast<std::size_t>(i)) * to.inner, to.inner);
    }
  }
  context.set_output(0, out.tensor(cache.shape()));
}

// Data and updates are read once; a reduction computes once an update.
Cost cost_of_scatter(const CostContext& context) {
  Cost cost = context.traffic();
  const Attribute* reduction = context.node().attributes.find("reduction");
  if (reduction == nullptr || std::get<std::string>(*reduction) == "none") return cost;
  double updates = 1;
  for (const std::int64_t extent : context.input_shape(2)) updates *= static_cast<double>(extent);
  cost.operations[static_cast<std::size_t>(context.output_dtype(0))] = updates;
  return cost;
}

}  // namespace

std::vector<OpDef> scatter() {
  constexpr TypeSet kCached = types::kPlain | types::kFloat8 | TypeSet{DType::I4, DType::U4, DType::F4E2M1};
  return {
      {.name = "ScatterElements",
       .schema = {"data:T, indices:Tind, updates:T -> output:T",
                  {{"T", types::kPlain}, {"Tind", types::kIndices}},
                  {{"axis", 0}, {"reduction", "none"}}},
       .infer = infer_scatter_elements,
       .reference = reference_scatter_elements,
       .cost = cost_of_scatter},
      {.name = "ScatterND",
       .schema = {"data:T, indices:i64, updates:T -> output:T",
                  {{"T", types::kPlain}},
                  {{"reduction", "none"}}},
       .infer = infer_scatter_nd,
       .reference = reference_scatter_nd,
       .cost = cost_of_scatter},
      {.name = "TensorScatter",
       .schema = {"past_cache:T, update:T, write_indices?:i64 -> present_cache:T",
                  {{"T", kCached}},
                  {{"axis", -2}, {"mode", "linear"}}},
       .infer = infer_tensor_scatter,
       .reference = reference_tensor_scatter,
       .cost = cost_of_traffic},
  };
}

}  // namespace atlas::ops
