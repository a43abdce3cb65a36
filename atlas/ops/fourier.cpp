// Fourier transforms of whole signals and of windowed frames.
#include <algorithm>
#include <cmath>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/fft.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/result_limit.h"

namespace atlas::ops {
namespace {

// The last axis holds a real number, or real and imaginary part; one number where it is left out.
template <typename Real>
std::vector<std::complex<Real>> complex_elements(const ReferenceContext& context, std::size_t parts) {
  const std::vector<double> values = context.doubles(0);
  std::vector<std::complex<Real>> out(values.size() / parts);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = {static_cast<Real>(values[i * parts]),
              static_cast<Real>(parts == 2 ? values[i * parts + 1] : 0)};
  return out;
}

template <typename Context>
void check_dft_axis(const Context& context, std::size_t axis, std::size_t rank) {
  context.check(axis + 1 < rank, "axis {} of rank {} holds the parts of complex numbers", axis, rank);
}

void infer_dft(InferContext& context) {
  if (!context.dims(0)) return context.set_output(0, context.dtype(0), std::nullopt);
  Dims dims = *context.dims(0);
  context.check(dims.size() >= 2, "expected an input of rank 2 or more, got {}", dims.size());
  const bool inverse = context.integer("inverse") != 0;
  const bool onesided = context.integer("onesided") != 0;
  dims.back() = Dim(inverse && onesided ? 1 : 2);

  std::int64_t axis = -2;
  if (context.has_input(2)) {
    const auto known = context.integers(2);
    if (!known || known->size() != 1) {
      std::fill(dims.begin(), dims.end() - 1, Dim());
      return context.set_output(0, context.dtype(0), dims);
    }
    axis = known->front();
  }
  const std::size_t at = context.axis(axis, dims.size());
  check_dft_axis(context, at, dims.size());

  Dim length = inverse && onesided ? Dim(2) * (dims[at] - Dim(1)) : dims[at];
  if (context.has_input(1)) {
    const std::optional<Dims> given = context.content(1);
    length = given && given->size() == 1 ? given->front() : Dim();
  }
  dims[at] = onesided && !inverse ? floor_div(length, Dim(2)) + Dim(1) : length;
  context.set_output(0, context.dtype(0), dims);
}

/// The spectrum of a real signal is real at 0 and n/2, which rounding would blur.
template <typename Real>
void make_ends_real(std::vector<std::complex<Real>>& spectrum) {
  const std::size_t n = spectrum.size();
  spectrum[0] = spectrum[0].real();
  if (n % 2 == 0) spectrum[n / 2] = spectrum[n / 2].real();
}

/// What numpy calls irfft: the upper half of the spectrum is the mirrored conjugate of the lower.
template <typename Real>
void mirror_spectrum(std::vector<std::complex<Real>>& spectrum) {
  const std::size_t n = spectrum.size();
  make_ends_real(spectrum);
  for (std::size_t k = n / 2 + 1; k < n; ++k) spectrum[k] = std::conj(spectrum[n - k]);
}

template <typename Real>
void dft_in(ReferenceContext& context) {
  using Complex = std::complex<Real>;
  const Shape shape = context.shape(0);
  context.check(shape.size() >= 2, "expected an input of rank 2 or more, got {}", shape.size());
  const std::size_t axis = context.axis(context.integer_input(2, -2), shape.size());
  check_dft_axis(context, axis, shape.size());
  const bool inverse = context.integer("inverse") != 0;
  const bool onesided = context.integer("onesided") != 0;
  const std::int64_t parts = shape.back();
  context.check(parts == 1 || (parts == 2 && (inverse || !onesided)),
                "expected {} as the last extent, got {}", onesided && !inverse ? "1" : "1 or 2", parts);
  const bool to_real = inverse && onesided;
  const std::int64_t length = context.integer_input(1, to_real ? 2 * (shape[axis] - 1) : shape[axis]);
  context.check(length >= 1, "expected a length of 1 or more, got {}", length);

  Shape out_shape = shape;
  out_shape[axis] = onesided && !inverse ? length / 2 + 1 : length;
  out_shape.back() = to_real ? 1 : 2;
  check_result_size(context, out_shape);

  const std::vector<Complex> in = complex_elements<Real>(context, static_cast<std::size_t>(parts));
  std::size_t outer = 1, inner = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= static_cast<std::size_t>(shape[i]);
  for (std::size_t i = axis + 1; i + 1 < shape.size(); ++i) inner *= static_cast<std::size_t>(shape[i]);
  const auto in_extent = static_cast<std::size_t>(shape[axis]);
  const auto out_extent = static_cast<std::size_t>(out_shape[axis]);
  const std::size_t taken = std::min<std::size_t>(in_extent, to_real ? length / 2 + 1 : length);

  std::vector<double> out(element_count(out_shape));
  if (out.empty()) return context.set_doubles(0, context.dtype(0), out_shape, out);
  const Fft<Real> plan(static_cast<std::size_t>(length), inverse);
  const double scale = inverse ? 1.0 / static_cast<double>(length) : 1.0;
  std::vector<Complex> line(plan.length());
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::size_t i = 0; i < inner; ++i) {
      std::fill(line.begin(), line.end(), Complex());
      for (std::size_t k = 0; k < taken; ++k) line[k] = in[(o * in_extent + k) * inner + i];
      if (to_real) mirror_spectrum(line);
      plan.transform(line);
      if (parts == 1) make_ends_real(line);
      for (std::size_t k = 0; k < out_extent; ++k) {
        const std::size_t at = (o * out_extent + k) * inner + i;
        if (to_real) {
          out[at] = line[k].real() * scale;
        } else {
          out[2 * at] = line[k].real() * scale;
          out[2 * at + 1] = line[k].imag() * scale;
        }
      }
    }
  }
  context.set_doubles(0, context.dtype(0), out_shape, out);
}

// In single precision unless the signal is f64: the standard's own expectations hold the rounding of such a
// transform where zeros are due.
void dft(ReferenceContext& context) {
  context.dtype(0) == DType::F64 ? dft_in<double>(context) : dft_in<float>(context);
}

// Exporters also write a real signal as [batch, length].
template <typename Context>
void check_stft_rank(const Context& context, std::size_t rank) {
  context.check(rank == 2 || rank == 3, "expected a signal of rank 2 or 3, got {}", rank);
}

void infer_stft(InferContext& context) {
  if (!context.dims(0)) return context.set_output(0, context.dtype(0), Dims{Dim(), Dim(), Dim(), Dim(2)});
  const Dims& signal = *context.dims(0);
  check_stft_rank(context, signal.size());
  const auto one_number = [&](std::size_t i) {
    const std::optional<Dims> content = context.content(i);
    return content && content->size() == 1 ? content->front() : Dim();
  };
  Dim length = signal[1];
  if (context.has_input(3)) {
    length = one_number(3);
  } else if (context.has_input(2)) {
    length = context.dims(2) && context.dims(2)->size() == 1 ? context.dims(2)->front() : Dim();
  }
  const Dim frames = floor_div(signal[1] - length, one_number(1)) + Dim(1);
  const Dim bins = context.integer("onesided") != 0 ? floor_div(length, Dim(2)) + Dim(1) : length;
  context.set_output(0, context.dtype(0), Dims{signal[0], frames, bins, Dim(2)});
}

void stft(ReferenceContext& context) {
  using Complex = std::complex<double>;
  const Shape& shape = context.shape(0);
  check_stft_rank(context, shape.size());
  const std::int64_t parts = shape.size() == 3 ? shape[2] : 1;
  const bool onesided = context.integer("onesided") != 0;
  context.check(parts == 1 || (parts == 2 && !onesided), "expected {} as the last extent, got {}",
                onesided ? "1" : "1 or 2", parts);
  const std::int64_t step = context.integer_input(1, 0);
  context.check(step >= 1, "expected a frame step of 1 or more, got {}", step);

  std::int64_t length = shape[1];
  std::vector<double> window;
  if (context.has_input(2)) {
    context.check(context.input(2).rank() == 1, "expected a window of rank 1, got {}",
                  text(context.input(2)));
    window = context.doubles(2);
    length = context.shape(2)[0];
  }
  length = context.integer_input(3, length);
  context.check(length >= 1 && length <= shape[1], "expected a frame length of 1 to {}, got {}", shape[1],
                length);
  if (!context.has_input(2)) window.assign(static_cast<std::size_t>(length), 1.0);
  context.check(static_cast<std::int64_t>(window.size()) == length,
                "expected a window as long as a frame ({}), got {}", length, window.size());

  const Shape out_shape = {shape[0], (shape[1] - length) / step + 1, onesided ? length / 2 + 1 : length, 2};
  check_result_size(context, out_shape);
  const std::vector<Complex> signal = complex_elements<double>(context, static_cast<std::size_t>(parts));
  const Fft<double> plan(static_cast<std::size_t>(length));
  std::vector<Complex> frame(plan.length());
  std::vector<double> out;
  out.reserve(element_count(out_shape));
  for (std::int64_t batch = 0; batch < out_shape[0]; ++batch) {
    for (std::int64_t f = 0; f < out_shape[1]; ++f) {
      const Complex* begin = signal.data() + batch * shape[1] + f * step;
      for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = begin[i] * window[i];
      plan.transform(frame);
      for (std::int64_t k = 0; k < out_shape[2]; ++k) {
        out.push_back(frame[static_cast<std::size_t>(k)].real());
        out.push_back(frame[static_cast<std::size_t>(k)].imag());
      }
    }
  }
  context.set_doubles(0, context.dtype(0), out_shape, out);
}

// 5 n log2 n operations per transform of n points, the usual count of an FFT.
Cost cost_of_lines(const CostContext& context, double lines, double length) {
  Cost cost = context.traffic();
  cost.operations[static_cast<std::size_t>(context.input_dtype(0))] =
      lines * 5 * length * std::log2(std::max(2.0, length));
  return cost;
}

Cost cost_dft(const CostContext& context) {
  const auto shape = context.output_shape(0);
  const double elements =
      context.output_elements(0) / static_cast<double>(std::max<std::int64_t>(1, shape.back()));
  const double length = static_cast<double>(shape[shape.size() - 2]);
  return cost_of_lines(context, length > 0 ? elements / length : 0, length);
}

Cost cost_stft(const CostContext& context) {
  const auto shape = context.output_shape(0);
  const double bins = static_cast<double>(shape[2]);
  const double length = context.integer("onesided") != 0 ? 2 * (bins - 1) : bins;
  return cost_of_lines(context, static_cast<double>(shape[0]) * static_cast<double>(shape[1]), length);
}

}  // namespace

std::vector<OpDef> fourier() {
  using namespace types;
  return {
      {.name = "DFT",
       .schema = {"input:T1, dft_length?:T2, axis?:i64 -> output:T1",
                  {{"T1", kFloats}, {"T2", kIndices}},
                  {{"inverse", 0}, {"onesided", 0}}},
       .infer = infer_dft,
       .reference = dft,
       .cost = cost_dft},
      {.name = "STFT",
       .schema = {"signal:T1, frame_step:T2, window?:T1, frame_length?:T2 -> output:T1",
                  {{"T1", kFloats}, {"T2", kIndices}},
                  {{"onesided", 1}}},
       .infer = infer_stft,
       .reference = stft,
       .cost = cost_stft},
  };
}

}  // namespace atlas::ops
