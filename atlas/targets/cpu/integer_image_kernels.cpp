// QLinearAdd and the pooling of bytes.
#include <algorithm>
#include <optional>

#include "atlas/ops/window_geometry.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/byte_images.h"
#include "atlas/targets/cpu/quantized_inputs.h"
#include "atlas/targets/cpu/spatial_sizes.h"

namespace atlas::cpu {
namespace {

class QLinearAddKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    const Tensor& a = context.input(0);
    const Tensor& b = context.input(3);
    context.check(a.shape() == b.shape(), "expected inputs of one shape, got {} and {}", shown(a.shape()),
                  shown(b.shape()));
    const DType dtype = a.dtype();
    Tensor& out = context.output(0, dtype, a.shape());
    const auto levels = [&](std::size_t scale) {
      return Levels{{dtype == DType::I8, single_integer(context, scale + 1, 0)},
                    single_float(context, scale)};
    };
    add_levels(static_cast<const std::uint8_t*>(a.raw()), levels(1),
               static_cast<const std::uint8_t*>(b.raw()), levels(4), a.element_count(), levels(6),
               static_cast<std::uint8_t*>(out.raw_mutable()), context.pool());
  }
};

// Shapes that broadcast are left to the decomposition.
std::unique_ptr<Kernel> make_qlinear_add(const NodeView& node) {
  const std::optional<Dims>& a = node.input(0).dims;
  const std::optional<Dims>& b = node.input(3).dims;
  return a && b && *a == *b ? std::make_unique<QLinearAddKernel>() : nullptr;
}

class NhwcMaxPoolKernel : public Kernel {
 public:
  explicit NhwcMaxPoolKernel(const NodeView& node) : node_(node.node()) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    context.check(x.rank() >= 3 && x.rank() <= 2 + kMaxSpatialRank, "expected an image, got {}",
                  shown(x.shape()));
    const Shape image(x.shape().begin() + 1, x.shape().end() - 1);
    const ops::WindowGeometry window = ops::read_window(node_, image.size()).with_explicit_pads(image);
    const Shape counts = ops::window_counts(window, image, node_);
    PoolShape shape;
    shape.channels = static_cast<std::size_t>(x.shape().back());
    shape.input = spatial_of(image, 1);
    shape.kernel = spatial_of(window.kernel, 1);
    shape.stride = spatial_of(window.strides, 1);
    shape.dilation = spatial_of(window.dilations, 1);
    shape.pad_begin = spatial_of(window.pads_begin, 0);
    shape.output = spatial_of(counts, 1);
    Shape out_shape = {x.dim(0)};
    out_shape.insert(out_shape.end(), counts.begin(), counts.end());
    out_shape.push_back(x.shape().back());
    Tensor& out = context.output(0, x.dtype(), out_shape);
    if (out.element_count() == 0) return;
    max_pool_bytes(shape, static_cast<std::size_t>(x.dim(0)), static_cast<const std::uint8_t*>(x.raw()),
                   x.dtype() == DType::I8, static_cast<std::uint8_t*>(out.raw_mutable()), context.pool());
  }

 private:
  Node node_;  // for its attributes
};

std::unique_ptr<Kernel> make_nhwc_max_pool(const NodeView& node) {
  const bool takes = node.ints("kernel_shape").size() <= kMaxSpatialRank;
  return takes ? std::make_unique<NhwcMaxPoolKernel>(node) : nullptr;
}

}  // namespace

std::vector<KernelDef> integer_image_kernels() {
  return {
      {"com.microsoft", "NhwcMaxPool", make_nhwc_max_pool},
      {"com.microsoft", "QLinearAdd", make_qlinear_add},
  };
}

}  // namespace atlas::cpu
