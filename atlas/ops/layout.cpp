// Whole tensors rearranged: Transpose, Expand, Tile, DepthToSpace, SpaceToDepth.
#include <algorithm>
#include <numeric>

#include "atlas/ops/element_copy.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

Tensor transposed(const Tensor& tensor, const std::vector<std::size_t>& order) {
  const std::vector<std::int64_t> strides = row_major_strides(tensor.shape());
  Shape shape;
  for (const std::size_t axis : order) shape.push_back(tensor.dim(axis));
  return pick_along_axes(tensor, shape,
                         [&](std::size_t axis, std::int64_t at) { return at * strides[order[axis]]; });
}

// Attribute `perm`, by default the axes in reverse.
template <typename Context>
std::vector<std::size_t> permutation(const Context& context, std::size_t rank) {
  std::vector<std::size_t> order(rank);
  if (!context.has_attribute("perm")) {
    std::iota(order.rbegin(), order.rend(), 0);
    return order;
  }
  const std::vector<std::int64_t> perm = context.ints("perm");
  context.check(perm.size() == rank, "expected {} axes in 'perm', got {}", rank, perm.size());
  std::vector<bool> seen(rank, false);
  for (std::size_t i = 0; i < rank; ++i) {
    order[i] = context.axis(perm[i], rank);
    context.check(!seen[order[i]], "axis {} stands twice in 'perm'", perm[i]);
    seen[order[i]] = true;
  }
  return order;
}

void infer_transpose(InferContext& context) {
  std::optional<Dims> dims;
  if (context.dims(0)) {
    dims.emplace();
    for (const std::size_t axis : permutation(context, context.dims(0)->size()))
      dims->push_back((*context.dims(0))[axis]);
  } else if (context.has_attribute("perm")) {
    dims = Dims(context.ints("perm").size());
  }
  if (const auto content = context.content(0)) context.set_content(0, *content);
  context.set_output(0, context.dtype(0), std::move(dims));
}

void reference_transpose(ReferenceContext& context) {
  context.set_output(0, transposed(context.input(0), permutation(context, context.shape(0).size())));
}

void infer_expand(InferContext& context) {
  const std::optional<Dims>& dims = context.dims(0);
  std::optional<Dims> shape = context.content(1);
  if (shape)
    for (const Dim& dim : *shape)
      context.check(!dim.is_constant() || dim.value() >= 0, "expected extents of 0 or more, got {}",
                    text(*shape));
  const std::optional<Dims>& rank = context.dims(1);
  if (!shape && rank && rank->size() == 1 && (*rank)[0].is_constant() && (*rank)[0].value() <= 64)
    shape = Dims(static_cast<std::size_t>((*rank)[0].value()));
  if (!dims || !shape) return context.set_output(0, context.dtype(0), std::nullopt);
  Dims out = broadcast_dims(context, *dims, *shape);
  const auto content = context.content(0);
  if (content && content->size() == 1 && out.size() == 1 && out[0].is_constant() && out[0].value() <= 64)
    context.set_content(0, Dims(static_cast<std::size_t>(out[0].value()), (*content)[0]));
  context.set_output(0, context.dtype(0), std::move(out));
}

void reference_expand(ReferenceContext& context) {
  const Shape shape = broadcast(context.shape(0), context.integers(1));
  const std::vector<std::int64_t> strides = broadcast_strides(context.shape(0), shape);
  context.set_output(0, pick_along_axes(context.input(0), shape, [&](std::size_t axis, std::int64_t at) {
                       return at * strides[axis];
                     }));
}

void infer_tile(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  const auto repeats = context.content(1);
  if (dims && repeats) {
    context.check(repeats->size() == dims->size(), "expected {} repeats, got {}", dims->size(),
                  repeats->size());
    for (std::size_t i = 0; i < dims->size(); ++i) {
      const Dim& times = (*repeats)[i];
      context.check(!times.is_constant() || times.value() >= 0, "expected repeats of 0 or more, got {}",
                    times.text());
      (*dims)[i] = (*dims)[i] * times;
    }
  } else if (dims) {
    dims->assign(dims->size(), Dim());
  }
  const auto content = context.content(0);
  if (content && !content->empty() && dims && dims->size() == 1 && (*dims)[0].is_constant() &&
      (*dims)[0].value() <= 64) {
    Dims repeated;
    while (repeated.size() < static_cast<std::size_t>((*dims)[0].value()))
      repeated.insert(repeated.end(), content->begin(), content->end());
    context.set_content(0, std::move(repeated));
  }
  context.set_output(0, context.dtype(0), std::move(dims));
}

void reference_tile(ReferenceContext& context) {
  const Shape& from = context.shape(0);
  const std::vector<std::int64_t> repeats = context.integers(1);
  context.check(repeats.size() == from.size(), "expected {} repeats, got {}", from.size(), repeats.size());
  Shape shape = from;
  for (std::size_t i = 0; i < from.size(); ++i) {
    context.check(repeats[i] >= 0, "expected repeats of 0 or more, got {}", repeats[i]);
    context.check(!__builtin_mul_overflow(from[i], repeats[i], &shape[i]), "{} repeats are beyond all bounds",
                  repeats[i]);
  }
  const std::vector<std::int64_t> strides = row_major_strides(from);
  context.set_output(0, pick_along_axes(context.input(0), shape, [&](std::size_t axis, std::int64_t at) {
                       return at % from[axis] * strides[axis];
                     }));
}

template <typename Context>
std::int64_t block_size(const Context& context) {
  const std::int64_t block = context.integer("blocksize");
  context.check(block >= 1 && block <= 1 << 20, "expected a blocksize of 1 or more, got {}", block);
  return block;
}

Dims image_dims(const InferContext& context) {
  const std::optional<Dims>& dims = context.dims(0);
  context.check(!dims || dims->size() == 4, "expected an input [N,C,H,W], got {}", text(context.input(0)));
  return dims ? *dims : Dims(4);
}

Shape image_shape(const ReferenceContext& context) {
  context.check(context.shape(0).size() == 4, "expected an input [N,C,H,W], got {}", text(context.input(0)));
  return context.shape(0);
}

template <typename Context>
void check_divides(const Context& context, const Dim& extent, const Dim& by) {
  context.check(!extent.is_constant() || extent.value() % by.value() == 0,
                "extent {} does not divide into {} parts", extent.text(), by.text());
}

// True where the blocks stand in front of the channels ("DCR"), false where behind ("CRD").
template <typename Context>
bool depth_first(const Context& context) {
  const std::string mode = context.string("mode");
  context.check(mode == "DCR" || mode == "CRD", "expected mode DCR or CRD, got '{}'", mode);
  return mode == "DCR";
}

void infer_depth_to_space(InferContext& context) {
  depth_first(context);
  const Dim block = block_size(context);
  const Dims in = image_dims(context);
  check_divides(context, in[1], block * block);
  context.set_output(0, context.dtype(0),
                     Dims{in[0], floor_div(in[1], block * block), in[2] * block, in[3] * block});
}

void reference_depth_to_space(ReferenceContext& context) {
  const Shape in = image_shape(context);
  const std::int64_t b = block_size(context);
  check_divides(context, in[1], b * b);
  const std::int64_t depth = in[1] / (b * b);
  const Tensor out =
      depth_first(context)
          ? transposed(context.input(0).reshaped({in[0], b, b, depth, in[2], in[3]}), {0, 3, 4, 1, 5, 2})
          : transposed(context.input(0).reshaped({in[0], depth, b, b, in[2], in[3]}), {0, 1, 4, 2, 5, 3});
  context.set_output(0, out.reshaped({in[0], depth, in[2] * b, in[3] * b}));
}

void infer_space_to_depth(InferContext& context) {
  const Dim block = block_size(context);
  const Dims in = image_dims(context);
  check_divides(context, in[2], block);
  check_divides(context, in[3], block);
  context.set_output(0, context.dtype(0),
                     Dims{in[0], in[1] * block * block, floor_div(in[2], block), floor_div(in[3], block)});
}

void reference_space_to_depth(ReferenceContext& context) {
  const Shape in = image_shape(context);
  const std::int64_t b = block_size(context);
  check_divides(context, in[2], b);
  check_divides(context, in[3], b);
  const Tensor blocks = context.input(0).reshaped({in[0], in[1], in[2] / b, b, in[3] / b, b});
  context.set_output(
      0, transposed(blocks, {0, 3, 5, 1, 2, 4}).reshaped({in[0], in[1] * b * b, in[2] / b, in[3] / b}));
}

}  // namespace

std::vector<OpDef> layout() {
  using types::kPlain;
  const AttributeSpec blocksize("blocksize", AttributeKind::Integer, kRequired);
  return {
      {.name = "Transpose",
       .schema = {"data:T -> transposed:T", {{"T", types::kAll}}, {{"perm", AttributeKind::Integers}}},
       .infer = infer_transpose,
       .reference = reference_transpose,
       .cost = cost_of_move},
      {.name = "Expand",
       .schema = {"input:T, shape:i64 -> output:T", {{"T", kPlain}}},
       .infer = infer_expand,
       .reference = reference_expand,
       .cost = cost_of_traffic},
      {.name = "Tile",
       .schema = {"input:T, repeats:i64 -> output:T", {{"T", kPlain}}},
       .infer = infer_tile,
       .reference = reference_tile,
       .cost = cost_of_traffic},
      {.name = "DepthToSpace",
       .schema = {"input:T -> output:T", {{"T", kPlain}}, {blocksize, {"mode", "DCR"}}},
       .infer = infer_depth_to_space,
       .reference = reference_depth_to_space,
       .cost = cost_of_move},
      {.name = "SpaceToDepth",
       .schema = {"input:T -> output:T", {{"T", kPlain}}, {blocksize}},
       .infer = infer_space_to_depth,
       .reference = reference_space_to_depth,
       .cost = cost_of_move},
  };
}

}  // namespace atlas::ops
