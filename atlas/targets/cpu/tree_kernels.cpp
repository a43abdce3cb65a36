// Decision trees: read from the attributes once, rows walked by many threads.
#include <algorithm>

#include "atlas/ops/result_limit.h"
#include "atlas/ops/tree_model.h"
#include "atlas/targets/cpu/kernel_table.h"

namespace atlas::cpu {
namespace {

template <typename T>
void widen(const Tensor& x, std::size_t from, std::span<double> to) {
  const std::span<const T> values = x.values<T>().subspan(from, to.size());
  std::ranges::copy(values, to.begin());
}

class TreeKernel : public Kernel {
 public:
  explicit TreeKernel(const NodeAttributes& node) : model_(TreeModel::read(node)) {}

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const Shape& shape = x.shape();
    context.check(shape.size() == 1 || shape.size() == 2, "expected an input of shape [C] or [N,C], got {}",
                  shown(shape));
    const std::size_t features = static_cast<std::size_t>(shape.back());
    const std::size_t rows = shape.size() == 2 ? static_cast<std::size_t>(shape[0]) : 1;
    context.check(model_.features() <= features, "a split looks at feature {} of {}", model_.features() - 1,
                  features);
    const Shape out_shape = {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(model_.width())};
    std::vector<std::size_t> winners(rows);
    const std::size_t scores_at = model_.labels() ? 1 : 0;
    // A classifier's scores may be left out.
    Tensor unused;
    Tensor& scores = context.has_output(scores_at)
                         ? context.output(scores_at, model_.score_dtype(x.dtype()), out_shape)
                         : unused = Tensor(DType::F32, out_shape);
    context.pool().parallel_for(rows, kRowsPerTask, [&](std::size_t begin, std::size_t end) {
      std::vector<double> read((end - begin) * features);
      read_values(x, begin * features, read);
      std::size_t row = begin;
      for (const TreeModel::Answer& answer :
           model_.answers(read.data(), end - begin, features, x.dtype() != DType::F64)) {
        winners[row] = answer.winner;
        write_row(scores, row++ * model_.width(), answer.scores);
      }
    });
    if (!model_.labels() || !context.has_output(0)) return;
    const Tensor labels = model_.labels()->at(winners);
    Tensor& out = context.output(0, labels.dtype(), labels.shape());
    if (labels.dtype() == DType::String) {
      std::ranges::copy(labels.values<std::string>(), out.values_mutable<std::string>().begin());
    } else {
      std::ranges::copy(labels.values<std::int64_t>(), out.values_mutable<std::int64_t>().begin());
    }
  }

 private:
  static constexpr std::size_t kRowsPerTask = 32;

  static void read_values(const Tensor& x, std::size_t from, std::span<double> to) {
    switch (x.dtype()) {
      case DType::F32:
        return widen<float>(x, from, to);
      case DType::F64:
        return widen<double>(x, from, to);
      case DType::I64:
        return widen<std::int64_t>(x, from, to);
      default:
        return widen<std::int32_t>(x, from, to);
    }
  }

  static void write_row(Tensor& scores, std::size_t to, const std::vector<double>& values) {
    if (scores.dtype() == DType::F64) {
      std::ranges::copy(values, scores.values_mutable<double>().begin() + static_cast<std::ptrdiff_t>(to));
    } else {
      std::ranges::transform(values, scores.values_mutable<float>().begin() + static_cast<std::ptrdiff_t>(to),
                             [](double value) { return static_cast<float>(value); });
    }
  }

  TreeModel model_;
};

std::unique_ptr<Kernel> make_trees(const NodeView& node) {
  const DType dtype = node.dtype(0);
  const bool taken = dtype == DType::F32 || dtype == DType::F64 || dtype == DType::I64 || dtype == DType::I32;
  return taken ? std::make_unique<TreeKernel>(node) : nullptr;
}

}  // namespace

std::vector<KernelDef> tree_kernels() {
  return {
      {"ai.onnx.ml", "TreeEnsemble", make_trees},
      {"ai.onnx.ml", "TreeEnsembleClassifier", make_trees},
      {"ai.onnx.ml", "TreeEnsembleRegressor", make_trees},
  };
}

}  // namespace atlas::cpu
