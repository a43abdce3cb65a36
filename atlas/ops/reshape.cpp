// Shapes asked for and changed without moving an element: Shape, Size, Reshape, Flatten, Squeeze, Unsqueeze.
#include <algorithm>

#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// [start, end) of a list of `rank` under numpy's rules for slices: negative from the end, clamped.
template <typename Context>
std::pair<std::size_t, std::size_t> shape_range(const Context& context, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  const auto clamped = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
  };
  const std::int64_t start = clamped(context.integer("start"));
  const std::int64_t end = clamped(context.integer("end", size));
  return {static_cast<std::size_t>(start), static_cast<std::size_t>(std::max(start, end))};
}

void infer_shape(InferContext& context) {
  const std::optional<Dims>& dims = context.dims(0);
  if (!dims) return context.set_output(0, DType::I64, Dims{Dim()});
  const auto [start, end] = shape_range(context, dims->size());
  context.set_output(0, DType::I64, Dims{static_cast<std::int64_t>(end - start)});
  context.set_content(0, Dims(dims->begin() + static_cast<std::ptrdiff_t>(start),
                              dims->begin() + static_cast<std::ptrdiff_t>(end)));
}

void reference_shape(ReferenceContext& context) {
  const auto [start, end] = shape_range(context, context.shape(0).size());
  context.set_output(0, Tensor::of_ints(std::span(context.shape(0)).subspan(start, end - start)));
}

void infer_size(InferContext& context) {
  context.set_output(0, DType::I64, Dims{});
  if (context.dims(0)) context.set_content(0, {product(*context.dims(0))});
}

void reference_size(ReferenceContext& context) {
  context.set_output(0, Tensor::scalar(static_cast<std::int64_t>(context.input(0).element_count())));
}

// Quotient of two products, what stands in both cancelled, so that unknown extents that are kept do no harm.
template <typename Context>
Dim remaining_extent(const Context& context, Dims from, Dims taken) {
  std::erase_if(taken, [&](const Dim& dim) {
    const auto at = std::ranges::find(from, dim);
    if (at == from.end()) return false;
    from.erase(at);
    return true;
  });
  const Dim all = product(from);
  const Dim part = product(taken);
  const bool both_known = all.is_constant() && part.is_constant();
  context.check(!both_known || (part.value() != 0 && all.value() % part.value() == 0),
                "its {} elements do not divide among {}", all.text(), part.text());
  return floor_div(all, part);
}

// The new shape: `wanted` with 0 (the extent there now) and -1 (whatever is left) resolved.
template <typename Context>
Dims reshaped_dims(const Context& context, const std::optional<Dims>& now, const Dims& wanted) {
  const bool zero_is_zero = context.integer("allowzero") != 0;
  Dims out = wanted;
  Dims kept;  // extents other than -1 that are not copied from `now`
  std::optional<std::size_t> rest;
  std::vector<bool> copied(now ? now->size() : 0, false);
  bool has_zero = false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    context.check(!wanted[i].is_constant() || wanted[i].value() >= -1,
                  "expected extents of -1 or more, got {}", text(wanted));
    if (wanted[i] == Dim(-1)) {
      context.check(!rest, "expected at most one extent of -1, got {}", text(wanted));
      rest = i;
    } else if (wanted[i] == Dim(0) && !zero_is_zero) {
      context.check(!now || i < now->size(), "extent {} is to be copied, but the input has rank {}", i,
                    now ? now->size() : 0);
      out[i] = now ? (*now)[i] : Dim();
      if (now) copied[i] = true;
    } else {
      has_zero = has_zero || wanted[i] == Dim(0);
      kept.push_back(wanted[i]);
    }
  }
  context.check(!rest || !has_zero, "an extent of -1 cannot stand beside one of 0, got {}", text(wanted));
  if (rest) out[*rest] = Dim();
  if (!now) return out;
  Dims from;
  for (std::size_t i = 0; i < now->size(); ++i)
    if (!copied[i]) from.push_back((*now)[i]);
  if (rest) {
    out[*rest] = remaining_extent(context, std::move(from), std::move(kept));
    return out;
  }
  const Dim before = product(*now);
  const Dim after = product(out);
  context.check(!before.is_constant() || !after.is_constant() || before == after,
                "shape {} does not hold the {} elements of {}", text(out), before.text(), text(*now));
  return out;
}

void infer_reshape(InferContext& context) {
  const std::optional<Dims>& rank = context.dims(1);
  context.check(!rank || rank->size() == 1, "expected a list as shape, got {}", text(context.input(1)));
  std::optional<Dims> dims;
  if (const auto wanted = context.content(1)) {
    dims = reshaped_dims(context, context.dims(0), *wanted);
  } else if (rank && (*rank)[0].is_constant() && (*rank)[0].value() <= 64) {
    dims = Dims(static_cast<std::size_t>((*rank)[0].value()));
  }
  if (const auto content = context.content(0); content && dims && dims->size() <= 1)
    context.set_content(0, *content);
  context.set_output(0, context.dtype(0), std::move(dims));
}

void reference_reshape(ReferenceContext& context) {
  const Dims dims = reshaped_dims(context, dims_of(context.shape(0)), dims_of(context.integers(1)));
  const auto shape = constant_shape(dims);
  context.check(shape.has_value(), "shape {} is beyond all bounds", text(dims));
  context.set_output(0, context.input(0).reshaped(*shape));
}

template <typename Context>
Dims flattened_dims(const Context& context, const Dims& dims) {
  const std::int64_t axis = context.integer("axis");
  // The axis may also be the rank itself: everything before it.
  const std::size_t at =
      axis == static_cast<std::int64_t>(dims.size()) ? dims.size() : context.axis(axis, dims.size());
  const auto middle = dims.begin() + static_cast<std::ptrdiff_t>(at);
  return {product(Dims(dims.begin(), middle)), product(Dims(middle, dims.end()))};
}

void infer_flatten(InferContext& context) {
  context.set_output(0, context.dtype(0),
                     context.dims(0) ? flattened_dims(context, *context.dims(0)) : Dims{Dim(), Dim()});
}

void reference_flatten(ReferenceContext& context) {
  const Dims dims = flattened_dims(context, dims_of(context.shape(0)));
  context.set_output(0, context.input(0).reshaped(constant_shape(dims).value()));
}

// Flags of the axes that are named.
template <typename Context>
std::vector<bool> named_axes(const Context& context, std::span<const std::int64_t> axes, std::size_t rank) {
  std::vector<bool> named(rank, false);
  for (const std::int64_t axis : axes) {
    const std::size_t at = context.axis(axis, rank);
    context.check(!named[at], "axis {} is named twice", axis);
    named[at] = true;
  }
  return named;
}

// Nothing where the rank depends on unknown extents.
template <typename Context>
std::optional<Dims> squeezed_dims(const Context& context, const Dims& dims,
                                  const std::optional<std::vector<std::int64_t>>& axes) {
  Dims out;
  if (!axes) {
    for (const Dim& dim : dims) {
      if (!dim.is_constant()) return std::nullopt;
      if (dim.value() != 1) out.push_back(dim);
    }
    return out;
  }
  const std::vector<bool> dropped = named_axes(context, *axes, dims.size());
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (!dropped[i]) out.push_back(dims[i]);
    context.check(!dropped[i] || !dims[i].is_constant() || dims[i].value() == 1,
                  "expected an extent of 1 at axis {} of {}", i, text(dims));
  }
  return out;
}

void infer_squeeze(InferContext& context) {
  const auto axes = context.integers(1);
  std::optional<Dims> dims;
  if (context.dims(0) && (axes || !context.has_input(1))) {
    dims = squeezed_dims(context, *context.dims(0), axes);
  } else if (context.dims(0) && context.dims(1) && context.dims(1)->size() == 1 &&
             (*context.dims(1))[0].is_constant()) {
    const auto count = static_cast<std::size_t>((*context.dims(1))[0].value());
    context.check(count <= context.dims(0)->size(), "more axes than {} has", text(context.input(0)));
    dims = Dims(context.dims(0)->size() - count);
  }
  if (const auto content = context.content(0)) context.set_content(0, *content);
  context.set_output(0, context.dtype(0), std::move(dims));
}

void reference_squeeze(ReferenceContext& context) {
  const auto axes = context.has_input(1) ? std::optional(context.integers(1)) : std::nullopt;
  const auto dims = squeezed_dims(context, dims_of(context.shape(0)), axes);
  context.set_output(0, context.input(0).reshaped(constant_shape(dims.value()).value()));
}

template <typename Context>
Dims unsqueezed_dims(const Context& context, const Dims& dims, std::span<const std::int64_t> axes) {
  const std::vector<bool> added = named_axes(context, axes, dims.size() + axes.size());
  Dims out;
  std::size_t from = 0;
  for (const bool is_new : added) out.push_back(is_new ? Dim(1) : dims[from++]);
  return out;
}

void infer_unsqueeze(InferContext& context) {
  const auto axes = context.integers(1);
  std::optional<Dims> dims;
  if (context.dims(0) && axes) {
    dims = unsqueezed_dims(context, *context.dims(0), *axes);
  } else if (context.dims(0) && context.dims(1) && context.dims(1)->size() == 1 &&
             (*context.dims(1))[0].is_constant() && (*context.dims(1))[0].value() <= 64) {
    dims = Dims(context.dims(0)->size() + static_cast<std::size_t>((*context.dims(1))[0].value()));
  }
  if (const auto content = context.content(0); content && dims && dims->size() <= 1)
    context.set_content(0, *content);
  context.set_output(0, context.dtype(0), std::move(dims));
}

void reference_unsqueeze(ReferenceContext& context) {
  const Dims dims = unsqueezed_dims(context, dims_of(context.shape(0)), context.integers(1));
  context.set_output(0, context.input(0).reshaped(constant_shape(dims).value()));
}

}  // namespace

std::vector<OpDef> reshape() {
  using types::kAll;
  return {
      {.name = "Shape",
       .schema = {"data:T -> shape:i64", {{"T", kAll}}, {{"start", 0}, {"end", AttributeKind::Integer}}},
       .infer = infer_shape,
       .reference = reference_shape,
       .cost = cost_of_view},
      {.name = "Size",
       .schema = {"data:T -> size:i64", {{"T", kAll}}},
       .infer = infer_size,
       .reference = reference_size,
       .cost = cost_of_view},
      {.name = "Reshape",
       .schema = {"data:T, shape:i64 -> reshaped:T", {{"T", kAll}}, {{"allowzero", 0}}},
       .infer = infer_reshape,
       .reference = reference_reshape,
       .cost = cost_of_view},
      {.name = "Flatten",
       .schema = {"input:T -> output:T", {{"T", kAll}}, {{"axis", 1}}},
       .infer = infer_flatten,
       .reference = reference_flatten,
       .cost = cost_of_view},
      {.name = "Squeeze",
       .schema = {"data:T, axes?:i64 -> squeezed:T", {{"T", kAll}}},
       .infer = infer_squeeze,
       .reference = reference_squeeze,
       .cost = cost_of_view},
      {.name = "Unsqueeze",
       .schema = {"data:T, axes:i64 -> expanded:T", {{"T", kAll}}},
       .infer = infer_unsqueeze,
       .reference = reference_unsqueeze,
       .cost = cost_of_view},
  };
}

}  // namespace atlas::ops
