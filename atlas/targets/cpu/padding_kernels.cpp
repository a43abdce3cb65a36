// Borders added and taken away: one value, or what the tensor holds near its edges.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/strided_copy.h"
#include "atlas/targets/cpu/kernels/table_copy.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

std::size_t width(const Tensor& tensor) {
  return static_cast<std::size_t>(bits(tensor.dtype())) / 8;
}

/// One axis. Negative pads take away from the input; what they leave is `kept`.
struct PaddedAxis {
  std::int64_t added = 0;  // in front
  std::int64_t first = 0;  // of the input that is kept
  std::int64_t kept = 0;
  std::int64_t output = 0;
};

std::vector<PaddedAxis> read_axes(const KernelContext& context) {
  const Tensor& x = context.input(0);
  const std::vector<std::int64_t> pads = to_ints(context.input(1));
  std::vector<std::int64_t> axes(x.rank());
  std::iota(axes.begin(), axes.end(), 0);
  if (context.has_input(3)) axes = to_ints(context.input(3));
  context.check(pads.size() == 2 * axes.size(), "expected {} pads, got {}", 2 * axes.size(), pads.size());
  std::vector<PaddedAxis> out;
  for (const std::int64_t extent : x.shape()) out.push_back({0, 0, extent, extent});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto at = context.axis(axes[i], x.rank());
    const std::int64_t before = pads[i];
    const std::int64_t after = pads[axes.size() + i];
    constexpr std::int64_t kMost = std::int64_t{1} << 40;
    context.check(std::max(before, after) < kMost && std::min(before, after) > -kMost,
                  "pads {} and {} are too large", before, after);
    const std::int64_t extent = x.dim(at);
    context.check(extent + before + after >= 0, "pads {} and {} take more than axis {} of {} has", before,
                  after, at, shown(x.shape()));
    const std::int64_t taken = std::max<std::int64_t>(-before, 0) + std::max<std::int64_t>(-after, 0);
    out[at] = {std::max<std::int64_t>(before, 0), std::max<std::int64_t>(-before, 0),
               std::max<std::int64_t>(extent - taken, 0), extent + before + after};
  }
  return out;
}

Tensor& make_output(KernelContext& context, const std::vector<PaddedAxis>& axes) {
  Shape shape;
  for (const PaddedAxis& axis : axes) shape.push_back(axis.output);
  return context.output(0, context.input(0).dtype(), std::move(shape));
}

// The frame is filled, then what is kept copied into it.
class ConstantPadKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::vector<PaddedAxis> axes = read_axes(context);
    Tensor& out = make_output(context, axes);
    if (out.element_count() == 0) return;
    fill(context, out);
    const std::vector<std::int64_t> from = row_major_strides(x.shape());
    const std::vector<std::int64_t> to = row_major_strides(out.shape());
    Shape kept;
    std::int64_t first = 0;
    std::int64_t place = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      kept.push_back(axes[i].kept);
      first += axes[i].first * from[i];
      place += axes[i].added * to[i];
    }
    if (element_count(kept) == 0) return;
    strided_copy(kept, static_cast<const std::byte*>(x.raw()) + static_cast<std::size_t>(first) * width(x),
                 from,
                 static_cast<std::byte*>(out.raw_mutable()) + static_cast<std::size_t>(place) * width(x), to,
                 width(x), context.pool());
  }

 private:
  static void fill(const KernelContext& context, Tensor& out) {
    const std::size_t size = width(out);
    if (!context.has_input(2)) {
      std::memset(out.raw_mutable(), 0, out.element_count() * size);
      return;
    }
    const Tensor& value = context.input(2);
    context.check(value.dtype() == out.dtype() && value.element_count() == 1,
                  "expected one {} to pad with, got {}", name(out.dtype()), shown(value));
    auto* to = static_cast<std::byte*>(out.raw_mutable());
    for (std::size_t i = 0; i < out.element_count(); ++i) std::memcpy(to + i * size, value.raw(), size);
  }
};

enum class Repeat { Edge, Wrap, Reflect };

// Where in [0, size) the element `at` places from the start comes from.
std::int64_t repeated(Repeat repeat, std::int64_t at, std::int64_t size) {
  if (at >= 0 && at < size) return at;
  if (repeat == Repeat::Edge || size == 1) return at < 0 ? 0 : size - 1;
  const std::int64_t period = repeat == Repeat::Wrap ? size : 2 * (size - 1);
  const std::int64_t phase = (at % period + period) % period;
  return phase < size ? phase : period - phase;
}

class RepeatPadKernel : public Kernel {
 public:
  explicit RepeatPadKernel(Repeat repeat) : repeat_(repeat) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::vector<PaddedAxis> axes = read_axes(context);
    for (std::size_t i = 0; i < axes.size(); ++i)
      context.check(axes[i].kept > 0 || axes[i].output == 0, "nothing is left of axis {} to repeat", i);
    Tensor& out = make_output(context, axes);
    if (out.element_count() == 0) return;
    const std::vector<std::int64_t> strides = row_major_strides(x.shape());
    std::vector<std::vector<std::int64_t>> tables(axes.size());
    for (std::size_t i = 0; i < axes.size(); ++i)
      for (std::int64_t at = 0; at < axes[i].output; ++at)
        tables[i].push_back((axes[i].first + repeated(repeat_, at - axes[i].added, axes[i].kept)) *
                            strides[i]);
    table_copy(std::move(tables), static_cast<const std::byte*>(x.raw()),
               static_cast<std::byte*>(out.raw_mutable()), width(x), context.pool());
  }

 private:
  Repeat repeat_;
};

std::unique_ptr<Kernel> make_pad(const NodeView& node) {
  if (bits(node.dtype(0)) < 8) return nullptr;
  const std::string mode = node.string("mode", "constant");
  if (mode == "constant") return std::make_unique<ConstantPadKernel>();
  if (mode == "edge") return std::make_unique<RepeatPadKernel>(Repeat::Edge);
  if (mode == "wrap") return std::make_unique<RepeatPadKernel>(Repeat::Wrap);
  return mode == "reflect" ? std::make_unique<RepeatPadKernel>(Repeat::Reflect) : nullptr;
}

}  // namespace

std::vector<KernelDef> padding_kernels() {
  return {
      {"", "Pad", make_pad},
  };
}

}  // namespace atlas::cpu
