#include "atlas/targets/cpu/kernels/elementwise.h"

#include <cmath>
#include <limits>

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using ElementwiseTest = KernelTest;

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> special_and_random(size_t count) {
  std::vector<float> x{0.0f,  -0.0f,    1,         -1,  0.5f,   1.5f, 2.5f,
                       -2.5f, infinity, -infinity, nan, 1e-40f, 100,  -100};
  const auto more = random_floats(count, 1, -20, 20);
  x.insert(x.end(), more.begin(), more.end());
  return x;
}

::testing::Message at(float x) {
  return testing::Message() << "at " << x;
}

void expect_close(float got, double want, double relative, float x) {
  if (std::isnan(want)) {
    EXPECT_TRUE(std::isnan(got)) << at(x);
  } else if (std::isinf(want)) {
    EXPECT_EQ(got, want) << at(x);
  } else {
    EXPECT_NEAR(got, want, relative * std::abs(want) + 1e-37) << at(x);
  }
}

TEST_P(ElementwiseTest, Unary) {
  const auto x = special_and_random(1003);
  std::vector<float> y(x.size());
  const auto expect = [&](UnaryKind kind, double relative, double (*function)(double)) {
    SCOPED_TRACE(static_cast<int>(kind));
    unary(kind, x.data(), y.data(), x.size(), pool);
    for (size_t i = 0; i < x.size(); ++i) expect_close(y[i], function(x[i]), relative, x[i]);
  };
  expect(UnaryKind::Abs, 0, [](double v) { return std::abs(v); });
  expect(UnaryKind::Neg, 0, [](double v) { return -v; });
  expect(UnaryKind::Sign, 0, [](double v) { return v > 0 ? 1.0 : v < 0 ? -1.0 : v; });
  expect(UnaryKind::Floor, 0, [](double v) { return std::floor(v); });
  expect(UnaryKind::Ceil, 0, [](double v) { return std::ceil(v); });
  expect(UnaryKind::Round, 0, [](double v) { return std::nearbyint(v); });
  expect(UnaryKind::Sqrt, 1e-7, [](double v) { return std::sqrt(v); });
  expect(UnaryKind::Square, 1e-7, [](double v) { return v * v; });
  unary(UnaryKind::Reciprocal, x.data() + 2, y.data(), 6, pool);
  for (size_t i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(y[i], 1 / x[i + 2]);
}

TEST_P(ElementwiseTest, Activations) {
  const auto x = random_floats(1003, 2, -12, 12);
  std::vector<float> y(x.size());
  const auto expect = [&](Activation activation, auto function) {
    SCOPED_TRACE(static_cast<int>(activation.kind));
    activate(activation, x.data(), y.data(), x.size(), pool);
    for (size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(y[i], function(double(x[i])), 2e-6) << at(x[i]);
  };
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  const auto softplus = [](double v) { return std::log1p(std::exp(v)); };
  using enum ActivationKind;
  expect({None}, [](double v) { return v; });
  expect({Relu}, [](double v) { return std::max(0.0, v); });
  expect({Clip, -1, 6}, [](double v) { return std::clamp(v, -1.0, 6.0); });
  expect({LeakyRelu, 0.1f}, [](double v) { return v < 0 ? 0.1 * v : v; });
  expect({Elu, 2}, [](double v) { return v < 0 ? 2 * std::expm1(v) : v; });
  expect({Sigmoid}, sigmoid);
  expect({HardSigmoid, 0.2f, 0.5f}, [](double v) { return std::clamp(0.2 * v + 0.5, 0.0, 1.0); });
  expect({Tanh}, [](double v) { return std::tanh(v); });
  expect({Silu}, [&](double v) { return v * sigmoid(v); });
  expect({HardSwish}, [](double v) { return v * std::clamp(v / 6 + 0.5, 0.0, 1.0); });
  expect({Softplus}, softplus);
  expect({Mish}, [&](double v) { return v * std::tanh(softplus(v)); });
  expect({Gelu}, [](double v) { return v * (1 + std::erf(v / std::sqrt(2.0))) / 2; });
  expect({GeluTanh},
         [](double v) { return v / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v))); });
}

TEST_P(ElementwiseTest, SiluNearBfloat16) {
  const auto x = special_and_random(1003);
  std::vector<float> near(x.size()), exact(x.size());
  activate({ActivationKind::SiluNear}, x.data(), near.data(), x.size(), pool);
  activate({ActivationKind::Silu}, x.data(), exact.data(), x.size(), pool);
  for (size_t i = 0; i < x.size(); ++i)
    if (x[i] >= -80) {  // below, both are next to 0
      expect_close(near[i], exact[i], 0x1p-11, x[i]);
    }
}

TEST_P(ElementwiseTest, ActivationsKeepNan) {
  for (int kind = 0; kind <= static_cast<int>(ActivationKind::GeluTanh); ++kind) {
    float y[1] = {nan};
    activate({static_cast<ActivationKind>(kind), 0.5f, 1}, y, y, 1, pool);
    EXPECT_TRUE(std::isnan(y[0])) << kind;
  }
}

TEST_P(ElementwiseTest, BinaryWithEveryBroadcast) {
  const auto evaluate = [](BinaryKind kind, float x, float y) {
    switch (kind) {
      case BinaryKind::Add:
        return x + y;
      case BinaryKind::Sub:
        return x - y;
      case BinaryKind::Mul:
        return x * y;
      case BinaryKind::Div:
        return x / y;
      case BinaryKind::Min:
        return std::min(x, y);
      case BinaryKind::Max:
        return std::max(x, y);
    }
    return 0.0f;
  };
  const auto element = [](Broadcast form, const std::vector<float>& v, size_t row, size_t column,
                          size_t columns) {
    switch (form) {
      case Broadcast::None:
        return v[row * columns + column];
      case Broadcast::Scalar:
        return v[0];
      case Broadcast::Row:
        return v[column];
      case Broadcast::Column:
        return v[row];
    }
    return 0.0f;
  };
  for (const auto& [rows, columns] :
       {std::pair<size_t, size_t>{1, 1}, {3, 37}, {700, 61}, {5, 16}, {130, 16}}) {
    const auto x = random_floats(rows * columns, 1), y = random_floats(rows * columns, 2);
    std::vector<float> z(rows * columns);
    for (int kind = 0; kind < 6; ++kind)
      for (int xf = 0; xf < 4; ++xf)
        for (int yf = 0; yf < 4; ++yf) {
          const auto k = static_cast<BinaryKind>(kind);
          const auto x_form = static_cast<Broadcast>(xf), y_form = static_cast<Broadcast>(yf);
          binary(k, x.data(), x_form, y.data(), y_form, z.data(), rows, columns, pool);
          for (size_t i = 0; i < z.size(); ++i) {
            const size_t row = i / columns, column = i % columns;
            ASSERT_FLOAT_EQ(z[i], evaluate(k, element(x_form, x, row, column, columns),
                                           element(y_form, y, row, column, columns)))
                << kind << xf << yf;
          }
        }
  }
}

TEST_P(ElementwiseTest, OfBfloat16) {
  const auto x = random_floats(1003, 1, -5, 5), other = random_floats(1003, 2);
  const std::vector<Bf16> y = rounded(other);
  std::vector<float> exact;
  for (const Bf16 bits : y) exact.push_back(from_bf16(bits));
  for (const Broadcast form : {Broadcast::None, Broadcast::Row, Broadcast::Column, Broadcast::Scalar})
    check_rounded(x, x.size(), [&](Numbers<const std::byte> in, Numbers<std::byte> out) {
      const auto operand = out.rounded ? Numbers<const std::byte>(y.data()) : exact.data();
      binary(BinaryKind::Mul, in, Broadcast::None, operand, form, out, 59, 17, pool);
    });
  check_rounded(x, x.size(), [&](Numbers<const std::byte> in, Numbers<std::byte> out) {
    activate({ActivationKind::HardSwish}, in, out, x.size(), pool);
  });
}

TEST_P(ElementwiseTest, MinAndMaxKeepNan) {
  const float x[] = {nan, 1, nan}, y[] = {1, nan, nan};
  for (const BinaryKind kind : {BinaryKind::Min, BinaryKind::Max}) {
    float z[3];
    binary(kind, x, Broadcast::None, y, Broadcast::None, z, 1, 3, pool);
    for (const float value : z) EXPECT_TRUE(std::isnan(value));
  }
}

ATLAS_TEST_EACH_ISA(ElementwiseTest);

}  // namespace
}  // namespace atlas::cpu
