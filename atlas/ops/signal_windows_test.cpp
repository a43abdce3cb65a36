// Windows and the mel filter bank.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor number(std::int64_t value) {
  return Tensor::scalar(value);
}
const Attribute kF64 = std::int64_t{11};
const Attribute kNo = std::int64_t{0};

TEST(SignalWindows, GivesKnownWindows) {
  check_cases({
      {"periodic", "HannWindow", {number(4)}, {}, {Tensor::of<float>({4}, {0, 0.5, 1, 0.5})}},
      {"symmetric",
       "HannWindow",
       {Tensor::scalar(std::int32_t{5})},
       {{"periodic", kNo}},
       {Tensor::of<float>({5}, {0, 0.5, 1, 0.5, 0})}},
      {"Hamming",
       "HammingWindow",
       {number(4)},
       {},
       {Tensor::of<float>({4}, {0.08695652f, 0.54347826f, 1, 0.54347826f})}},
      {"Blackman in f64",
       "BlackmanWindow",
       {number(5)},
       {{"periodic", kNo}, {"output_datatype", kF64}},
       {Tensor::of<double>({5}, {0, 0.34, 1, 0.34, 0})}},
      {"empty", "HannWindow", {number(0)}, {}, {Tensor(DType::F32, {0})}},
  });
  check_error({"negative", "HannWindow", {number(-1)}, {}, {number(0)}}, "[-1]");
  check_error({"type", "HannWindow", {number(1)}, {{"output_datatype", std::int64_t{8}}}, {number(0)}},
              "'output_datatype' is 8");
}

// 8 spectrum bins of a DFT of 15 points at 16 kHz.
TEST(SignalWindows, MelTrianglesPeakAtOne) {
  check_cases({{"two triangles",
                "MelWeightMatrix",
                {number(2), number(15), number(16000), Tensor::scalar(0.0f), Tensor::scalar(8000.0f)},
                {},
                {Tensor::of<float>({8, 2}, {1, 0, 0, 1, 0, 0.5f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})}}});
}

TEST(SignalWindows, MelRefusesFrequenciesBeyondTheSpectrum) {
  const Tensor x = number(0);
  check_error({"too high",
               "MelWeightMatrix",
               {number(2), number(8), number(8000), Tensor::scalar(0.0f), Tensor::scalar(80000.0f)},
               {},
               {x}},
              "outside the spectrum of 5 bins");
  check_error({"no rate",
               "MelWeightMatrix",
               {number(2), number(8), number(0), Tensor::scalar(0.0f), Tensor::scalar(1.0f)},
               {},
               {x}},
              "sample rate above 0");
}

}  // namespace
}  // namespace atlas
