// One function per kind of layer; what only moves tensors joins its neighbours where the runtime fuses.
#include "atlas/plan/network_steps.h"

#include <fmt/core.h>

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {
namespace {

class Maker {
 public:
  Maker(const Lowering& lowering, bool trains)
      : by_(lowering),
        trains_(trains),
        fusion_(trains ? lowering.runtime->training : lowering.runtime->inference) {}

  void forward(const Layer& layer) {
    layer_ = &layer;
    std::visit([&](const auto& sizes) { this->pass(sizes); }, layer.sizes);
  }
  void backward(const Layer& layer) {
    layer_ = &layer;
    std::visit([&](const auto& sizes) { gradient(sizes); }, layer.sizes);
  }

  std::vector<Step> steps;

 private:
  double width() const { return by_.format->a_bytes; }

  void add(const char* op, std::string_view family, decltype(Operator::sizes) sizes, double times = 1) {
    Step step;
    step.name = layer_->name;
    step.op = op;
    step.what = {fmt::format("{}/{}", family, by_.format->name), std::move(sizes)};
    step.count = layer_->count * times;
    steps.push_back(std::move(step));
    joins_ = false;
  }

  Gemm priced(Gemm op) const {
    op.format = by_.format;
    return op;
  }

  void cast() {
    if (by_.runtime->casts && width() == 2 && layer_->parameters > 0) moves("cast", layer_->parameters, 2);
  }

  void pass(const Gemm& op) {
    cast();
    add("product", kGemmFamily.name, priced(op));
    joins_ = true;
  }
  void gradient(const Gemm& op) {
    if (!layer_->first) add("product.input-gradient", kGemmFamily.name, priced({op.batch, op.m, op.k, op.n}));
    add("product.weight-gradient", kGemmFamily.name, priced({op.batch, op.k, op.n, op.m}));
  }

  void pass(Convolution op) {
    cast();
    op.format = by_.format;
    add("convolution", kConvolutionFamily.name, op);
    joins_ = true;
  }
  void gradient(Convolution op) {
    op.format = by_.format;
    if (!layer_->first) add("convolution.input-gradient", kConvolutionFamily.name, op);
    add("convolution.weight-gradient", kConvolutionFamily.name, op);
  }

  void pass(const RowWise& op) {
    if (fusion_ == Fusion::Behind && joins_) {
      steps.back().op += "+norm";  // on the way, but for the statistics: its bytes still move once
      steps.back().extra_bytes += op.rows * op.columns * width();
      return;
    }
    add("norm", kNormFamily.name, RowWise{op.rows, op.columns, width()});
  }
  void gradient(const RowWise& op) { moves("norm.gradient", op.rows * op.columns, 3); }

  void pass(const Pointwise& op) {
    const double reads = trains_ ? op.training_reads : op.reads;
    joined("pointwise", op.elements, reads);
  }
  void gradient(const Pointwise& op) {
    if (op.gradient_reads > 0) joined("pointwise.gradient", op.elements, op.gradient_reads);
  }

  // Behind its producer, only what else is read and, where several tensors become one kernel, one write.
  void joined(const char* op, double elements, double reads) {
    if (joins_ && !steps.empty()) {
      Step& step = steps.back();
      const bool moves_already = std::holds_alternative<Elementwise>(step.what.sizes);
      if (fusion_ == Fusion::Behind && !moves_already) {
        step.extra_bytes += elements * (reads - 1) * width();
        return;
      }
      if (fusion_ != Fusion::None && moves_already) {
        auto& before = std::get<Elementwise>(step.what.sizes);
        if (before.elements == elements) {
          before.operands += reads - 1;
          return;
        }
      }
    }
    moves(op, elements, reads);
    joins_ = true;
  }
  void moves(const char* op, double elements, double reads) {
    add(op, kElementwiseFamily.name, Elementwise{elements, reads, width(), 1});
  }

  void pass(const Attention& attention) {
    // Several queries behind a cache have no model as one kernel.
    if (by_.runtime->flash_attention && (attention.past == 0 || attention.queries == 1)) {
      add("attention", attention.past > 0 ? kDecodeFamily.name : kPrefillFamily.name, fused(attention));
      steps.back().what.key =
          fmt::format("{}/{}", family_of(steps.back().what.key), width() < 2 ? "f8-f8" : "bf16-bf16");
      return;
    }
    const Parts parts = parts_of(attention);
    add("scores", kGemmFamily.name, priced({parts.heads, attention.queries, parts.keys, attention.head_dim}));
    if (fusion_ == Fusion::None) moves("mask", parts.scores, 2);
    add("softmax", kSoftmaxFamily.name, RowWise{parts.scores / parts.keys, parts.keys, width()});
    if (trains_) moves("dropout", parts.scores, 1);
    add("mix", kGemmFamily.name, priced({parts.heads, attention.queries, attention.head_dim, parts.keys}));
  }
  void gradient(const Attention& attention) {
    if (by_.runtime->flash_attention) {
      // Five products where the forward pass has two (Dao et al., FlashAttention, 2022).
      add("attention.gradient", kPrefillFamily.name, fused(attention), 2.5);
      steps.back().what.key = fmt::format("{}/bf16-bf16", kPrefillFamily.name);
      return;
    }
    const Parts parts = parts_of(attention);
    for (int i = 0; i < 2; ++i)
      add("mix.gradient", kGemmFamily.name,
          priced({parts.heads, attention.queries, parts.keys, attention.head_dim}));
    moves("dropout.gradient", parts.scores, 1);
    moves("softmax.gradient", parts.scores, 2);
    for (int i = 0; i < 2; ++i)
      add("scores.gradient", kGemmFamily.name,
          priced({parts.heads, attention.queries, attention.head_dim, parts.keys}));
  }

  struct Parts {
    double heads;
    double keys;
    double scores;
  };
  static Parts parts_of(const Attention& at) {
    const double keys = at.past + at.queries;
    return {at.batch * at.heads, keys, at.batch * at.heads * at.queries * keys};
  }
  Attention fused(Attention attention) const {
    attention.compute_bytes = width() < 2 ? 1 : 2;
    attention.cache_bytes = std::min(2.0, width());
    return attention;
  }

  const Lowering& by_;
  bool trains_;
  Fusion fusion_;
  const Layer* layer_ = nullptr;
  bool joins_ = false;  // whether what moves tensors may join the last step
};

struct FormatName {
  std::string_view name;
  std::string_view gemm;
};
constexpr FormatName kFormats[] = {{"f32", "fp32"},      {"tf32", "tf32"},     {"f16", "f16"},
                                   {"bf16", "bfloat16"}, {"f8", "fp8_static"}, {"i8", "int8_kept"}};

}  // namespace

Recompute recompute_named(std::string_view name) {
  if (name.empty() || name == "none") return Recompute::None;
  if (name == "selective") return Recompute::Selective;
  if (name == "full") return Recompute::Full;
  fail(ErrorCode::InvalidArgument, "recompute: expected none, selective or full, got '{}'", name);
}

const GemmFormat& number_format(std::string_view name) {
  for (const FormatName& format : kFormats)
    if (format.name == name) return *gemm_format(format.gemm);
  fail(ErrorCode::InvalidArgument, "number format: expected f32, tf32, f16, bf16, f8 or i8, got '{}'", name);
}

std::vector<Step> inference_steps(const Network& network, const Lowering& lowering) {
  Maker maker(lowering, false);
  for (const Layer& layer : network.layers)
    if (!layer.training_only) maker.forward(layer);
  return std::move(maker.steps);
}

std::vector<Step> training_steps(const Network& network, const Lowering& lowering) {
  Maker maker(lowering, true);
  const auto forward = [&] {
    for (const Layer& layer : network.layers) maker.forward(layer);
  };
  forward();
  if (lowering.recompute == Recompute::Full) forward();
  for (auto layer = network.layers.rbegin(); layer != network.layers.rend(); ++layer) {
    const bool keeps_no_scores =
        lowering.recompute == Recompute::Selective && !lowering.runtime->flash_attention;
    if (keeps_no_scores && std::holds_alternative<Attention>(layer->sizes)) maker.forward(*layer);
    maker.backward(*layer);
  }
  return std::move(maker.steps);
}

Step optimizer_step(double parameters) {
  Step step;
  step.name = "optimizer";
  step.op = "update";
  step.what = {fmt::format("{}/fp32", kElementwiseFamily.name), Elementwise{parameters, 10.5, 4, 15}};
  return step;
}

}  // namespace atlas
