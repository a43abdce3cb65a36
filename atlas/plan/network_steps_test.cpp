#include "atlas/plan/network_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/plan/convolution_networks.h"
#include "atlas/plan/transformer.h"

namespace atlas {
namespace {

using testing::ElementsAre;

Lowering by(const char* runtime, const char* format = "f16") {
  return {&runtime_named(runtime), &number_format(format), Recompute::None};
}

std::vector<std::string> ops_of(const std::vector<Step>& steps) {
  std::vector<std::string> names;
  for (const Step& step : steps) names.push_back(step.op);
  return names;
}

// A convolution of 8 x 10 x 10 to 16 x 10 x 10, its norm, a residual, an activation.
Network block() {
  Convolution conv;
  conv.in_channels = 8;
  conv.out_channels = 16;
  conv.kernel_h = conv.kernel_w = 3;
  conv.in_h = conv.in_w = conv.out_h = conv.out_w = 10;
  return {"block",
          1,
          {{"conv", conv, 1, 16 * 8 * 9},
           {"norm", Pointwise{1600, 1, 2, 4}, 1, 32},
           {"add", Pointwise{1600, 2, 2, 2}},
           {"act", Pointwise{1600, 1, 1, 2}}}};
}

const Elementwise& moved(const Step& step) {
  return std::get<Elementwise>(step.what.sizes);
}

TEST(NetworkSteps, WithoutFusionEveryLayerIsAKernel) {
  const std::vector<Step> steps = inference_steps(block(), by("mxnet"));
  EXPECT_THAT(ops_of(steps), ElementsAre("convolution", "pointwise"));
  EXPECT_THAT(ops_of(inference_steps(block(), by("pytorch", "f32"))),
              ElementsAre("convolution", "pointwise", "pointwise", "pointwise"));
}

// Neighbours as one kernel read 1 + 1 + 0 more tensors. Behind the convolution, the residual alone is read:
// 1600 x 2 bytes.
TEST(NetworkSteps, FusedLayersReadOnlyWhatIsNew) {
  const std::vector<Step> steps = inference_steps(block(), by("mxnet"));
  EXPECT_EQ(moved(steps[1]).operands, 2);
  EXPECT_EQ(moved(steps[1]).element_bytes, 2);
  const std::vector<Step> behind = inference_steps(block(), by("tensorrt"));
  EXPECT_THAT(ops_of(behind), ElementsAre("convolution"));
  EXPECT_EQ(behind[0].extra_bytes, 3200);
}

// Mixed precision keeps 16 x 8 x 9 weights in f32: 4 bytes read and 2 written each.
TEST(NetworkSteps, MixedPrecisionCastsWeights) {
  const std::vector<Step> steps = inference_steps(block(), by("pytorch"));
  EXPECT_EQ(steps[0].op, "cast");
  EXPECT_EQ(moved(steps[0]).elements, 16 * 8 * 9);
  EXPECT_EQ(moved(steps[0]).element_bytes * (moved(steps[0]).operands + 1), 6);
}

// Backward: the activation reads its result and a gradient, the residual's sum two, the norm both twice; then
// the convolution's input and weights.
TEST(NetworkSteps, GradientsComeInReverse) {
  const std::vector<Step> steps = training_steps(block(), by("pytorch", "f32"));
  EXPECT_THAT(ops_of(steps), ElementsAre("convolution", "pointwise", "pointwise", "pointwise",
                                         "pointwise.gradient", "pointwise.gradient", "pointwise.gradient",
                                         "convolution.input-gradient", "convolution.weight-gradient"));
  EXPECT_EQ(moved(steps[1]).operands, 2);
  EXPECT_EQ(moved(steps[4]).operands, 2);
  EXPECT_EQ(moved(steps[6]).operands, 4);
}

// C[4, 8] = A[4, 2] B[2, 8]: dA[4, 2] = dC B', dB[2, 8] = A' dC.
TEST(NetworkSteps, AProductHasTwoGradients) {
  Network network{"p", 1, {{"first", Gemm{1, 4, 8, 2}, 3, 16}}};
  std::vector<Step> steps = training_steps(network, by("megatron"));
  ASSERT_EQ(steps.size(), 3u);
  const auto& input = std::get<Gemm>(steps[1].what.sizes);
  EXPECT_THAT((std::vector<double>{input.m, input.n, input.k}), ElementsAre(4, 2, 8));
  const auto& weight = std::get<Gemm>(steps[2].what.sizes);
  EXPECT_THAT((std::vector<double>{weight.m, weight.n, weight.k}), ElementsAre(2, 8, 4));
  EXPECT_EQ(steps[2].count, 3);
  EXPECT_EQ(steps[2].what.key, "gemm/f16");
  network.layers[0].first = true;
  EXPECT_EQ(training_steps(network, by("megatron")).size(), 2u);
}

// 2 sequences of 8 queries behind 24 keys, 4 heads: 8 products [8, 32, 16], 2 x 4 x 8 rows of 32 scores.
TEST(NetworkSteps, PlainAttentionIsItsParts) {
  Attention attention;
  attention.batch = 2;
  attention.queries = 8;
  attention.past = 24;
  attention.heads = attention.kv_heads = 4;
  attention.head_dim = 16;
  const Network network{"a", 2, {{"attention", attention, 5}}};
  const std::vector<Step> steps = inference_steps(network, by("onnxruntime-served"));
  EXPECT_THAT(ops_of(steps), ElementsAre("scores", "softmax", "mix"));
  const auto& scores = std::get<Gemm>(steps[0].what.sizes);
  EXPECT_THAT((std::vector<double>{scores.batch, scores.m, scores.n, scores.k}), ElementsAre(8, 8, 32, 16));
  EXPECT_EQ(std::get<RowWise>(steps[1].what.sizes).rows, 64);
  EXPECT_EQ(std::get<RowWise>(steps[1].what.sizes).columns, 32);
  EXPECT_EQ(steps[2].count, 5);
  const std::vector<Step> fused = inference_steps(network, by("fused", "f32"));
  EXPECT_EQ(fused[0].op, "scores");  // several queries behind a cache
}

TEST(NetworkSteps, FusedAttentionReadsPromptsAndDecodes) {
  Attention attention;
  attention.queries = 8;
  EXPECT_EQ(inference_steps({"a", 1, {{"attention", attention}}}, by("fused"))[0].what.key,
            "attention_prefill/bf16-bf16");
  attention.queries = 1;
  attention.past = 7;
  const std::vector<Step> steps = inference_steps({"a", 1, {{"attention", attention}}}, by("fused", "f8"));
  EXPECT_EQ(steps[0].what.key, "attention_decode/f8-f8");
  EXPECT_EQ(std::get<Attention>(steps[0].what.sizes).cache_bytes, 1);
}

double counted(const std::vector<Step>& steps, std::string_view op) {
  double total = 0;
  for (const Step& step : steps)
    if (step.op == op) total += step.count;
  return total;
}

TEST(NetworkSteps, RecomputingRunsForwardAgain) {
  Passage passage;
  passage.tokens = 16;
  const Network network = transformer_stack(*transformer_named("gpt2"), passage);
  Lowering lowering = by("megatron");
  EXPECT_EQ(counted(training_steps(network, lowering), "product"), 12 * 4);
  EXPECT_EQ(counted(training_steps(network, lowering), "scores"), 12);
  lowering.recompute = Recompute::Selective;
  EXPECT_EQ(counted(training_steps(network, lowering), "product"), 12 * 4);
  EXPECT_EQ(counted(training_steps(network, lowering), "scores"), 12 * 2);
  lowering.recompute = Recompute::Full;
  EXPECT_EQ(counted(training_steps(network, lowering), "product"), 12 * 4 * 2);
  EXPECT_EQ(counted(training_steps(network, lowering), "scores"), 12 * 2);
  EXPECT_EQ(counted(training_steps(network, lowering), "product.weight-gradient"), 12 * 4);
}

TEST(NetworkSteps, NamesAreChecked) {
  EXPECT_THROW(number_format("f12"), Error);
  EXPECT_THROW(recompute_named("some"), Error);
  EXPECT_THROW(runtime_named("none"), Error);
  for (const std::string& name : runtime_names()) EXPECT_EQ(runtime_named(name).name, name);
}

}  // namespace
}  // namespace atlas
