// Linear quantisation and its inverse, with one scale for all or one for each index of an axis; and the
// quantisation that finds its scale itself.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/quantize.h"
#include "atlas/targets/cpu/kernels/reduce.h"
#include "atlas/targets/cpu/quantized_inputs.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

// How elements meet their scale: [outer, scales, inner].
struct ScaleLayout {
  std::size_t scales = 1;
  std::size_t inner = 1;
};

ScaleLayout scale_layout(const KernelContext& context, std::int64_t stated_axis) {
  const Tensor& x = context.input(0);
  const Tensor& scale = context.input(1);
  if (scale.element_count() == 1) return {1, std::max<std::size_t>(1, x.element_count())};
  const std::int64_t axis = static_cast<std::int64_t>(context.axis(stated_axis, x.rank()));
  context.check(scale.rank() == 1 && scale.dim(0) == x.dim(static_cast<std::size_t>(axis)),
                "expected a scale for each index of axis {} of {}, got {}", axis, shown(x), shown(scale));
  return {static_cast<std::size_t>(scale.dim(0)),
          element_count({x.shape().begin() + axis + 1, x.shape().end()})};
}

// One for each scale.
std::vector<std::int32_t> zero_points(const KernelContext& context) {
  const std::size_t scales = context.input(1).element_count();
  if (!context.has_input(2)) return std::vector<std::int32_t>(scales, 0);
  const std::vector<std::int64_t> values = to_ints(context.input(2));
  context.check(values.size() == scales, "expected {} zero points, one for each scale, got {}", scales,
                values.size());
  return {values.begin(), values.end()};
}

// Calls body(index of the scale, begin, end) for runs of elements that share a scale.
template <typename Body>
void for_each_scale_run(const ScaleLayout& layout, std::size_t count, ThreadPool& pool, Body body) {
  constexpr std::size_t kGrain = 1 << 14;
  pool.parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end;) {
      const std::size_t run = at / layout.inner;
      const std::size_t stop = std::min(end, (run + 1) * layout.inner);
      body(run % layout.scales, at, stop);
      at = stop;
    }
  });
}

template <typename T>
class QuantizeKernel : public Kernel {
 public:
  explicit QuantizeKernel(const NodeView& node) : axis_(node.integer("axis", 1)) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const ScaleLayout layout = scale_layout(context, axis_);
    const std::vector<std::int32_t> zeros = zero_points(context);
    const float* scales = context.input(1).values<float>().data();
    const float* from = x.values<float>().data();
    T* to = context.output(0, dtype_of<T>, x.shape()).template values_mutable<T>().data();
    constexpr float kLow = std::numeric_limits<T>::min();
    constexpr float kHigh = std::numeric_limits<T>::max();
    for_each_scale_run(
        layout, x.element_count(), context.pool(), [&](std::size_t s, std::size_t begin, std::size_t end) {
          const float scale = scales[s];
          if constexpr (sizeof(T) == 1)
            return quantize(from + begin, end - begin, {{std::is_signed_v<T>, zeros[s]}, scale},
                            reinterpret_cast<std::uint8_t*>(to) + begin);
          const auto zero = static_cast<float>(zeros[s]);
          for (std::size_t i = begin; i < end; ++i) {
            const float level = std::nearbyint(from[i] / scale) + zero;
            to[i] = std::isnan(level) ? T{0} : static_cast<T>(std::clamp(level, kLow, kHigh));
          }
        });
  }

 private:
  std::int64_t axis_;
};

std::unique_ptr<Kernel> make_quantize(const NodeView& node) {
  const std::int64_t precision = node.integer("precision");
  if (node.dtype(0) != DType::F32 || node.dtype(1) != DType::F32 || node.integer("block_size") != 0 ||
      (precision != 0 && precision != static_cast<std::int64_t>(DType::F32)))
    return nullptr;
  switch (node.output(0).dtype) {
    case DType::U8:
      return std::make_unique<QuantizeKernel<std::uint8_t>>(node);
    case DType::I8:
      return std::make_unique<QuantizeKernel<std::int8_t>>(node);
    case DType::U16:
      return std::make_unique<QuantizeKernel<std::uint16_t>>(node);
    case DType::I16:
      return std::make_unique<QuantizeKernel<std::int16_t>>(node);
    default:
      return nullptr;
  }
}

template <typename T>
class DequantizeKernel : public Kernel {
 public:
  explicit DequantizeKernel(const NodeView& node) : axis_(node.integer("axis", 1)) {}
  void run(KernelContext& context) const override {
    // Differences of 32-bit integers need more than a float holds.
    using Wide = std::conditional_t<sizeof(T) == 4, double, float>;
    const Tensor& x = context.input(0);
    const ScaleLayout layout = scale_layout(context, axis_);
    const std::vector<std::int32_t> zeros = zero_points(context);
    const float* scales = context.input(1).values<float>().data();
    const T* from = x.values<T>().data();
    float* to = context.output(0, DType::F32, x.shape()).template values_mutable<float>().data();
    for_each_scale_run(layout, x.element_count(), context.pool(),
                       [&](std::size_t s, std::size_t begin, std::size_t end) {
                         if constexpr (sizeof(T) == 1)
                           return dequantize(reinterpret_cast<const std::uint8_t*>(from) + begin, end - begin,
                                             {{std::is_signed_v<T>, zeros[s]}, scales[s]}, to + begin);
                         const Wide scale = scales[s];
                         const auto zero = static_cast<Wide>(zeros[s]);
                         for (std::size_t i = begin; i < end; ++i)
                           to[i] = static_cast<float>((static_cast<Wide>(from[i]) - zero) * scale);
                       });
  }

 private:
  std::int64_t axis_;
};

std::unique_ptr<Kernel> make_dequantize(const NodeView& node) {
  if (node.dtype(1) != DType::F32 || node.output(0).dtype != DType::F32 || node.integer("block_size") != 0)
    return nullptr;
  switch (node.dtype(0)) {
    case DType::U8:
      return std::make_unique<DequantizeKernel<std::uint8_t>>(node);
    case DType::I8:
      return std::make_unique<DequantizeKernel<std::int8_t>>(node);
    case DType::U16:
      return std::make_unique<DequantizeKernel<std::uint16_t>>(node);
    case DType::I16:
      return std::make_unique<DequantizeKernel<std::int16_t>>(node);
    case DType::I32:
      return std::make_unique<DequantizeKernel<std::int32_t>>(node);
    default:
      return nullptr;
  }
}

// Least and greatest of the values and 0, NaN left out.
std::pair<float, float> range_with_zero(std::span<const float> values, ThreadPool& pool) {
  float low = 0;
  float high = 0;
  if (values.empty()) return {low, high};
  reduce(ReduceKind::Min, values.data(), &low, 1, values.size(), 1, pool);
  reduce(ReduceKind::Max, values.data(), &high, 1, values.size(), 1, pool);
  if (std::isnan(low) || std::isnan(high)) {
    low = high = 0;
    for (const float value : values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  return {std::min(low, 0.0f), std::max(high, 0.0f)};
}

class DynamicQuantizeKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::span<const float> values = x.values<float>();
    const auto [low, high] = range_with_zero(values, context.pool());
    const float scale = (high == low ? 1.0f : high - low) / 255.0f;
    const float zero = std::nearbyint(std::clamp(0.0f - low / scale, 0.0f, 255.0f));
    context.output(1, DType::F32, {}).values_mutable<float>()[0] = scale;
    context.output(2, DType::U8, {}).values_mutable<std::uint8_t>()[0] = static_cast<std::uint8_t>(zero);
    std::uint8_t* to = context.output(0, DType::U8, x.shape()).values_mutable<std::uint8_t>().data();
    constexpr std::size_t kGrain = 1 << 14;
    context.pool().parallel_for(values.size(), kGrain, [&](std::size_t begin, std::size_t end) {
      quantize(values.data() + begin, end - begin, {{false, static_cast<std::int32_t>(zero)}, scale},
               to + begin);
    });
  }
};

std::unique_ptr<Kernel> make_dynamic_quantize(const NodeView& node) {
  const bool all = node.has_output(0) && node.has_output(1) && node.has_output(2);
  return node.dtype(0) == DType::F32 && all ? std::make_unique<DynamicQuantizeKernel>() : nullptr;
}

class LevelTableKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    const Tensor &x = context.input(0), &table = context.input(1);
    context.check(table.element_count() == 256, "expected a table of 256 levels, got {}", shown(table));
    Tensor& y = context.output(0, table.dtype(), x.shape());
    const auto* entries = static_cast<const std::uint8_t*>(table.raw());
    const auto* from = static_cast<const std::uint8_t*>(x.raw());
    auto* to = static_cast<std::uint8_t*>(y.raw_mutable());
    constexpr std::size_t bytes_per_task = 32768;
    context.pool().parallel_for(y.element_count(), bytes_per_task, [&](std::size_t begin, std::size_t end) {
      map_bytes(entries, from + begin, end - begin, to + begin);
    });
  }
};

std::unique_ptr<Kernel> make_level_table(const NodeView& node) {
  return is_byte(node.dtype(0)) && is_byte(node.dtype(1)) ? std::make_unique<LevelTableKernel>() : nullptr;
}

}  // namespace

std::vector<KernelDef> quantization_kernels() {
  return {
      {"", "DequantizeLinear", make_dequantize},
      {"", "DynamicQuantizeLinear", make_dynamic_quantize},
      {"", "QuantizeLinear", make_quantize},
      {"atlas", "LevelTable", make_level_table},
  };
}

}  // namespace atlas::cpu
