// Elements found by their value: NonZero, TopK, Unique.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "atlas/ops/element_copy.h"
#include "atlas/ops/element_ranks.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

void infer_non_zero(InferContext& context) {
  const Dim rank = context.dims(0) ? Dim(static_cast<std::int64_t>(context.dims(0)->size())) : Dim();
  context.set_output(0, DType::I64, Dims{rank, Dim()});
}

std::vector<bool> are_set(const Tensor& tensor) {
  std::vector<bool> set(tensor.element_count());
  const auto mark = [&](const auto& values, const auto& is_set) {
    for (std::size_t i = 0; i < set.size(); ++i) set[i] = is_set(values[i]);
  };
  if (tensor.dtype() == DType::String) {
    mark(tensor.values<std::string>(), [](const std::string& s) { return !s.empty(); });
  } else if (is_integer(tensor.dtype()) || tensor.dtype() == DType::Bool) {
    mark(to_ints(tensor), [](std::int64_t v) { return v != 0; });
  } else {
    mark(to_complexes(tensor), [](const std::complex<double>& v) { return v != 0.0; });
  }
  return set;
}

void reference_non_zero(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const std::vector<bool> set = are_set(context.input(0));
  const auto count = static_cast<std::size_t>(std::ranges::count(set, true));
  std::vector<std::int64_t> coordinates(shape.size() * count);
  std::size_t found = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (!set[i]) continue;
    auto rest = static_cast<std::int64_t>(i);
    for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis])
      coordinates[axis * count + found] = rest % shape[axis];
    ++found;
  }
  context.set_integers(0, DType::I64,
                       {static_cast<std::int64_t>(shape.size()), static_cast<std::int64_t>(count)},
                       coordinates);
}

void infer_top_k(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  if (dims) {
    Dim& extent = (*dims)[context.axis(context.integer("axis"), dims->size())];
    const auto k = context.content(1);
    const Dim count = k && k->size() == 1 ? (*k)[0] : Dim();
    context.check(!count.is_constant() || !extent.is_constant() ||
                      (count.value() >= 0 && count.value() <= extent.value()),
                  "expected K between 0 and {}, got {}", extent.text(), count.text());
    extent = count;
  }
  context.set_output(0, context.dtype(0), dims);
  context.set_output(1, DType::I64, dims);
}

void reference_top_k(ReferenceContext& context) {
  const Tensor& data = context.input(0);
  const std::size_t axis = context.axis(context.integer("axis"), data.rank());
  const std::int64_t k = context.integer_input(1, 0);
  context.check(k >= 0 && k <= data.dim(axis), "expected K between 0 and {}, got {}", data.dim(axis), k);
  const bool largest = context.integer("largest") != 0;
  const std::vector<std::int64_t> ranks = element_ranks(data);
  const AxisSplit axes = split_at(data.shape(), axis);
  Shape shape = data.shape();
  shape[axis] = k;
  const auto count = static_cast<std::size_t>(k);
  std::vector<std::int64_t> indices(element_count(shape));
  std::vector<std::int64_t> offsets(indices.size());
  std::vector<std::size_t> line(axes.extent);
  for (std::size_t i = 0; count > 0 && i < axes.outer * axes.inner; ++i) {
    const std::size_t outer = i / axes.inner;
    const std::size_t inner = i % axes.inner;
    const auto offset = [&](std::size_t at) { return (outer * axes.extent + at) * axes.inner + inner; };
    std::iota(line.begin(), line.end(), 0);
    // Of equal elements the first counts as the better one.
    const auto better = [&](std::size_t a, std::size_t b) {
      const std::int64_t x = ranks[offset(a)];
      const std::int64_t y = ranks[offset(b)];
      return x == y ? a < b : (x > y) == largest;
    };
    std::partial_sort(line.begin(), line.begin() + k, line.end(), better);
    for (std::size_t j = 0; j < count; ++j) {
      const std::size_t to = (outer * count + j) * axes.inner + inner;
      indices[to] = static_cast<std::int64_t>(line[j]);
      offsets[to] = static_cast<std::int64_t>(offset(line[j]));
    }
  }
  context.set_output(0, pick(data, shape, [&](std::size_t i) { return offsets[i]; }));
  context.set_integers(1, DType::I64, shape, indices);
}

// A selection of k out of n: about n comparisons and k log k to sort.
Cost cost_of_top_k(const CostContext& context) {
  Cost cost = context.traffic();
  double elements = 1;
  for (const std::int64_t extent : context.input_shape(0)) elements *= static_cast<double>(extent);
  const double kept = context.output_elements(0);
  cost.operations[static_cast<std::size_t>(context.input_dtype(0))] = elements + kept * std::log2(kept + 1);
  return cost;
}

void infer_unique(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  if (!context.has_attribute("axis")) {
    dims = Dims{Dim()};
  } else if (dims) {
    (*dims)[context.axis(context.integer("axis"), dims->size())] = Dim();
  }
  context.set_output(0, context.dtype(0), std::move(dims));
  for (std::size_t i = 1; i < 4; ++i) context.set_output(i, DType::I64, Dims{Dim()});
}

void reference_unique(ReferenceContext& context) {
  const bool flat = !context.has_attribute("axis");
  const Tensor data =
      flat ? context.input(0).reshaped({static_cast<std::int64_t>(context.input(0).element_count())})
           : context.input(0);
  const std::size_t axis = flat ? 0 : context.axis(context.integer("axis"), data.rank());
  const AxisSplit axes = split_at(data.shape(), axis);
  const std::vector<std::int64_t> ranks = element_ranks(data);

  // Negative, zero or positive as slice `a` stands before, equal to or after slice `b`.
  const auto compare = [&](std::size_t a, std::size_t b) {
    for (std::size_t i = 0; i < axes.outer * axes.inner; ++i) {
      const std::size_t line = i / axes.inner * axes.extent * axes.inner + i % axes.inner;
      const std::int64_t difference = ranks[line + a * axes.inner] - ranks[line + b * axes.inner];
      if (difference != 0) return difference;
    }
    return std::int64_t{0};
  };
  std::vector<std::size_t> order(axes.extent);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const std::int64_t difference = compare(a, b);
    return difference == 0 ? a < b : difference < 0;
  });

  struct Group {
    std::size_t first;  // the slice that stands for it
    std::vector<std::size_t> members;
  };
  std::vector<Group> groups;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || compare(order[i - 1], order[i]) != 0) groups.push_back({order[i], {}});
    groups.back().members.push_back(order[i]);
  }
  if (context.integer("sorted") == 0) std::ranges::sort(groups, {}, &Group::first);

  std::vector<std::int64_t> firsts;
  std::vector<std::int64_t> inverse(axes.extent);
  std::vector<std::int64_t> counts;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    firsts.push_back(static_cast<std::int64_t>(groups[group].first));
    counts.push_back(static_cast<std::int64_t>(groups[group].members.size()));
    for (const std::size_t member : groups[group].members) inverse[member] = static_cast<std::int64_t>(group);
  }
  Shape shape = data.shape();
  shape[axis] = static_cast<std::int64_t>(groups.size());
  const std::vector<std::int64_t> strides = row_major_strides(data.shape());
  context.set_output(0, pick_along_axes(data, shape, [&](std::size_t i, std::int64_t at) {
                       return strides[i] * (i == axis ? firsts[static_cast<std::size_t>(at)] : at);
                     }));
  context.set_output(1, Tensor::of_ints(firsts));
  context.set_output(2, Tensor::of_ints(inverse));
  context.set_output(3, Tensor::of_ints(counts));
}

}  // namespace

std::vector<OpDef> search() {
  return {
      {.name = "NonZero",
       .schema = {"X:T -> Y:i64", {{"T", types::kPlain}}},
       .infer = infer_non_zero,
       .reference = reference_non_zero},
      {.name = "TopK",
       .schema = {"X:T, K:i64 -> Values:T, Indices:i64",
                  {{"T", types::kNumbers}},
                  {{"axis", -1}, {"largest", 1}, {"sorted", 1}}},
       .infer = infer_top_k,
       .reference = reference_top_k,
       .cost = cost_of_top_k},
      {.name = "Unique",
       .schema = {"X:T -> Y:T, indices?:i64, inverse_indices?:i64, counts?:i64",
                  {{"T", types::kClassic}},
                  {{"axis", AttributeKind::Integer}, {"sorted", 1}}},
       .infer = infer_unique,
       .reference = reference_unique},
  };
}

}  // namespace atlas::ops
