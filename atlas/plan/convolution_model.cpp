// Implicit GEMM, and for 3 x 3 windows of stride 1 Winograd's algorithm with 16 products per 4 results in one
// kernel, or 36 per 16 in three (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016).
// Both transform the weights first.
#include "atlas/plan/convolution_model.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace atlas {
namespace {

constexpr std::size_t kGemmCount = 12;
enum : std::size_t {
  kLaunch = 2,
  kArithmetic = 3,
  kBandwidth = 4,
  kFill = 5,
  kFused = kGemmCount,
  kUnfused,
  kTransform,
  kWeights,
  kCount
};

// What one block of the fused kernel computes: channels, and the edges of its part of a picture.
constexpr double kBlockChannels = 32, kBlockHeight = 8, kBlockWidth = 16;
constexpr double kChannelStep = 8;  // input channels per step of a block

// kGemmFamily's own, so that a constant means the same in both.
std::array<ModelConstant, kCount> parameters() {
  std::array<ModelConstant, kCount> all{};
  std::ranges::copy(kGemmFamily.parameters, all.begin());
  all[kLaunch].high = 400;  // libraries choose among algorithms at each call
  all[kFused] = {"winograd2", 0.6, 0.1, 1.3,
                 "of the rate at the sustained clock, by products inside the fused Winograd kernel"};
  all[kUnfused] = {"winograd4", 0.6, 0.1, 1.3, "speed of the batched products between Winograd's transforms"};
  all[kTransform] = {"transform", 0.5, 0.02, 3, "of moving transformed tiles once through memory"};
  all[kWeights] = {"weights", 1, 0.1, 6, "of moving transformed weights once through memory"};
  return all;
}

const std::array<ModelConstant, kCount> kParameters = parameters();

// Blocks of 32 channels and 32 tiles of 2 x 2 pixels of one picture, whatever part of it is inside.
Estimate fused_winograd(const Chip& chip, std::span<const double> p, const Convolution& op, double bytes) {
  const double blocks = op.batch * std::ceil(op.out_channels / kBlockChannels) *
                        std::ceil(op.out_h / kBlockHeight) * std::ceil(op.out_w / kBlockWidth);
  const double waves = std::max(1.0, (std::ceil(blocks / chip.cores) + blocks / chip.cores) / 2);
  const double tiles = kBlockHeight * kBlockWidth / 4;
  const double per_block =
      2 * 16 * kBlockChannels * tiles * std::ceil(op.in_channels / kChannelStep) * kChannelStep;
  Longest flow;
  flow.add(waves * per_block / (chip.vector_rate(op.format->engine) / chip.cores * p[kFused]),
           Limit::Compute);
  flow.add(bytes / (chip.dram_bytes_per_s * p[kBandwidth]), Limit::Memory);
  const double fixed = (p[kLaunch] + p[kFill] * waves) * 1e-6;
  return {fixed + flow.seconds, fixed > flow.seconds ? Limit::Launch : flow.limit};
}

}  // namespace

const Family kConvolutionFamily{"convolution", kParameters};

Estimate predict_convolution(const Chip& chip, std::span<const double> p, const Convolution& op) {
  const double in = op.in_channels / op.groups;
  const double out = op.out_channels / op.groups;
  const double pixels = op.batch * op.out_h * op.out_w;
  const double share = std::min(1.0, op.in_h * op.in_w / (op.out_h * op.out_w * op.kernel_h * op.kernel_w));
  const std::span<const double> of_gemm = p.first(kGemmCount);
  Estimate best = predict_gemm(
      chip, of_gemm, {op.groups, pixels, out, in * op.kernel_h * op.kernel_w, op.format, share, true});
  const double operations = best.operations;
  const double fixed = (p[kLaunch] + p[kFill]) * 1e-6;
  const double bytes = op.batch *
                           (op.in_channels * op.in_h * op.in_w + op.out_channels * op.out_h * op.out_w) *
                           op.format->a_bytes +
                       op.out_channels * in * op.kernel_h * op.kernel_w * op.format->b_bytes;
  if (op.groups > 1 && in == 1) {
    // One channel per group: too narrow for tiles, it streams through the vector engine.
    Longest flow;
    flow.add(bytes / (chip.dram_bytes_per_s * p[kBandwidth]), Limit::Memory);
    flow.add(operations / (chip.vector_rate(op.format->engine) * p[kArithmetic]), Limit::Compute);
    if (fixed + flow.seconds < best.seconds) {
      best.seconds = fixed + flow.seconds;
      best.limit = fixed > flow.seconds ? Limit::Launch : flow.limit;
    }
  }
  if (op.kernel_h == 3 && op.kernel_w == 3 && op.stride == 1 && op.groups == 1) {
    const double weights = in * out * op.format->b_bytes * p[kWeights] / chip.dram_bytes_per_s;
    Estimate fused = fused_winograd(chip, p, op, bytes);
    fused.seconds += 16 * weights;
    const double tiles4 = op.batch * std::ceil(op.out_h / 4) * std::ceil(op.out_w / 4);
    Estimate unfused = predict_gemm(chip, of_gemm, {36, tiles4, out, in, op.format});
    unfused.seconds =
        fixed + std::max(0.0, unfused.seconds - fixed) / p[kUnfused] +
        p[kTransform] * 36 * tiles4 * (in + out) * op.format->a_bytes * 2 / chip.dram_bytes_per_s +
        36 * weights;
    for (const Estimate& way : {fused, unfused})
      if (way.seconds < best.seconds) best = way;
  }
  best.operations = operations;
  best.bytes = bytes;
  return best;
}

}  // namespace atlas
