// Tensors joined and cut: Concat, Split, Slice.
#include <algorithm>
#include <limits>

#include "atlas/ops/concatenate.h"
#include "atlas/ops/element_copy.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

void infer_concat(InferContext& context) {
  Dims content;
  bool has_content = true;
  std::optional<Dims> joined;
  bool all_known = true;
  Dim extent = 0;
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    const std::optional<Dims>& dims = context.dims(i);
    const auto part = context.content(i);
    has_content = has_content && part && dims && dims->size() == 1;
    if (has_content) content.insert(content.end(), part->begin(), part->end());
    all_known = all_known && dims;
    if (!dims) continue;
    const std::size_t axis = context.axis(context.integer("axis"), dims->size());
    Dims frame = *dims;
    extent = extent + frame[axis];
    frame[axis] = Dim();
    joined = joined ? unify(Type::tensor(context.dtype(i), *joined), Type::tensor(context.dtype(i), frame),
                            describe(context.node()))
                          .dims
                    : frame;
  }
  if (joined) (*joined)[context.axis(context.integer("axis"), joined->size())] = all_known ? extent : Dim();
  if (has_content) context.set_content(0, std::move(content));
  context.set_output(0, context.dtype(0), std::move(joined));
}

void reference_concat(ReferenceContext& context) {
  std::vector<Tensor> parts;
  for (std::size_t i = 0; i < context.input_count(); ++i) parts.push_back(context.input(i));
  const std::size_t axis = context.axis(context.integer("axis"), parts[0].rank());
  context.set_output(0, concatenated(parts, axis, describe(context.node())));
}

// Extents of `count` parts as even as the standard asks: all of one size but for the last.
Dims even_parts(const Dim& extent, std::size_t count) {
  const Dim parts = static_cast<std::int64_t>(count);
  const Dim size = ceil_div(extent, parts);
  Dims out(count, size);
  if (size * parts == extent) return out;
  for (std::size_t i = 1; i < count; ++i)
    out[i] = max(0, min(size, extent - Dim(static_cast<std::int64_t>(i)) * size));
  return out;
}

// Extents of the parts along an axis of this extent, from the input `split` or by number.
template <typename Context>
Dims split_parts(const Context& context, const Dim& extent, const std::optional<Dims>& split) {
  const std::size_t count = context.node().outputs.size();
  if (!split) {
    const std::int64_t wanted = context.integer("num_outputs", static_cast<std::int64_t>(count));
    context.check(wanted == static_cast<std::int64_t>(count), "'num_outputs' is {}, but it has {} outputs",
                  wanted, count);
    return even_parts(extent, count);
  }
  context.check(split->size() == count, "expected {} extents in 'split', got {}", count, split->size());
  Dim sum = 0;
  for (const Dim& part : *split) {
    context.check(!part.is_constant() || part.value() >= 0, "expected extents of 0 or more, got {}",
                  text(*split));
    sum = sum + part;
  }
  context.check(!sum.is_constant() || !extent.is_constant() || sum == extent,
                "parts {} do not make up extent {}", text(*split), extent.text());
  return *split;
}

void infer_split(InferContext& context) {
  const std::optional<Dims>& dims = context.dims(0);
  if (!dims) {
    for (std::size_t i = 0; i < context.output_count(); ++i)
      context.set_output(i, context.dtype(0), std::nullopt);
    return;
  }
  const std::size_t axis = context.axis(context.integer("axis"), dims->size());
  const auto split = context.content(1);
  const Dims parts = context.has_input(1) && !split ? Dims(context.output_count())
                                                    : split_parts(context, (*dims)[axis], split);
  const auto content = context.content(0);
  std::size_t begin = 0;
  bool known = content.has_value();
  for (std::size_t i = 0; i < context.output_count(); ++i) {
    Dims out = *dims;
    out[axis] = parts[i];
    context.set_output(i, context.dtype(0), std::move(out));
    known = known && parts[i].is_constant() &&
            begin + static_cast<std::size_t>(parts[i].value()) <= content->size();
    if (!known) continue;
    const auto from = content->begin() + static_cast<std::ptrdiff_t>(begin);
    context.set_content(i, Dims(from, from + parts[i].value()));
    begin += static_cast<std::size_t>(parts[i].value());
  }
}

void reference_split(ReferenceContext& context) {
  const Tensor& data = context.input(0);
  const std::size_t axis = context.axis(context.integer("axis"), data.rank());
  const auto split = context.has_input(1) ? std::optional(dims_of(context.integers(1))) : std::nullopt;
  const Dims parts = split_parts(context, data.dim(axis), split);
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::int64_t size = parts[i].value();
    context.check(size <= data.dim(axis) - begin, "parts {} do not make up extent {}", text(parts),
                  data.dim(axis));
    context.set_output(i, cut(data, axis, begin, size));
    begin += size;
  }
}

// Along one axis: `size` elements from `start` on in steps of `step`.
struct AxisRange {
  Dim start;
  Dim size;
  std::int64_t step;
};

// A bound as the standard has it: negative from the end, clamped to [low, extent + high].
Dim clamped_bound(const Dim& bound, const Dim& extent, std::int64_t low, std::int64_t high) {
  if (bound.is_constant() && extent.is_constant()) {
    const std::int64_t value = bound.value() < 0 ? bound.value() + extent.value() : bound.value();
    return std::min(std::max(value, low), extent.value() + high);
  }
  // How exporters write "up to the end", whatever the extent.
  constexpr std::int64_t kFar = std::numeric_limits<std::int32_t>::max();
  if (bound.is_constant() && bound.value() >= kFar) return extent + Dim(high);
  if (bound.is_constant() && bound.value() <= -kFar) return low;
  if (bound.is_non_negative()) return min(bound, extent + Dim(high));
  // -1 and below; of other symbolic bounds the sign is not known.
  if ((Dim(-1) - bound).is_non_negative()) return max(bound + extent, low);
  return {};
}

AxisRange sliced_axis(const Dim& extent, const Dim& start, const Dim& end, std::int64_t step) {
  // Forwards within [0, extent], backwards within [-1, extent - 1].
  const bool forwards = step > 0;
  const Dim first = forwards ? clamped_bound(start, extent, 0, 0) : clamped_bound(start, extent, 0, -1);
  const Dim past = forwards ? clamped_bound(end, extent, 0, 0) : clamped_bound(end, extent, -1, -1);
  // max(0, extent - min(start, extent)), said the shorter way where the slice goes on to the end.
  const bool from_number = forwards && past == extent && start.is_constant() && start.value() >= 0;
  const Dim length = from_number ? extent - start : forwards ? past - first : first - past;
  return {first, ceil_div(max(length, 0), step > 0 ? step : -step), step};
}

struct SliceBounds {
  std::vector<std::int64_t> axes;
  Dims starts;
  Dims ends;
  std::vector<std::int64_t> steps;
};

// The ranges of all axes; whole ones where none is given.
template <typename Context>
std::vector<AxisRange> slice_ranges(const Context& context, const Dims& dims, const SliceBounds& bounds) {
  const std::size_t count = bounds.starts.size();
  context.check(bounds.ends.size() == count && bounds.axes.size() == count && bounds.steps.size() == count,
                "expected as many ends, axes and steps as the {} starts", count);
  std::vector<AxisRange> ranges;
  for (const Dim& dim : dims) ranges.push_back({0, dim, 1});
  std::vector<bool> seen(dims.size(), false);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t axis = context.axis(bounds.axes[i], dims.size());
    context.check(!seen[axis], "axis {} is sliced twice", bounds.axes[i]);
    seen[axis] = true;
    const std::int64_t step = bounds.steps[i];
    context.check(step != 0 && step > std::numeric_limits<std::int64_t>::min(),
                  "expected a step other than 0, got {}", step);
    ranges[axis] = sliced_axis(dims[axis], bounds.starts[i], bounds.ends[i], step);
  }
  return ranges;
}

// Nothing where the axes or their number are not known before the run.
std::optional<SliceBounds> known_bounds(const InferContext& context) {
  const auto count_of = [&](std::size_t i) -> std::optional<std::size_t> {
    const std::optional<Dims>& dims = context.dims(i);
    if (!dims || dims->size() != 1 || !(*dims)[0].is_constant() || (*dims)[0].value() > 64)
      return std::nullopt;
    return static_cast<std::size_t>((*dims)[0].value());
  };
  const std::optional<std::size_t> count = count_of(1) ? count_of(1) : count_of(2);
  const auto axes = context.integers(3);
  if (!count || (context.has_input(3) && !axes)) return std::nullopt;
  SliceBounds bounds;
  bounds.starts = context.content(1).value_or(Dims(*count));
  bounds.ends = context.content(2).value_or(Dims(*count));
  for (std::size_t i = 0; i < *count; ++i) bounds.axes.push_back(static_cast<std::int64_t>(i));
  if (axes) bounds.axes = *axes;
  bounds.steps.assign(*count, 1);
  const auto steps = context.integers(4);
  if (steps) bounds.steps = *steps;
  if (context.has_input(4) && !steps) bounds.starts.assign(*count, Dim());
  return bounds;
}

void infer_slice(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  const auto bounds = known_bounds(context);
  if (dims && bounds) {
    const Dims extents = *dims;
    const std::vector<AxisRange> ranges = slice_ranges(context, extents, *bounds);
    for (std::size_t i = 0; i < ranges.size(); ++i) (*dims)[i] = ranges[i].size;
    const auto content = context.content(0);
    if (content && extents == dims_of({static_cast<std::int64_t>(content->size())}) &&
        ranges[0].start.is_constant() && ranges[0].size.is_constant()) {
      Dims kept;
      for (std::int64_t i = 0; i < ranges[0].size.value(); ++i)
        kept.push_back(content->at(static_cast<std::size_t>(ranges[0].start.value() + i * ranges[0].step)));
      context.set_content(0, std::move(kept));
    }
  } else if (dims) {
    dims->assign(dims->size(), Dim());
  }
  context.set_output(0, context.dtype(0), std::move(dims));
}

void reference_slice(ReferenceContext& context) {
  const Shape& from = context.shape(0);
  SliceBounds bounds;
  bounds.starts = dims_of(context.integers(1));
  bounds.ends = dims_of(context.integers(2));
  for (std::size_t i = 0; i < bounds.starts.size(); ++i) bounds.axes.push_back(static_cast<std::int64_t>(i));
  if (context.has_input(3)) bounds.axes = context.integers(3);
  bounds.steps.assign(bounds.starts.size(), 1);
  if (context.has_input(4)) bounds.steps = context.integers(4);
  const std::vector<AxisRange> ranges = slice_ranges(context, dims_of(from), bounds);
  Shape shape;
  std::vector<std::int64_t> starts;
  for (const AxisRange& range : ranges) {
    starts.push_back(range.start.value());
    shape.push_back(range.size.value());
  }
  const std::vector<std::int64_t> strides = row_major_strides(from);
  context.set_output(0, pick_along_axes(context.input(0), shape, [&](std::size_t axis, std::int64_t at) {
                       return (starts[axis] + at * ranges[axis].step) * strides[axis];
                     }));
}

}  // namespace

std::vector<OpDef> slicing() {
  using types::kPlain;
  return {
      {.name = "Concat",
       .schema = {"inputs:T* -> concat_result:T",
                  {{"T", kPlain}},
                  {{"axis", AttributeKind::Integer, kRequired}}},
       .infer = infer_concat,
       .reference = reference_concat,
       .cost = cost_of_move},
      {.name = "Split",
       .schema = {"input:T, split?:i64 -> outputs:T*",
                  {{"T", kPlain}},
                  {{"axis", 0}, {"num_outputs", AttributeKind::Integer}}},
       .infer = infer_split,
       .reference = reference_split,
       .cost = cost_of_move},
      {.name = "Slice",
       .schema = {"data:T, starts:Tind, ends:Tind, axes?:Tind, steps?:Tind -> output:T",
                  {{"T", kPlain}, {"Tind", types::kIndices}}},
       .infer = infer_slice,
       .reference = reference_slice,
       .cost = cost_of_move},
  };
}

}  // namespace atlas::ops
