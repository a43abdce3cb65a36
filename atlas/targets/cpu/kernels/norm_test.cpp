#include "atlas/targets/cpu/kernels/norm.h"

#include <cmath>

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using NormTest = KernelTest;

struct Moments {
  double mean = 0, variance = 0, square = 0;
};

Moments moments(const float* x, size_t n) {
  Moments m;
  for (size_t i = 0; i < n; ++i) m.mean += x[i] / double(n), m.square += double(x[i]) * x[i] / double(n);
  for (size_t i = 0; i < n; ++i) m.variance += (x[i] - m.mean) * (x[i] - m.mean) / double(n);
  return m;
}

TEST_P(NormTest, LayerAndRms) {
  const float epsilon = 1e-5f;
  for (const size_t n : {1, 7, 16, 64, 77, 768}) {
    const size_t rows = 13;
    const auto x = random_floats(rows * n, 1, -3, 5), scale = random_floats(n, 2), bias = random_floats(n, 3);
    std::vector<float> y(x.size()), plain(x.size()), rms(x.size()), mean(rows), inverse(rows);
    layer_norm(x.data(), y.data(), rows, n, scale.data(), bias.data(), epsilon, mean.data(), inverse.data(),
               pool);
    layer_norm(x.data(), plain.data(), rows, n, nullptr, nullptr, epsilon, nullptr, nullptr, pool);
    rms_norm(x.data(), rms.data(), rows, n, scale.data(), epsilon, pool);
    for (size_t i = 0; i < x.size(); ++i) {
      const Moments m = moments(x.data() + i / n * n, n);
      const double normal = (x[i] - m.mean) / std::sqrt(m.variance + epsilon);
      ASSERT_NEAR(plain[i], normal, 3e-6);
      ASSERT_NEAR(y[i], normal * scale[i % n] + bias[i % n], 3e-6);
      ASSERT_NEAR(rms[i], x[i] / std::sqrt(m.square + epsilon) * scale[i % n], 3e-6);
      ASSERT_NEAR(mean[i / n], m.mean, 3e-6);
      ASSERT_NEAR(inverse[i / n] * std::sqrt(m.variance + epsilon), 1, 3e-6);
    }
  }
}

TEST_P(NormTest, ALargeMeanCostsNoDigits) {
  std::vector<float> x = random_floats(1000, 1);
  for (float& value : x) value += 4096;
  std::vector<float> y(x.size());
  layer_norm(x.data(), y.data(), 1, x.size(), nullptr, nullptr, 0, nullptr, nullptr, pool);
  const Moments m = moments(x.data(), x.size());
  for (size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(y[i], (x[i] - m.mean) / std::sqrt(m.variance), 2e-3);
}

TEST_P(NormTest, ChannelsAndGroups) {
  const size_t batch = 2, channels = 6;
  for (const size_t inner : {1, 9, 50}) {
    const auto x = random_floats(batch * channels * inner, 1), a = random_floats(channels, 2),
               b = random_floats(channels, 3);
    std::vector<float> y(x.size());
    channel_affine(x.data(), y.data(), batch, channels, inner, a.data(), b.data(), pool);
    for (size_t i = 0; i < x.size(); ++i) {
      const size_t c = i / inner % channels;
      ASSERT_NEAR(y[i], x[i] * a[c] + b[c], 1e-6);
    }
    for (const size_t groups : {1, 2, 6}) {
      group_norm(x.data(), y.data(), batch, channels, inner, groups, a.data(), b.data(), 1e-3f, pool);
      const size_t n = channels / groups * inner;
      for (size_t i = 0; i < x.size(); ++i) {
        const size_t c = i / inner % channels;
        const Moments m = moments(x.data() + i / n * n, n);
        ASSERT_NEAR(y[i], (x[i] - m.mean) / std::sqrt(m.variance + 1e-3) * a[c] + b[c], 1e-5);
      }
    }
  }
}

ATLAS_TEST_EACH_ISA(NormTest);

}  // namespace
}  // namespace atlas::cpu
