// Resize: nearest pixels of any type, linear and cubic interpolation in f32, axis by axis; of images whose
// channels lie in blocks along both axes at once, in bfloat16 too.
#include <algorithm>

#include "atlas/ops/resize_sampling.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/blocked_resample.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/resample.h"
#include "atlas/targets/cpu/kernels/table_copy.h"
#include "atlas/targets/cpu/tensor_numbers.h"

namespace atlas::cpu {
namespace {

class ResizeKernel : public Kernel {
 public:
  explicit ResizeKernel(const NodeView& node) : rule_(ops::read_resize_rule(node.node())) {}

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const auto tensor = [&](std::size_t i) { return context.has_input(i) ? &context.input(i) : nullptr; };
    const std::vector<ops::ResizedAxis> axes =
        ops::read_resized_axes(context.node(), rule_, x.shape(), tensor(1), tensor(2), tensor(3));
    Shape shape;
    for (const ops::ResizedAxis& axis : axes) shape.push_back(axis.output);
    Tensor& out = context.output(0, x.dtype(), shape);
    if (out.element_count() == 0) return;
    if (rule_.mode == "nearest") {
      pick_nearest(context, axes, x, out);
    } else if (is_blocked(axes)) {
      interpolate_blocked(context, axes, x, out);
    } else {
      interpolate(context, axes, x, out);
    }
  }

 private:
  void pick_nearest(KernelContext& context, const std::vector<ops::ResizedAxis>& axes, const Tensor& x,
                    Tensor& out) const {
    // Trailing axes that stay as they are move as one element.
    std::size_t moved = axes.size(), bytes = static_cast<std::size_t>(bits(x.dtype())) / 8;
    while (moved > 0 && axes[moved - 1].is_same()) bytes *= static_cast<std::size_t>(axes[--moved].output);
    const std::vector<std::int64_t> strides =
        row_major_strides(Shape(x.shape().begin(), x.shape().begin() + static_cast<std::ptrdiff_t>(moved)));
    std::vector<std::vector<std::int64_t>> offsets(moved);
    for (std::size_t i = 0; i < moved; ++i)
      for (std::int64_t pixel = 0; pixel < axes[i].output; ++pixel)
        offsets[i].push_back(strides[i] * (axes[i].is_same()
                                               ? pixel
                                               : ops::nearest_pixel(context.node(), rule_, axes[i], pixel)));
    table_copy(std::move(offsets), static_cast<const std::byte*>(x.raw()),
               static_cast<std::byte*>(out.raw_mutable()), bytes, context.pool());
  }

  ResampleTable table(const Node& node, const ops::ResizedAxis& axis) const {
    std::vector<ops::AxisSample> samples;
    ResampleTable out{static_cast<std::size_t>(axis.input), static_cast<std::size_t>(axis.output), 1, {}, {}};
    for (std::int64_t pixel = 0; pixel < axis.output; ++pixel) {
      samples.push_back(ops::interpolated_sample(node, rule_, axis, pixel));
      out.taps = std::max(out.taps, samples.back().size());
    }
    for (const ops::AxisSample& sample : samples) {
      for (std::size_t k = 0; k < out.taps; ++k) {
        const bool used = k < sample.size();
        // What is not used repeats a pixel that is: a weight of 0 would turn the infinity of another into
        // NaN.
        out.positions.push_back(static_cast<std::int32_t>(used ? sample[k].index : sample.front().index));
        out.weights.push_back(used ? static_cast<float>(sample[k].weight) : 0.0f);
      }
    }
    return out;
  }

  // Rows and columns alone, of pixels that lie as in an image with its channels in blocks.
  static bool is_blocked(const std::vector<ops::ResizedAxis>& axes) {
    const std::size_t rank = axes.size();
    if (rank < 3 || axes.back().output != channel_block) return false;
    for (std::size_t i = 0; i < rank; ++i)
      if (i + 3 != rank && i + 2 != rank && !axes[i].is_same()) return false;
    return true;
  }

  void interpolate_blocked(KernelContext& context, const std::vector<ops::ResizedAxis>& axes, const Tensor& x,
                           Tensor& out) const {
    const std::size_t rank = axes.size(), planes = element_count({x.shape().data(), rank - 3});
    blocked_resample(table(context.node(), axes[rank - 3]), table(context.node(), axes[rank - 2]), planes,
                     numbers(x), mutable_numbers(out), context.pool());
  }

  // The last axis first, each into a buffer of its own but for the final one.
  void interpolate(KernelContext& context, const std::vector<ops::ResizedAxis>& axes, const Tensor& x,
                   Tensor& out) const {
    std::vector<std::size_t> changed;
    for (std::size_t i = axes.size(); i-- > 0;)
      if (!axes[i].is_same()) changed.push_back(i);
    float* result = out.values_mutable<float>().data();
    if (changed.empty()) {
      std::ranges::copy(x.values<float>(), result);
      return;
    }
    std::vector<float> buffers[2];
    Shape shape = x.shape();
    const float* from = x.values<float>().data();
    for (std::size_t turn = 0; turn < changed.size(); ++turn) {
      const std::size_t axis = changed[turn];
      const std::size_t outer = element_count({shape.data(), axis});
      const std::size_t inner = element_count({shape.data() + axis + 1, shape.size() - axis - 1});
      shape[axis] = axes[axis].output;
      float* to = result;
      if (turn + 1 < changed.size()) {
        buffers[turn % 2].resize(element_count(shape));
        to = buffers[turn % 2].data();
      }
      resample(table(context.node(), axes[axis]), from, to, outer, inner, context.pool());
      from = to;
    }
  }

  ops::ResizeRule rule_;
};

// Whether it is sure that ResizeKernel::is_blocked.
bool is_blocked(const NodeView& node) {
  const std::optional<Dims>& dims = node.input(0).dims;
  if (!dims || dims->size() < 3 || dims->back() != Dim(channel_block) || !node.has_attribute("axes"))
    return false;
  return std::ranges::all_of(ops::resized_axes(node.node(), dims->size()), [&](std::size_t axis) {
    return axis + 3 == dims->size() || axis + 2 == dims->size();
  });
}

// Cropping, which fills what lies outside, is left to the reference.
std::unique_ptr<Kernel> make_resize(const NodeView& node) {
  const ops::ResizeRule rule = ops::read_resize_rule(node.node());
  if (rule.coordinates == "tf_crop_and_resize") return nullptr;
  const bool movable = bits(node.dtype(0)) >= 8;
  const bool interpolated =
      (rule.mode == "linear" || rule.mode == "cubic") &&
      (node.dtype(0) == DType::F32 || (node.dtype(0) == DType::BF16 && is_blocked(node)));
  return interpolated || (rule.mode == "nearest" && movable) ? std::make_unique<ResizeKernel>(node) : nullptr;
}

}  // namespace

std::vector<KernelDef> resize_kernels() {
  return {
      {"", "Resize", make_resize},
  };
}

}  // namespace atlas::cpu
