// Windows of signal processing, and the mel filter bank.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/result_limit.h"

namespace atlas::ops {
namespace {

template <typename Context>
DType output_dtype(const Context& context) {
  const std::int64_t number = context.integer("output_datatype");
  context.check(is_dtype(number) && (types::kNumbers.tensor >> number & 1) != 0,
                "attribute 'output_datatype' is {}, which is no type of numbers", number);
  return static_cast<DType>(number);
}

Dim first_number(const InferContext& context, std::size_t i) {
  const std::optional<Dims> content = context.content(i);
  return content && content->size() == 1 ? content->front() : Dim();
}

/// Coefficients of a0 - a1 cos(t) + a2 cos(2t), t from 0 to a full turn.
struct CosineSum {
  double a0, a1, a2;
};
constexpr CosineSum kHann = {0.5, 0.5, 0};
constexpr CosineSum kHamming = {25.0 / 46, 21.0 / 46, 0};
constexpr CosineSum kBlackman = {0.42, 0.5, 0.08};

void infer_window(InferContext& context) {
  context.set_output(0, output_dtype(context), Dims{first_number(context, 0)});
}

template <const CosineSum& sum>
void window(ReferenceContext& context) {
  const std::int64_t size = context.integer_input(0, 0);
  check_result_size(context, {size});
  const auto turn = static_cast<double>(context.integer("periodic") != 0 ? size : size - 1);
  std::vector<double> values(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double t = 2 * std::numbers::pi * static_cast<double>(i) / turn;
    values[i] = sum.a0 - sum.a1 * std::cos(t) + sum.a2 * std::cos(2 * t);
  }
  context.set_doubles(0, output_dtype(context), {size}, values);
}

template <const CosineSum& sum>
std::vector<ValueId> decompose_window(DecomposeContext& context) {
  GraphBuilder& b = context.builder();
  const auto f32 = static_cast<std::int64_t>(DType::F32);
  const ValueId size = b.op("Cast", {context.input(0)}, {{"to", f32}});
  const ValueId turn = context.integer("periodic") != 0 ? size : b.op("Sub", {size, b.scalar(1)});
  const ValueId step = b.op("Div", {b.scalar(2 * std::numbers::pi_v<float>), turn});
  const ValueId t = b.op("Mul", {b.op("Range", {b.scalar(0), size, b.scalar(1)}), step});
  const auto scaled_cos = [&](double scale, ValueId angle) {
    return b.op("Mul", {b.scalar(static_cast<float>(scale)), b.op("Cos", {angle})});
  };
  ValueId y = b.op("Sub", {b.scalar(static_cast<float>(sum.a0)), scaled_cos(sum.a1, t)});
  if (sum.a2 != 0) y = b.op("Add", {y, scaled_cos(sum.a2, b.op("Mul", {t, b.scalar(2)}))});
  return {b.op("Cast", {y}, {{"to", context.integer("output_datatype")}})};
}

template <const CosineSum& sum>
OpDef window_op(std::string_view name) {
  return {.name = name,
          .schema = {"size:T1 -> output:T2",
                     {{"T1", types::kIndices}, {"T2", types::kNumbers}},
                     {{"periodic", 1}, {"output_datatype", 1}}},
          .infer = infer_window,
          .reference = window<sum>,
          .decompose = decompose_window<sum>};
}

void infer_mel(InferContext& context) {
  const Dim bins = floor_div(first_number(context, 1), Dim(2)) + Dim(1);
  context.set_output(0, output_dtype(context), Dims{bins, first_number(context, 0)});
}

double to_mel(double hertz) {
  return 2595 * std::log10(1 + hertz / 700);
}
double from_mel(double mel) {
  return 700 * (std::pow(10, mel / 2595) - 1);
}

// Triangles over the bins of a spectrum, their corners evenly spaced in mel and rounded down to a bin. The
// step divides by the count of corners, as the standard's own implementation does.
void mel_weight_matrix(ReferenceContext& context) {
  const std::int64_t filters = context.integer_input(0, 0);
  const std::int64_t dft_length = context.integer_input(1, 0);
  const std::int64_t sample_rate = context.integer_input(2, 0);
  const double low = to_mel(context.real_input(3, 0));
  const double high = to_mel(context.real_input(4, 0));
  context.check(dft_length >= 0, "expected a length of 0 or more, got {}", dft_length);
  context.check(sample_rate > 0, "expected a sample rate above 0, got {}", sample_rate);
  const std::int64_t bins = dft_length / 2 + 1;
  check_result_size(context, {bins, filters});

  std::vector<std::int64_t> corners;
  const double step = (high - low) / static_cast<double>(filters + 2);
  for (std::int64_t i = 0; i < filters + 2; ++i) {
    const double hertz = from_mel(low + static_cast<double>(i) * step);
    const double bin =
        std::floor(static_cast<double>(dft_length + 1) * hertz / static_cast<double>(sample_rate));
    context.check(bin >= 0 && bin < static_cast<double>(bins),
                  "a frequency of {} Hz lies outside the spectrum of {} bins", hertz, bins);
    corners.push_back(static_cast<std::int64_t>(bin));
  }

  std::vector<double> weights(static_cast<std::size_t>(bins * filters));
  for (std::int64_t i = 0; i < filters; ++i) {
    const std::int64_t left = corners[i], centre = corners[i + 1], right = corners[i + 2];
    const auto set = [&](std::int64_t bin, std::int64_t part, std::int64_t whole) {
      weights[static_cast<std::size_t>(bin * filters + i)] =
          static_cast<double>(part) / static_cast<double>(whole);
    };
    set(centre, 1, 1);
    for (std::int64_t bin = left; bin < centre; ++bin) set(bin, bin - left, centre - left);
    for (std::int64_t bin = centre; bin < right; ++bin) set(bin, right - bin, right - centre);
  }
  context.set_doubles(0, output_dtype(context), {bins, filters}, weights);
}

}  // namespace

std::vector<OpDef> signal_windows() {
  using namespace types;
  return {
      window_op<kBlackman>("BlackmanWindow"),
      window_op<kHamming>("HammingWindow"),
      window_op<kHann>("HannWindow"),
      {.name = "MelWeightMatrix",
       .schema =
           {"num_mel_bins:T1, dft_length:T1, sample_rate:T1, lower_edge_hertz:T2, upper_edge_hertz:T2 -> "
            "output:T3",
            {{"T1", kIndices}, {"T2", kFloats}, {"T3", kNumbers}},
            {{"output_datatype", 1}}},
       .infer = infer_mel,
       .reference = mel_weight_matrix},
  };
}

}  // namespace atlas::ops
