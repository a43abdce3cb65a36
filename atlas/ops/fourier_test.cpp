// Fourier transforms against numpy's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

using Doubles = std::initializer_list<double>;

Tensor column(Doubles values, std::int64_t parts = 1) {
  const auto count = static_cast<std::int64_t>(values.size());
  return Tensor::of<double>({1, count / parts, parts}, values);
}
Tensor number(std::int64_t value) {
  return Tensor::scalar(value);
}
const Attributes kOnesided = {{"onesided", std::int64_t{1}}};
const Attributes kInverse = {{"inverse", std::int64_t{1}}};
const Attributes kInverseOnesided = {{"inverse", std::int64_t{1}}, {"onesided", std::int64_t{1}}};

TEST(Fourier, DftOfRealSignals) {
  const Tensor x = column({1, 2, 3, 4, 5});
  const Tensor spectrum =
      column({15, 0, -2.5, 3.4409548012, -2.5, 0.8122992406, -2.5, -0.8122992406, -2.5, -3.4409548012}, 2);
  check_cases({
      {"whole", "DFT", {x}, {}, {spectrum}, 1e-9},
      {"half", "DFT", {x}, kOnesided, {column({15, 0, -2.5, 3.4409548012, -2.5, 0.8122992406}, 2)}, 1e-9},
      {"padded",
       "DFT",
       {x, number(8)},
       kOnesided,
       {column({15, 0, -5.4142135624, -7.2426406871, 3, 2, -2.5857864376, -1.2426406871, 3, 0}, 2)},
       1e-9},
      {"cropped",
       "DFT",
       {x, Tensor::scalar(std::int32_t{3})},
       {},
       {column({6, 0, -1.5, 0.8660254038, -1.5, -0.8660254038}, 2)},
       1e-9},
      {"first axis",
       "DFT",
       {Tensor::of<float>({2, 3, 1}, {1, 2, 3, 4, 5, 6}), Datum(), number(0)},
       {},
       {Tensor::of<float>({2, 3, 2}, {5, 0, 7, 0, 9, 0, -3, 0, -3, 0, -3, 0})}},
      {"f16",
       "DFT",
       {from_doubles(DType::F16, {2, 1}, std::vector<double>{1, 3})},
       {},
       {from_doubles(DType::F16, {2, 2}, std::vector<double>{4, 0, -2, 0})}},
      {"inverse", "DFT", {spectrum}, kInverse, {column({1, 0, 2, 0, 3, 0, 4, 0, 5, 0}, 2)}, 1e-9},
  });
}

TEST(Fourier, OnesidedInverseGivesRealSignals) {
  const Tensor x = column({6, 0, -1, 1, 2, 0}, 2);
  const Tensor odd = column({6, 1, -1, 1, 2, 3}, 2);
  check_cases({
      {"even", "DFT", {x}, kInverseOnesided, {column({1.5, 0.5, 2.5, 1.5})}, 1e-9},
      {"odd",
       "DFT",
       {x, number(5)},
       kInverseOnesided,
       {column({1.6, 0.0487570002, 1.5357062923, 2.0059344942, 0.8096022133})},
       1e-9},
      {"cropped",
       "DFT",
       {odd, number(3)},
       kInverseOnesided,
       {column({1.3333333333, 1.7559830641, 2.9106836025})},
       1e-9},
  });
}

TEST(Fourier, StftCutsFrames) {
  const Tensor signal = column({1, 2, 3, 4, 5, 6, 7, 8});
  const Tensor window = Tensor::of<double>({4}, {0, 0.5, 1, 0.5});
  const Tensor halves =
      Tensor::of<double>({1, 3, 3, 2}, {6, 0, -3, 1, 0, 0, 10, 0, -5, 1, 0, 0, 14, 0, -7, 1, 0, 0});
  check_cases({
      {"window", "STFT", {signal, number(2), window}, {}, {halves}, 1e-12},
      {"window and length", "STFT", {signal, number(2), window, number(4)}, {}, {halves}, 1e-12},
      {"signal of rank 2", "STFT", {signal.reshaped({1, 8}), number(2), window}, {}, {halves}, 1e-12},
      {"length alone",
       "STFT",
       {signal, number(3), Datum(), number(2)},
       {{"onesided", std::int64_t{0}}},
       {Tensor::of<double>({1, 3, 2, 2}, {3, 0, -1, 0, 9, 0, -1, 0, 15, 0, -1, 0})},
       1e-12},
      {"complex",
       "STFT",
       {column({0, 1, 0, 3}, 2), number(1), Datum(), number(2)},
       {{"onesided", std::int64_t{0}}},
       {Tensor::of<double>({1, 1, 2, 2}, {0, 4, 0, -2})},
       1e-12},
  });
}

TEST(Fourier, RefusesWhatIsNoSignal) {
  const Tensor x = column({1, 2, 3, 4});
  const Tensor z = column({1, 2, 3, 4}, 2);
  check_error({"last axis", "DFT", {x, Datum(), number(-1)}, {}, {x}}, "parts of complex numbers");
  check_error({"length", "DFT", {x, number(0)}, {}, {x}}, "expected a length of 1 or more, got 0");
  check_error({"huge", "DFT", {x, number(std::int64_t{1} << 40)}, {}, {x}}, "at most 268435456 elements");
  check_error({"onesided complex", "DFT", {z}, kOnesided, {x}}, "expected 1 as the last extent, got 2");
  check_error({"step", "STFT", {x, number(0), Datum(), number(2)}, {}, {x}}, "frame step of 1 or more");
  check_error({"frame", "STFT", {x, number(1), Datum(), number(9)}, {}, {x}},
              "frame length of 1 to 4, got 9");
  check_error({"window", "STFT", {x, number(1), Tensor(DType::F64, {3}), number(2)}, {}, {x}},
              "as long as a frame (2), got 3");
}

}  // namespace
}  // namespace atlas
