// Convolution over any number of spatial axes: real, integer, quantised, and causal with carried state.
#include <cmath>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/requantize.h"
#include "atlas/ops/window_geometry.h"

namespace atlas::ops {
namespace {

constexpr TypeSet kQuantised = {DType::I8, DType::U8};

// Image [N,C,...] and weights [M,C/group,...], checked against each other.
struct Convolution {
  WindowGeometry geometry;  // with explicit pads
  std::int64_t groups;
  Shape image;
  Shape weights;
  Shape output;
};

Convolution read_convolution(const ReferenceContext& context, std::size_t weight_input) {
  Convolution out;
  out.image = context.shape(0);
  out.weights = context.shape(weight_input);
  context.check(out.image.size() >= 3 && out.weights.size() == out.image.size(),
                "expected an image and weights of one rank, 3 or more, got {} and {}", text(out.image),
                text(out.weights));
  out.groups = context.integer("group", 1);
  context.check(out.groups >= 1 && out.weights[0] % out.groups == 0 && out.weights[1] <= out.image[1] &&
                    out.weights[1] * out.groups == out.image[1],
                "expected weights for {} channels in {} groups, got {}", out.image[1], out.groups,
                text(out.weights));
  const auto kernel = spatial(out.weights);
  const WindowGeometry stated = read_window(context.node(), kernel.size(), {kernel.begin(), kernel.end()});
  const Shape counts = window_counts(stated, spatial(out.image), context.node());
  out.geometry = stated.with_explicit_pads(spatial(out.image));
  out.output = {out.image[0], out.weights[0]};
  out.output.insert(out.output.end(), counts.begin(), counts.end());
  return out;
}

// Sums of products, [N,M,...].
std::vector<double> convolve(const Convolution& c, const std::vector<double>& x,
                             const std::vector<double>& w) {
  const std::size_t batch = static_cast<std::size_t>(c.image[0]);
  const std::size_t channels = static_cast<std::size_t>(c.image[1]);
  const std::size_t outputs = static_cast<std::size_t>(c.weights[0]);
  const std::size_t group_inputs = static_cast<std::size_t>(c.weights[1]);
  const std::size_t group_outputs = outputs / static_cast<std::size_t>(c.groups);
  const std::size_t plane = element_count(spatial(c.image));
  const std::size_t points = static_cast<std::size_t>(c.geometry.points());
  const std::size_t windows = element_count(spatial(c.output));
  std::vector<double> y(element_count(c.output));
  for_each_window(c.geometry, spatial(c.image), spatial(c.output), [&](const Window& window) {
    for (std::size_t n = 0; n < batch; ++n) {
      for (std::size_t m = 0; m < outputs; ++m) {
        const std::size_t first = m / group_outputs * group_inputs;
        double sum = 0;
        for (std::size_t i = 0; i < group_inputs; ++i) {
          const double* image = x.data() + (n * channels + first + i) * plane;
          const double* kernel = w.data() + (m * group_inputs + i) * points;
          for (const Tap& tap : window.taps) sum += image[tap.image] * kernel[tap.kernel];
        }
        y[(n * outputs + m) * windows + window.index] = sum;
      }
    }
  });
  return y;
}

// The value that belongs to output channel m: one for all, or one each.
template <typename T>
T of_channel(const std::vector<T>& values, std::size_t m) {
  return values.size() == 1 ? values[0] : values[m];
}

void check_per_channel(const ReferenceContext& context, std::size_t input, std::int64_t channels,
                       std::string_view what) {
  const std::size_t count = context.input(input).element_count();
  context.check(count == 1 || count == static_cast<std::size_t>(channels),
                "expected one {} or one for each of {} channels, got {}", what, channels, count);
}

void reference_conv(ReferenceContext& context) {
  const Convolution c = read_convolution(context, 1);
  std::vector<double> y = convolve(c, context.doubles(0), context.doubles(1));
  if (context.has_input(2)) {
    context.check(context.shape(2) == Shape{c.output[1]}, "expected a bias of shape [{}], got {}",
                  c.output[1], text(context.shape(2)));
    const std::vector<double> bias = context.doubles(2);
    const std::size_t plane = element_count(spatial(c.output));
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += bias[i / plane % bias.size()];
  }
  context.set_doubles(0, context.dtype(0), c.output, y);
}

// Elements less their zero point; `stride` elements in a row share one where there are several.
std::vector<double> centred(const ReferenceContext& context, std::size_t input, std::size_t zero_input,
                            std::size_t stride) {
  std::vector<double> values = context.doubles(input);
  if (!context.has_input(zero_input)) return values;
  const std::vector<double> zeros = context.doubles(zero_input);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= of_channel(zeros, i / stride);
  return values;
}

// Integer products of 8-bit numbers; their sums are exact in double.
std::vector<double> convolve_integers(const ReferenceContext& context, const Convolution& c,
                                      std::size_t weight_input, std::size_t x_zero, std::size_t w_zero) {
  if (context.has_input(x_zero))
    context.check(context.input(x_zero).element_count() == 1, "expected one zero point of the image, got {}",
                  context.input(x_zero).element_count());
  if (context.has_input(w_zero)) check_per_channel(context, w_zero, c.weights[0], "zero point");
  const std::size_t filter = element_count(c.weights) / std::max<std::size_t>(1, c.weights[0]);
  return convolve(c, centred(context, 0, x_zero, 1),
                  centred(context, weight_input, w_zero, std::max<std::size_t>(1, filter)));
}

void reference_conv_integer(ReferenceContext& context) {
  const Convolution c = read_convolution(context, 1);
  context.set_doubles(0, DType::I32, c.output, convolve_integers(context, c, 1, 2, 3));
}

void reference_qlinear_conv(ReferenceContext& context) {
  const Convolution c = read_convolution(context, 3);
  const std::vector<double> sums = convolve_integers(context, c, 3, 2, 5);
  check_per_channel(context, 4, c.weights[0], "scale");
  const float x_scale = static_cast<float>(context.real_input(1, 1));
  const float y_scale = static_cast<float>(context.real_input(6, 1));
  const std::vector<double> w_scales = context.doubles(4);
  const std::int64_t y_zero = context.integer_input(7, 0);
  std::vector<std::int64_t> bias;
  if (context.has_input(8)) {
    bias = context.integers(8);
    context.check(bias.size() == static_cast<std::size_t>(c.weights[0]), "expected {} biases, got {}",
                  c.weights[0], bias.size());
  }
  const std::size_t plane = element_count(spatial(c.output));
  std::vector<std::int64_t> y(sums.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t m = i / plane % static_cast<std::size_t>(c.weights[0]);
    const double sum = sums[i] + (bias.empty() ? 0 : static_cast<double>(bias[m]));
    const float scale = x_scale * static_cast<float>(of_channel(w_scales, m)) / y_scale;
    y[i] = requantize(sum, scale, y_zero, context.dtype(7));
  }
  context.set_integers(0, context.dtype(7), c.output, y);
}

void infer_convolution(InferContext& context, std::size_t weight_input, DType dtype) {
  const auto& image = context.dims(0);
  const auto& weights = context.dims(weight_input);
  const std::optional<Dims>& ranked = image ? image : weights;
  if (!ranked) return context.set_output(0, dtype, std::nullopt);
  const std::size_t rank = ranked->size();
  context.check(rank >= 3 && (!image || !weights || weights->size() == rank),
                "expected an image and weights of one rank, 3 or more, got {} and {}", text(context.input(0)),
                text(context.input(weight_input)));
  Dims out(rank);
  if (image) out[0] = (*image)[0];
  std::optional<Shape> kernel;
  if (weights) {
    out[1] = (*weights)[0];
    kernel = constant_shape(Dims(weights->begin() + 2, weights->end()));
    const std::int64_t groups = context.integer("group", 1);
    if (image && (*image)[1].is_constant() && (*weights)[1].is_constant()) {
      const std::int64_t channels = (*image)[1].value();
      context.check(groups >= 1 && channels % groups == 0 && channels / groups == (*weights)[1].value(),
                    "expected weights for {} channels in {} groups, got {}", channels, groups,
                    text(*weights));
    }
  }
  if (image && (kernel || context.has_attribute("kernel_shape"))) {
    const WindowGeometry geometry = read_window(context.node(), rank - 2, kernel.value_or(Shape()));
    const Dims counts = window_counts(geometry, Dims(image->begin() + 2, image->end()), context.node());
    std::copy(counts.begin(), counts.end(), out.begin() + 2);
  }
  context.set_output(0, dtype, std::move(out));
}

template <std::size_t weight_input>
Cost cost_convolution(const CostContext& context) {
  Cost cost = context.traffic();
  const std::vector<std::int64_t> weights = context.input_shape(weight_input);
  double per_output = 1;
  for (std::size_t i = 1; i < weights.size(); ++i) per_output *= static_cast<double>(weights[i]);
  cost.add_operations(context.input_dtype(0), 2 * per_output * context.output_elements(0));
  return cost;
}

void reference_causal_conv(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const Shape& weights = context.shape(1);
  context.check(shape.size() == 3 && weights.size() == 3 && weights[0] == shape[1] && weights[1] == 1 &&
                    weights[2] >= 1,
                "expected [batch,channels,length] and [channels,1,k], got {} and {}", text(shape),
                text(weights));
  const std::string activation = context.string("activation");
  const bool silu = activation == "silu" || activation == "swish";
  context.check(silu || activation == "none", "expected none, silu or swish as activation, got '{}'",
                activation);
  const std::int64_t carried = weights[2] - 1;
  const Shape state_shape = {shape[0], shape[1], carried};
  const std::size_t channels = static_cast<std::size_t>(shape[1]);
  const std::size_t length = static_cast<std::size_t>(shape[2]);
  const std::size_t k = static_cast<std::size_t>(weights[2]);
  std::vector<double> bias(channels, 0);
  if (context.has_input(2)) bias = context.doubles(2);
  context.check(bias.size() == channels, "expected {} biases, got {}", channels, bias.size());
  std::vector<double> past(element_count(state_shape), 0);
  if (context.has_input(3)) {
    context.check(context.shape(3) == state_shape, "expected a past_state of {}, got {}", text(state_shape),
                  text(context.shape(3)));
    past = context.doubles(3);
  }
  const std::vector<double> x = context.doubles(0);
  const std::vector<double> w = context.doubles(1);
  std::vector<double> y(x.size());
  std::vector<double> present(past.size());
  std::vector<double> line(k - 1 + length);
  const std::size_t rows = static_cast<std::size_t>(shape[0]) * channels;
  for (std::size_t row = 0; row < rows; ++row) {
    std::copy_n(past.begin() + static_cast<std::ptrdiff_t>(row * (k - 1)), k - 1, line.begin());
    std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(row * length), length,
                line.begin() + static_cast<std::ptrdiff_t>(k - 1));
    const std::size_t channel = row % channels;
    for (std::size_t t = 0; t < length; ++t) {
      double sum = bias[channel];
      for (std::size_t i = 0; i < k; ++i) sum += line[t + i] * w[channel * k + i];
      y[row * length + t] = silu ? sum / (1 + std::exp(-sum)) : sum;
    }
    std::copy_n(line.end() - static_cast<std::ptrdiff_t>(k - 1), k - 1,
                present.begin() + static_cast<std::ptrdiff_t>(row * (k - 1)));
  }
  context.set_doubles(0, context.dtype(0), shape, y);
  context.set_doubles(1, context.dtype(0), state_shape, present);
}

void infer_causal_conv(InferContext& context) {
  infer_same_as_first(context);
  const auto& shape = context.dims(0);
  const auto& weights = context.dims(1);
  context.check((!shape || shape->size() == 3) && (!weights || weights->size() == 3),
                "expected input and weight of rank 3, got {} and {}", text(context.input(0)),
                text(context.input(1)));
  Dims state(3);
  if (shape) {
    state[0] = (*shape)[0];
    state[1] = (*shape)[1];
  }
  if (weights) state[2] = (*weights)[2] - 1;
  context.set_output(1, context.dtype(0), state);
}

// Past and input in a row go through a plain depthwise convolution.
std::vector<ValueId> decompose_causal_conv(DecomposeContext& context) {
  const std::optional<Dims> shape = context.type(0).dims;
  const std::optional<Dims> weights = context.type(1).dims;
  if (!shape || !weights || !(*shape)[1].is_constant() || !(*weights)[2].is_constant()) return {};
  const std::int64_t carried = (*weights)[2].value() - 1;
  GraphBuilder& builder = context.builder();
  ValueId line = context.input(0);
  if (context.has_input(3)) {
    line = builder.op("Concat", {context.input(3), line}, {{"axis", std::int64_t{2}}});
  } else {
    line = builder.op("Pad", {line, builder.ints({0, 0, carried, 0, 0, 0})});
  }
  const ValueId y =
      builder.op("Conv", {line, context.input(1), context.input(2)}, {{"group", (*shape)[1].value()}});
  const Attribute* activation = context.attribute("activation");
  const bool plain = activation == nullptr || std::get<std::string>(*activation) == "none";
  const ValueId out = plain ? y : builder.op("Mul", {y, builder.op("Sigmoid", {y})});
  if (!context.has_output(1)) return {out, ValueId::None};
  const ValueId start =
      builder.op("Sub", {builder.op("Shape", {line}, {{"start", std::int64_t{2}}}), builder.ints({carried})});
  const ValueId state =
      builder.op("Slice", {line, start, builder.ints({std::int64_t{1} << 62}), builder.ints({2})});
  return {out, state};
}

Cost cost_causal_conv(const CostContext& context) {
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0),
                      2.0 * static_cast<double>(context.input_shape(1)[2]) * context.output_elements(0));
  return cost;
}

}  // namespace

std::vector<OpDef> convolution() {
  const std::initializer_list<AttributeSpec> window = {{"auto_pad", "NOTSET"},
                                                       {"dilations", AttributeKind::Integers},
                                                       {"group", 1},
                                                       {"kernel_shape", AttributeKind::Integers},
                                                       {"pads", AttributeKind::Integers},
                                                       {"strides", AttributeKind::Integers}};
  return {
      {.name = "CausalConvWithState",
       .schema = {"input:T, weight:T, bias?:T, past_state?:T -> output:T, present_state:T",
                  {{"T", {DType::F32, DType::F16, DType::BF16}}},
                  {{"activation", "none"}}},
       .infer = infer_causal_conv,
       .reference = reference_causal_conv,
       .decompose = decompose_causal_conv,
       .cost = cost_causal_conv},
      {.name = "Conv",
       .schema = {"X:T, W:T, B?:T -> Y:T", {{"T", types::kFloats}}, window},
       .infer = [](InferContext& context) { infer_convolution(context, 1, context.dtype(0)); },
       .reference = reference_conv,
       .cost = cost_convolution<1>},
      {.name = "ConvInteger",
       .schema = {"x:T1, w:T2, x_zero_point?:T1, w_zero_point?:T2 -> y:i32",
                  {{"T1", kQuantised}, {"T2", kQuantised}},
                  window},
       .infer = [](InferContext& context) { infer_convolution(context, 1, DType::I32); },
       .reference = reference_conv_integer,
       .cost = cost_convolution<1>},
      {.name = "QLinearConv",
       .schema = {"x:T1, x_scale:f32, x_zero_point:T1, w:T2, w_scale:f32, w_zero_point:T2, y_scale:f32, "
                  "y_zero_point:T3, B?:i32 -> y:T3",
                  {{"T1", kQuantised}, {"T2", kQuantised}, {"T3", kQuantised}},
                  window},
       .infer = [](InferContext& context) { infer_convolution(context, 3, context.dtype(7)); },
       .reference = reference_qlinear_conv,
       .cost = cost_convolution<3>},
  };
}

}  // namespace atlas::ops
