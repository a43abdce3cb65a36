// Categories of ai.onnx.ml: keys hashed once, elements looked up at each run.
#include <algorithm>
#include <cstring>

#include "atlas/ops/category_table.h"
#include "atlas/ops/result_limit.h"
#include "atlas/targets/cpu/kernel_table.h"

namespace atlas::cpu {
namespace {

class CategoryMapKernel : public Kernel {
 public:
  explicit CategoryMapKernel(const NodeView& node) : map_(CategoryMap::read(node, node.dtype(0))) {}
  void run(KernelContext& context) const override {
    const Tensor mapped = map_.map(context.input(0));
    Tensor& out = context.output(0, mapped.dtype(), mapped.shape());
    if (mapped.dtype() == DType::String) {
      std::ranges::copy(mapped.values<std::string>(), out.values_mutable<std::string>().begin());
    } else if (mapped.element_count() > 0) {
      std::memcpy(out.raw_mutable(), mapped.raw(), byte_size(mapped.dtype(), mapped.element_count()));
    }
  }

 private:
  CategoryMap map_;
};

class OneHotEncoderKernel : public Kernel {
 public:
  explicit OneHotEncoderKernel(const NodeView& node) : rows_(CategoryRows::read(node, node.dtype(0))) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    Shape shape = x.shape();
    shape.push_back(static_cast<std::int64_t>(rows_.width()));
    context.check(element_count(shape) <= kLargestComputedResult,
                  "expected a result of at most {} elements, got shape {}", kLargestComputedResult,
                  shown(shape));
    const std::vector<std::size_t> at = rows_.places(x);
    Tensor& out = context.output(0, DType::F32, shape);
    const std::span<float> values = out.values_mutable<float>();
    std::ranges::fill(values, 0.0f);
    for (std::size_t i = 0; i < at.size(); ++i)
      if (at[i] < rows_.width()) values[i * rows_.width() + at[i]] = 1;
  }

 private:
  CategoryRows rows_;
};

template <typename K>
std::unique_ptr<Kernel> make(const NodeView& node) {
  return node.dtype(0) == DType::Undefined ? nullptr : std::make_unique<K>(node);
}

}  // namespace

std::vector<KernelDef> category_kernels() {
  return {
      {"ai.onnx.ml", "CategoryMapper", make<CategoryMapKernel>},
      {"ai.onnx.ml", "LabelEncoder", make<CategoryMapKernel>},
      {"ai.onnx.ml", "OneHotEncoder", make<OneHotEncoderKernel>},
  };
}

}  // namespace atlas::cpu
