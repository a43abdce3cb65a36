// Pooling over windows in f32.
#include <optional>

#include "atlas/ops/window_geometry.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/pool.h"
#include "atlas/targets/cpu/spatial_sizes.h"

namespace atlas::cpu {
namespace {

class PoolKernel : public Kernel {
 public:
  PoolKernel(const NodeView& node, bool average)
      : node_(node.node()), average_(average), count_padding_(node.integer("count_include_pad") != 0) {}

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    context.check(x.rank() >= 3 && x.rank() <= 2 + kMaxSpatialRank, "expected an image, got {}",
                  text(x.shape()));
    const std::span<const std::int64_t> image = ops::spatial(x.shape());
    const ops::WindowGeometry window = ops::read_window(node_, image.size()).with_explicit_pads(image);
    const Shape counts = ops::window_counts(window, image, node_);
    Shape out_shape = {x.dim(0), x.dim(1)};
    out_shape.insert(out_shape.end(), counts.begin(), counts.end());
    Tensor& out = context.output(0, DType::F32, out_shape);
    if (out.element_count() == 0) return;
    PoolShape shape;
    shape.channels = static_cast<std::size_t>(x.dim(0) * x.dim(1));
    shape.input = spatial_of(image, 1);
    shape.kernel = spatial_of(window.kernel, 1);
    shape.stride = spatial_of(window.strides, 1);
    shape.dilation = spatial_of(window.dilations, 1);
    shape.pad_begin = spatial_of(window.pads_begin, 0);
    shape.pad_end = spatial_of(window.pads_end, 0);
    shape.output = spatial_of(counts, 1);
    const float* from = x.values<float>().data();
    float* to = out.values_mutable<float>().data();
    if (average_) {
      average_pool(shape, from, to, count_padding_, context.pool());
    } else {
      max_pool(shape, from, to, context.pool());
    }
  }

 private:
  Node node_;  // for its attributes
  bool average_;
  bool count_padding_;
};

template <bool average>
std::unique_ptr<Kernel> make_pool(const NodeView& node) {
  // The positions of the maxima are left to the reference.
  if (node.dtype(0) != DType::F32 || node.has_output(1)) return nullptr;
  if (node.ints("kernel_shape").size() > kMaxSpatialRank) return nullptr;
  return std::make_unique<PoolKernel>(node, average);
}

}  // namespace

std::vector<KernelDef> pool_kernels() {
  return {
      {"", "AveragePool", make_pool<true>},
      {"", "MaxPool", make_pool<false>},
  };
}

}  // namespace atlas::cpu
