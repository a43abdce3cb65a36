// Operators that only rename bytes: their output is their input under another shape.
#include <algorithm>
#include <functional>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

/// Gives the output's shape from the inputs of a run.
class ViewKernel : public Kernel {
 public:
  using ShapeRule = std::function<Shape(const KernelContext&)>;
  explicit ViewKernel(ShapeRule rule) : rule_(std::move(rule)) {}
  void run(KernelContext& context) const override {
    context.set_view(context.input(0).reshaped(rule_(context)));
  }

 private:
  ShapeRule rule_;
};

std::unique_ptr<Kernel> view(ViewKernel::ShapeRule rule) {
  return std::make_unique<ViewKernel>(std::move(rule));
}

std::unique_ptr<Kernel> make_identity(const NodeView& node) {
  if (!node.input(0).is_tensor()) return nullptr;
  return view([](const KernelContext& context) { return context.input(0).shape(); });
}

std::unique_ptr<Kernel> make_reshape(const NodeView& node) {
  const bool allow_zero = node.integer("allowzero") != 0;
  return view([allow_zero](const KernelContext& context) {
    const Shape& from = context.input(0).shape();
    Shape to = to_ints(context.input(1));
    std::int64_t known = 1;
    std::ptrdiff_t open = -1;
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (to[i] == 0 && !allow_zero) {
        context.check(i < from.size(), "dimension {} of the new shape is 0, but the input has rank {}", i,
                      from.size());
        to[i] = from[i];
      }
      if (to[i] == -1) {
        if (open >= 0) context.check(false, "expected at most one -1 in the new shape {}", shown(to));
        open = static_cast<std::ptrdiff_t>(i);
      } else {
        context.check(to[i] >= 0 && !__builtin_mul_overflow(known, to[i], &known), "cannot reshape to {}",
                      shown(to));
      }
    }
    const auto count = static_cast<std::int64_t>(context.input(0).element_count());
    if (open >= 0) {
      if (known <= 0 || count % known != 0)
        context.check(false, "cannot reshape {} to {}", shown(from), shown(to));
      to[static_cast<std::size_t>(open)] = count / known;
      known *= count / known;
    }
    if (known != count) context.check(false, "cannot reshape {} to {}", shown(from), shown(to));
    return to;
  });
}

std::unique_ptr<Kernel> make_flatten(const NodeView& node) {
  const std::int64_t axis = node.integer("axis", 1);
  return view([axis](const KernelContext& context) {
    const Shape& shape = context.input(0).shape();
    const auto rank = static_cast<std::int64_t>(shape.size());
    context.check(axis >= -rank && axis <= rank, "axis {} is outside [-{}, {}]", axis, rank, rank);
    const auto split = shape.begin() + (axis < 0 ? axis + rank : axis);
    return Shape{static_cast<std::int64_t>(element_count({shape.begin(), split})),
                 static_cast<std::int64_t>(element_count({split, shape.end()}))};
  });
}

std::unique_ptr<Kernel> make_squeeze(const NodeView& node) {
  const bool all = !node.has_input(1);
  return view([all](const KernelContext& context) {
    const Shape& shape = context.input(0).shape();
    std::vector<bool> drop(shape.size(), false);
    if (all) {
      for (std::size_t i = 0; i < shape.size(); ++i) drop[i] = shape[i] == 1;
    } else {
      for (const std::int64_t axis : to_ints(context.input(1))) {
        const auto at = context.axis(axis, shape.size());
        if (shape[at] != 1) context.check(false, "axis {} of {} cannot be squeezed", axis, shown(shape));
        drop[at] = true;
      }
    }
    Shape out;
    for (std::size_t i = 0; i < shape.size(); ++i)
      if (!drop[i]) out.push_back(shape[i]);
    return out;
  });
}

std::unique_ptr<Kernel> make_unsqueeze(const NodeView&) {
  return view([](const KernelContext& context) {
    const Shape& shape = context.input(0).shape();
    const std::vector<std::int64_t> axes = to_ints(context.input(1));
    const std::size_t rank = shape.size() + axes.size();
    std::vector<bool> added(rank, false);
    for (const std::int64_t axis : axes) {
      const auto at = context.axis(axis, rank);
      context.check(!added[at], "axis {} is named twice", axis);
      added[at] = true;
    }
    Shape out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < rank; ++i) out.push_back(added[i] ? 1 : shape[next++]);
    return out;
  });
}

// The axes of the input in the order of the output.
std::vector<std::size_t> read_order(const NodeView& node, std::size_t rank) {
  std::vector<std::size_t> order;
  for (const std::int64_t axis : node.ints("perm"))
    if (axis >= 0 && axis < static_cast<std::int64_t>(rank)) order.push_back(static_cast<std::size_t>(axis));
  if (!node.has_attribute("perm"))
    for (std::size_t i = rank; i-- > 0;) order.push_back(i);
  return order;
}

// A transposition that leaves the axes longer than 1 in their order moves no element.
std::unique_ptr<Kernel> make_transpose(const NodeView& node) {
  const Type& type = node.input(0);
  if (!type.is_tensor() || !type.dims) return nullptr;
  const std::vector<std::size_t> order = read_order(node, type.dims->size());
  if (order.size() != type.dims->size()) return nullptr;
  std::vector<std::size_t> moved;
  for (const std::size_t axis : order)
    if ((*type.dims)[axis] != Dim(1)) moved.push_back(axis);
  if (!std::ranges::is_sorted(moved)) return nullptr;
  return view([order](const KernelContext& context) {
    const Shape& from = context.input(0).shape();
    context.check(from.size() == order.size(), "a permutation of {} axes for {}", order.size(), shown(from));
    Shape to;
    std::size_t last = 0;
    for (const std::size_t axis : order) {
      to.push_back(from[axis]);
      if (from[axis] == 1) continue;
      context.check(axis >= last, "expected axes of 1 where its type has them, got {}", shown(from));
      last = axis;
    }
    return to;
  });
}

}  // namespace

std::vector<KernelDef> view_kernels() {
  return {
      {"", "Flatten", make_flatten, Sharing::View},     {"", "Identity", make_identity, Sharing::View},
      {"", "Reshape", make_reshape, Sharing::View},     {"", "Squeeze", make_squeeze, Sharing::View},
      {"", "Transpose", make_transpose, Sharing::View}, {"", "Unsqueeze", make_unsqueeze, Sharing::View},
  };
}

}  // namespace atlas::cpu
