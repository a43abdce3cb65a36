// Borders added and taken away: Pad and CenterCropPad.
#include <algorithm>

#include "atlas/ops/decompose_context.h"
#include "atlas/ops/element_copy.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

enum class Mode { Constant, Reflect, Edge, Wrap };

template <typename Context>
Mode pad_mode(const Context& context) {
  const std::string mode = context.string("mode");
  if (mode == "reflect") return Mode::Reflect;
  if (mode == "edge") return Mode::Edge;
  if (mode == "wrap") return Mode::Wrap;
  context.check(mode == "constant", "expected mode constant, reflect, edge or wrap, got '{}'", mode);
  return Mode::Constant;
}

template <typename Extent>
struct Border {
  Extent begin;
  Extent end;
};

// Borders of all axes, 0 where none are given; `axes` empty stands for all. Negative borders take away.
template <typename Extent, typename Context>
std::vector<Border<Extent>> borders_of(const Context& context, std::size_t rank,
                                       const std::vector<Extent>& pads,
                                       const std::optional<std::vector<std::int64_t>>& axes) {
  std::vector<Border<Extent>> borders(rank, {0, 0});
  const std::size_t count = axes ? axes->size() : rank;
  context.check(pads.size() == 2 * count, "expected {} pads, got {}", 2 * count, pads.size());
  for (std::size_t i = 0; i < count; ++i)
    borders[axes ? context.axis((*axes)[i], rank) : i] = {pads[i], pads[count + i]};
  return borders;
}

void infer_pad(InferContext& context) {
  pad_mode(context);
  std::optional<Dims> dims = context.dims(0);
  const auto pads = context.content(1);
  const auto axes = context.integers(3);
  if (dims && pads && (axes || !context.has_input(3))) {
    const auto borders = borders_of<Dim>(context, dims->size(), *pads, axes);
    for (std::size_t i = 0; i < dims->size(); ++i) {
      (*dims)[i] = (*dims)[i] + borders[i].begin + borders[i].end;
      context.check(!(*dims)[i].is_constant() || (*dims)[i].value() >= 0,
                    "its pads take more than axis {} has", i);
    }
  } else if (dims) {
    dims->assign(dims->size(), Dim());
  }
  context.set_output(0, context.dtype(0), std::move(dims));
}

// Where in [0, size) the element `at` places from the start comes from.
std::int64_t padded_from(Mode mode, std::int64_t at, std::int64_t size) {
  if (at >= 0 && at < size) return at;
  const auto modulo = [](std::int64_t a, std::int64_t b) { return (a % b + b) % b; };
  switch (mode) {
    case Mode::Constant:
      return kOutside;
    case Mode::Edge:
      return at < 0 ? 0 : size - 1;
    case Mode::Wrap:
      return modulo(at, size);
    case Mode::Reflect:
      break;
  }
  if (size == 1) return 0;
  const std::int64_t period = 2 * (size - 1);
  const std::int64_t phase = modulo(at, period);
  return phase < size ? phase : period - phase;
}

void reference_pad(ReferenceContext& context) {
  const Mode mode = pad_mode(context);
  const Tensor& data = context.input(0);
  const Tensor* filler = context.has_input(2) ? &context.input(2) : nullptr;
  context.check(!filler || filler->element_count() == 1, "expected one element to pad with, got {}",
                filler ? text(*filler) : "");
  const auto axes = context.has_input(3) ? std::optional(context.integers(3)) : std::nullopt;
  const auto borders = borders_of<std::int64_t>(context, data.rank(), context.integers(1), axes);
  Shape shape;
  std::vector<std::int64_t> kept;  // of each axis, once negative borders have taken theirs
  for (std::size_t i = 0; i < data.rank(); ++i) {
    const auto [begin, end] = borders[i];
    constexpr std::int64_t kBound = std::int64_t{1} << 48;
    context.check(std::max(begin, end) < kBound && std::min(begin, end) > -kBound,
                  "pads {} and {} are beyond all bounds", begin, end);
    shape.push_back(data.dim(i) + begin + end);
    context.check(shape[i] >= 0, "its pads take more than axis {} has", i);
    kept.push_back(data.dim(i) + std::min<std::int64_t>(begin, 0) + std::min<std::int64_t>(end, 0));
    context.check(mode == Mode::Constant || kept[i] > 0 || shape[i] == 0,
                  "nothing is left of axis {} to repeat", i);
  }
  const std::vector<std::int64_t> strides = row_major_strides(data.shape());
  const auto from = [&](std::size_t axis, std::int64_t at) {
    const std::int64_t begin = borders[axis].begin;
    const std::int64_t source = padded_from(mode, at - std::max<std::int64_t>(begin, 0), kept[axis]);
    return source == kOutside ? kOutside : (source - std::min<std::int64_t>(begin, 0)) * strides[axis];
  };
  context.set_output(0, pick_along_axes(data, shape, from, filler));
}

// The axes that input `shape` speaks of.
template <typename Context>
std::vector<std::size_t> crop_axes(const Context& context, std::size_t rank) {
  std::vector<std::size_t> axes;
  if (context.has_attribute("axes")) {
    for (const std::int64_t axis : context.ints("axes")) axes.push_back(context.axis(axis, rank));
  } else {
    for (std::size_t i = 0; i < rank; ++i) axes.push_back(i);
  }
  return axes;
}

void infer_center_crop_pad(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  if (dims) {
    const std::vector<std::size_t> axes = crop_axes(context, dims->size());
    const Dims wanted = context.content(1).value_or(Dims(axes.size()));
    context.check(wanted.size() == axes.size(), "expected {} extents, got {}", axes.size(), wanted.size());
    for (std::size_t i = 0; i < axes.size(); ++i) (*dims)[axes[i]] = wanted[i];
  }
  context.set_output(0, context.dtype(0), std::move(dims));
}

void reference_center_crop_pad(ReferenceContext& context) {
  const Tensor& data = context.input(0);
  const std::vector<std::int64_t> wanted = context.integers(1);
  const std::vector<std::size_t> axes = crop_axes(context, data.rank());
  context.check(wanted.size() == axes.size(), "expected {} extents, got {}", axes.size(), wanted.size());
  Shape shape = data.shape();
  for (std::size_t i = 0; i < axes.size(); ++i) {
    context.check(wanted[i] >= 0, "expected extents of 0 or more, got {}", wanted[i]);
    shape[axes[i]] = wanted[i];
  }
  const std::vector<std::int64_t> strides = row_major_strides(data.shape());
  context.set_output(0, pick_along_axes(data, shape, [&](std::size_t axis, std::int64_t at) {
                       // Both quotients round towards zero: an odd element more stands behind.
                       const std::int64_t source = at + (data.dim(axis) - shape[axis]) / 2;
                       const bool inside = source >= 0 && source < data.dim(axis);
                       return inside ? source * strides[axis] : kOutside;
                     }));
}

// As the standard's body: pad where too small, then slice where too large.
std::vector<ValueId> decompose_center_crop_pad(DecomposeContext& context) {
  const Type& type = context.type(0);
  if (!type.dims) return {};
  GraphBuilder& b = context.builder();
  std::vector<std::int64_t> all(type.dims->size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  const Attribute* given = context.attribute("axes");
  const ValueId axes = b.ints(given ? std::get<std::vector<std::int64_t>>(*given) : all);
  const ValueId two = b.ints({2});
  const ValueId wanted =
      context.type(1).dtype == DType::I64
          ? context.input(1)
          : b.op("Cast", {context.input(1)}, {{"to", static_cast<std::int64_t>(DType::I64)}});
  const auto extents_of = [&](ValueId x) { return b.op("Gather", {b.op("Shape", {x}), axes}); };

  const ValueId extents = extents_of(context.input(0));
  const ValueId missing = b.op("Sub", {b.op("Max", {extents, wanted}), extents});
  const ValueId before = b.op("Div", {missing, two});
  const ValueId pads = b.op("Concat", {before, b.op("Sub", {missing, before})}, {{"axis", std::int64_t{0}}});
  const ValueId padded = b.op("Pad", {context.input(0), pads, ValueId::None, axes});

  const ValueId start = b.op("Div", {b.op("Sub", {extents_of(padded), wanted}), two});
  return {b.op("Slice", {padded, start, b.op("Add", {start, wanted}), axes})};
}

}  // namespace

std::vector<OpDef> padding() {
  return {
      {.name = "Pad",
       .schema = {"data:T, pads:i64, constant_value?:T, axes?:Tind -> output:T",
                  {{"T", types::kAll}, {"Tind", types::kIndices}},
                  {{"mode", "constant"}}},
       .infer = infer_pad,
       .reference = reference_pad,
       .cost = cost_of_traffic},
      {.name = "CenterCropPad",
       .schema = {"input_data:T, shape:Tind -> output_data:T",
                  {{"T", types::kPlain}, {"Tind", types::kIndices}},
                  {{"axes", AttributeKind::Integers}}},
       .infer = infer_center_crop_pad,
       .reference = reference_center_crop_pad,
       .decompose = decompose_center_crop_pad,
       .cost = cost_of_traffic},
  };
}

}  // namespace atlas::ops
