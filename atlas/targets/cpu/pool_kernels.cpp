// Pooling over windows.
#include <cmath>
#include <limits>
#include <optional>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/pool_node.h"
#include "atlas/targets/cpu/spatial_sizes.h"

namespace atlas::cpu {
namespace {

class PoolKernel : public Kernel {
 public:
  PoolKernel(const NodeView& node, bool average)
      : node_(node.node()), average_(average), count_padding_(node.integer("count_include_pad") != 0) {}

  void run(KernelContext& context) const override {
    const Pooling pooling = read_pooling(context, node_, context.input(0).shape());
    Tensor& out = context.output(0, DType::F32, pooling.output);
    if (out.element_count() == 0) return;
    const float* from = context.input(0).values<float>().data();
    float* to = out.values_mutable<float>().data();
    if (average_) {
      average_pool(pooling.shape, from, to, count_padding_, context.pool());
    } else {
      max_pool(pooling.shape, from, to, context.pool());
    }
  }

 private:
  Node node_;  // for its attributes
  bool average_;
  bool count_padding_;
};

// Calls visit(output index, offsets within the plane of the window's elements) for each window of a plane.
template <typename Visit>
void for_each_window(const PoolShape& shape, Visit visit) {
  std::vector<std::size_t> taps;
  std::size_t at = 0;
  // Padding wraps to an index beyond the input.
  const auto place = [&](std::size_t dim, std::size_t out, std::size_t tap) {
    return out * shape.stride[dim] + tap * shape.dilation[dim] - shape.pad_begin[dim];
  };
  for (std::size_t o0 = 0; o0 < shape.output[0]; ++o0)
    for (std::size_t o1 = 0; o1 < shape.output[1]; ++o1)
      for (std::size_t o2 = 0; o2 < shape.output[2]; ++o2, ++at) {
        taps.clear();
        for (std::size_t k0 = 0; k0 < shape.kernel[0]; ++k0) {
          const std::size_t i0 = place(0, o0, k0);
          if (i0 >= shape.input[0]) continue;
          for (std::size_t k1 = 0; k1 < shape.kernel[1]; ++k1) {
            const std::size_t i1 = place(1, o1, k1);
            if (i1 >= shape.input[1]) continue;
            for (std::size_t k2 = 0; k2 < shape.kernel[2]; ++k2)
              if (const std::size_t i2 = place(2, o2, k2); i2 < shape.input[2])
                taps.push_back((i0 * shape.input[1] + i1) * shape.input[2] + i2);
          }
        }
        visit(at, taps);
      }
}

// Maxima of any type, and where they stand.
template <typename T>
class MaxPositionKernel : public Kernel {
 public:
  explicit MaxPositionKernel(const NodeView& node)
      : node_(node.node()), columns_first_(node.integer("storage_order") != 0) {}

  void run(KernelContext& context) const override {
    const Pooling pooling = read_pooling(context, node_, context.input(0).shape());
    const PoolShape& shape = pooling.shape;
    const T* from = context.input(0).values<T>().data();
    T* to = context.output(0, dtype_of<T>, pooling.output).template values_mutable<T>().data();
    std::int64_t* positions =
        context.has_output(1)
            ? context.output(1, DType::I64, pooling.output).template values_mutable<std::int64_t>().data()
            : nullptr;
    if (element_count(pooling.output) == 0) return;
    constexpr T kLowest = std::numeric_limits<T>::has_infinity
                              ? static_cast<T>(-std::numeric_limits<T>::infinity())
                              : std::numeric_limits<T>::lowest();
    const std::size_t size = volume(shape.input);
    const std::size_t outputs = volume(shape.output);
    context.pool().parallel_for(shape.channels, 1, [&](std::size_t begin, std::size_t end) {
      for_each_window(shape, [&](std::size_t at, const std::vector<std::size_t>& taps) {
        for (std::size_t plane = begin; plane < end; ++plane) {
          const T* image = from + plane * size;
          const std::size_t best = best_of(image, taps);
          to[plane * outputs + at] = taps.empty() ? kLowest : image[best];
          if (positions != nullptr)
            positions[plane * outputs + at] =
                taps.empty() ? 0 : static_cast<std::int64_t>(plane * size + stored(shape, best));
        }
      });
    });
  }

 private:
  // The first of the largest, or the first NaN.
  static std::size_t best_of(const T* image, const std::vector<std::size_t>& taps) {
    std::size_t best = taps.empty() ? 0 : taps.front();
    for (const std::size_t tap : taps) {
      if (image[tap] != image[tap]) return tap;
      if (image[tap] > image[best]) best = tap;
    }
    return best;
  }

  // The offset in the order that attribute 'storage_order' names.
  std::size_t stored(const PoolShape& shape, std::size_t offset) const {
    if (!columns_first_) return offset;
    const std::size_t column = offset % shape.input[2];
    const std::size_t row = offset / shape.input[2] % shape.input[1];
    const std::size_t depth = offset / shape.input[2] / shape.input[1];
    return (column * shape.input[1] + row) * shape.input[0] + depth;
  }

  Node node_;  // for its attributes
  bool columns_first_;
};

class LpPoolKernel : public Kernel {
 public:
  explicit LpPoolKernel(const NodeView& node)
      : node_(node.node()), p_(static_cast<float>(node.integer("p", 2))) {}

  void run(KernelContext& context) const override {
    const Pooling pooling = read_pooling(context, node_, context.input(0).shape());
    const float* from = context.input(0).values<float>().data();
    Tensor& out = context.output(0, DType::F32, pooling.output);
    if (out.element_count() == 0) return;
    float* to = out.values_mutable<float>().data();
    const std::size_t size = volume(pooling.shape.input);
    const std::size_t outputs = volume(pooling.shape.output);
    context.pool().parallel_for(pooling.shape.channels, 1, [&](std::size_t begin, std::size_t end) {
      for_each_window(pooling.shape, [&](std::size_t at, const std::vector<std::size_t>& taps) {
        for (std::size_t plane = begin; plane < end; ++plane)
          to[plane * outputs + at] = norm(from + plane * size, taps);
      });
    });
  }

 private:
  float norm(const float* image, const std::vector<std::size_t>& taps) const {
    float sum = 0;
    if (p_ == 2) {
      for (const std::size_t tap : taps) sum += image[tap] * image[tap];
      return std::sqrt(sum);
    }
    for (const std::size_t tap : taps) sum += std::pow(std::fabs(image[tap]), p_);
    return std::pow(sum, 1 / p_);
  }

  Node node_;  // for its attributes
  float p_;
};

template <bool average>
std::unique_ptr<Kernel> make_pool(const NodeView& node) {
  if (node.dtype(0) != DType::F32 || node.has_output(1)) return nullptr;
  if (node.ints("kernel_shape").size() > kMaxSpatialRank) return nullptr;
  return std::make_unique<PoolKernel>(node, average);
}

std::unique_ptr<Kernel> make_max_position(const NodeView& node) {
  if (node.ints("kernel_shape").size() > kMaxSpatialRank) return nullptr;
  switch (node.dtype(0)) {
    case DType::F32:
      return std::make_unique<MaxPositionKernel<float>>(node);
    case DType::U8:
      return std::make_unique<MaxPositionKernel<std::uint8_t>>(node);
    case DType::I8:
      return std::make_unique<MaxPositionKernel<std::int8_t>>(node);
    default:
      return nullptr;
  }
}

std::unique_ptr<Kernel> make_lp_pool(const NodeView& node) {
  const bool takes = node.dtype(0) == DType::F32 && node.ints("kernel_shape").size() <= kMaxSpatialRank;
  return takes ? std::make_unique<LpPoolKernel>(node) : nullptr;
}

}  // namespace

std::vector<KernelDef> pool_kernels() {
  return {
      {"", "AveragePool", make_pool<true>},
      {"", "LpPool", make_lp_pool},
      {"", "MaxPool", make_pool<false>},
      {"", "MaxPool", make_max_position},
  };
}

}  // namespace atlas::cpu
