// Recurrent layers: RNN, GRU and LSTM, forward, backward or both.
#include <algorithm>
#include <array>
#include <cmath>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// An activation with its parameters.
struct Activation {
  std::string name;
  double alpha = 0;
  double beta = 0;

  double operator()(double x) const {
    if (name == "Sigmoid") return 1 / (1 + std::exp(-x));
    if (name == "Tanh") return std::tanh(x);
    if (name == "Relu") return std::max(0.0, x);
    if (name == "Affine") return alpha * x + beta;
    if (name == "LeakyRelu") return x >= 0 ? x : alpha * x;
    if (name == "ThresholdedRelu") return x >= alpha ? x : 0;
    if (name == "ScaledTanh") return alpha * std::tanh(beta * x);
    if (name == "HardSigmoid") return std::clamp(alpha * x + beta, 0.0, 1.0);
    if (name == "Elu") return x >= 0 ? x : alpha * std::expm1(x);
    if (name == "Softsign") return x / (1 + std::abs(x));
    return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));  // Softplus
  }
};

// Activations with their default parameters, and how many of those they have.
struct KnownActivation {
  Activation activation;
  int parameters;
};
const std::array<KnownActivation, 11>& known_activations() {
  static const std::array<KnownActivation, 11> known = {{{{"Affine", 1, 0}, 2},
                                                         {{"Elu", 1, 0}, 1},
                                                         {{"HardSigmoid", 0.2, 0.5}, 2},
                                                         {{"LeakyRelu", 0.01, 0}, 1},
                                                         {{"Relu"}, 0},
                                                         {{"ScaledTanh", 1, 1}, 2},
                                                         {{"Sigmoid"}, 0},
                                                         {{"Softplus"}, 0},
                                                         {{"Softsign"}, 0},
                                                         {{"Tanh"}, 0},
                                                         {{"ThresholdedRelu", 1, 0}, 1}}};
  return known;
}

// What distinguishes the three: gates stacked in the weights, activations of a direction.
struct Kind {
  std::int64_t gates;
  std::vector<std::string> activations;
};
const Kind kRnn = {1, {"Tanh"}};
const Kind kGru = {3, {"Sigmoid", "Tanh"}};
const Kind kLstm = {4, {"Sigmoid", "Tanh", "Tanh"}};

// Parameters are taken from the lists in order, by the activations that have any.
std::vector<Activation> read_activations(const ReferenceContext& context, const Kind& kind,
                                         std::size_t directions) {
  std::vector<std::string> names = context.strings("activations");
  const std::size_t count = kind.activations.size() * directions;
  if (names.empty())
    for (std::size_t i = 0; i < count; ++i) names.push_back(kind.activations[i % kind.activations.size()]);
  context.check(names.size() >= count, "expected {} activations, got {}", count, names.size());
  const std::vector<float> alphas = context.reals("activation_alpha");
  const std::vector<float> betas = context.reals("activation_beta");
  std::size_t alpha = 0;
  std::size_t beta = 0;
  std::vector<Activation> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto known = std::ranges::find(known_activations(), names[i],
                                         [](const KnownActivation& k) { return k.activation.name; });
    context.check(known != known_activations().end(), "unknown activation '{}'", names[i]);
    out.push_back(known->activation);
    if (known->parameters > 0 && alpha < alphas.size()) out.back().alpha = alphas[alpha++];
    if (known->parameters > 1 && beta < betas.size()) out.back().beta = betas[beta++];
  }
  return out;
}

std::size_t direction_count(std::string_view direction) {
  return direction == "bidirectional" ? 2 : 1;
}

// Sizes and inputs of a layer, checked.
struct Layer {
  std::size_t steps, batch, inputs, hidden, directions;
  bool batch_first, reverse;
  double clip;
  std::vector<Activation> activations;
  std::vector<double> x, w, r, b, h, c, p;  // b, p: zeros where left out
  std::vector<std::int64_t> lengths;

  // Index of a vector in X, in Y (where `outer` is the direction too) and in a state.
  std::size_t x_at(std::size_t t, std::size_t n) const {
    return (batch_first ? n * steps + t : t * batch + n) * inputs;
  }
  std::size_t y_at(std::size_t t, std::size_t d, std::size_t n) const {
    return (batch_first ? (n * steps + t) * directions + d : (t * directions + d) * batch + n) * hidden;
  }
  std::size_t state_at(std::size_t d, std::size_t n) const {
    return (batch_first ? n * directions + d : d * batch + n) * hidden;
  }
  double clipped(double value) const { return clip > 0 ? std::clamp(value, -clip, clip) : value; }
};

std::vector<double> optional_input(const ReferenceContext& context, std::size_t i, const Shape& shape) {
  if (!context.has_input(i)) return std::vector<double>(element_count(shape), 0);
  context.check(context.shape(i) == shape, "expected shape {} of input {}, got {}", text(shape), i,
                text(context.shape(i)));
  return context.doubles(i);
}

Layer read_layer(const ReferenceContext& context, const Kind& kind) {
  const std::string direction = context.string("direction");
  context.check(direction == "forward" || direction == "reverse" || direction == "bidirectional",
                "expected direction forward, reverse or bidirectional, got '{}'", direction);
  const Shape& x = context.shape(0);
  const Shape& r = context.shape(2);
  context.check(x.size() == 3 && r.size() == 3, "expected X and R of rank 3, got {} and {}", text(x),
                text(r));
  const std::int64_t directions = static_cast<std::int64_t>(direction_count(direction));
  const std::int64_t hidden = r[2];
  const std::int64_t rows = kind.gates * hidden;
  const bool batch_first = context.integer("layout") != 0;
  const std::int64_t steps = x[batch_first ? 1 : 0];
  const std::int64_t batch = x[batch_first ? 0 : 1];
  context.check(r == Shape({directions, rows, hidden}), "expected R of shape [{},{},{}], got {}", directions,
                rows, hidden, text(r));
  context.check(context.shape(1) == Shape({directions, rows, x[2]}), "expected W of shape [{},{},{}], got {}",
                directions, rows, x[2], text(context.shape(1)));
  const std::int64_t stated = context.integer("hidden_size", hidden);
  context.check(stated == hidden, "expected hidden_size {} as of R, got {}", hidden, stated);
  Layer out;
  out.steps = static_cast<std::size_t>(steps);
  out.batch = static_cast<std::size_t>(batch);
  out.inputs = static_cast<std::size_t>(x[2]);
  out.hidden = static_cast<std::size_t>(hidden);
  out.directions = static_cast<std::size_t>(directions);
  out.batch_first = batch_first;
  out.reverse = direction == "reverse";
  out.clip = context.real("clip", 0);
  out.activations = read_activations(context, kind, out.directions);
  out.x = context.doubles(0);
  out.w = context.doubles(1);
  out.r = context.doubles(2);
  out.b = optional_input(context, 3, {directions, 2 * rows});
  const Shape state = batch_first ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden};
  out.h = optional_input(context, 5, state);
  out.c = optional_input(context, 6, state);
  out.p = optional_input(context, 7, {directions, 3 * hidden});
  out.lengths.assign(out.batch, steps);
  if (context.has_input(4)) {
    out.lengths = context.integers(4);
    context.check(out.lengths.size() == out.batch, "expected {} sequence_lens, got {}", batch,
                  out.lengths.size());
    for (const std::int64_t length : out.lengths)
      context.check(length >= 0 && length <= steps, "expected sequence_lens from 0 to {}, got {}", steps,
                    length);
  }
  return out;
}

// The vectors of one direction.
struct Direction {
  const Layer& layer;
  std::size_t rows;  // gates * hidden
  const double* w;
  const double* r;
  const double* wb;
  const double* rb;
  const double* p;
  const Activation* activations;

  Direction(const Layer& l, const Kind& kind, std::size_t d)
      : layer(l),
        rows(static_cast<std::size_t>(kind.gates) * l.hidden),
        w(l.w.data() + d * rows * l.inputs),
        r(l.r.data() + d * rows * l.hidden),
        wb(l.b.data() + d * 2 * rows),
        rb(wb + rows),
        p(l.p.data() + d * 3 * l.hidden),
        activations(l.activations.data() + d * kind.activations.size()) {}

  double from_input(const double* x, std::size_t row) const {
    double sum = wb[row];
    for (std::size_t k = 0; k < layer.inputs; ++k) sum += x[k] * w[row * layer.inputs + k];
    return sum;
  }
  double from_state(const double* h, std::size_t row) const {
    double sum = rb[row];
    for (std::size_t k = 0; k < layer.hidden; ++k) sum += h[k] * r[row * layer.hidden + k];
    return sum;
  }
  double gate(const double* x, const double* h, std::size_t row) const {
    return from_input(x, row) + from_state(h, row);
  }
};

// One time step of one sequence: reads x, updates h and (LSTM) c.
using Step = void (*)(const ReferenceContext&, const Direction&, const double* x, std::vector<double>& h,
                      std::vector<double>& c);

void step_rnn(const ReferenceContext&, const Direction& d, const double* x, std::vector<double>& h,
              std::vector<double>&) {
  std::vector<double> next(h.size());
  for (std::size_t j = 0; j < h.size(); ++j)
    next[j] = d.activations[0](d.layer.clipped(d.gate(x, h.data(), j)));
  h = std::move(next);
}

// Gates stand in the order update, reset, hidden.
void step_gru(const ReferenceContext& context, const Direction& d, const double* x, std::vector<double>& h,
              std::vector<double>&) {
  const bool linear_before_reset = context.integer("linear_before_reset") != 0;
  const std::size_t n = h.size();
  std::vector<double> update(n), reset(n), gated(n), next(n);
  for (std::size_t j = 0; j < n; ++j) {
    update[j] = d.activations[0](d.layer.clipped(d.gate(x, h.data(), j)));
    reset[j] = d.activations[0](d.layer.clipped(d.gate(x, h.data(), n + j)));
    gated[j] = reset[j] * h[j];
  }
  for (std::size_t j = 0; j < n; ++j) {
    const double state = linear_before_reset ? reset[j] * d.from_state(h.data(), 2 * n + j)
                                             : d.from_state(gated.data(), 2 * n + j);
    const double hidden = d.activations[1](d.layer.clipped(d.from_input(x, 2 * n + j) + state));
    next[j] = (1 - update[j]) * hidden + update[j] * h[j];
  }
  h = std::move(next);
}

// Gates stand in the order input, output, forget, cell; peepholes in the order input, output, forget.
void step_lstm(const ReferenceContext& context, const Direction& d, const double* x, std::vector<double>& h,
               std::vector<double>& c) {
  const bool coupled = context.integer("input_forget") != 0;
  const std::size_t n = h.size();
  std::vector<double> next(n);
  for (std::size_t j = 0; j < n; ++j) {
    const auto gate = [&](std::size_t which, double peephole) {
      return d.layer.clipped(d.gate(x, h.data(), which * n + j) + peephole);
    };
    const double input = d.activations[0](gate(0, d.p[j] * c[j]));
    const double forget = coupled ? 1 - input : d.activations[0](gate(2, d.p[2 * n + j] * c[j]));
    c[j] = forget * c[j] + input * d.activations[1](gate(3, 0));
    const double output = d.activations[0](gate(1, d.p[n + j] * c[j]));
    next[j] = output * d.activations[2](d.layer.clipped(c[j]));
  }
  h = std::move(next);
}

void run_layer(ReferenceContext& context, const Kind& kind, Step step) {
  Layer layer = read_layer(context, kind);
  const Shape& x = context.shape(0);
  const std::int64_t directions = static_cast<std::int64_t>(layer.directions);
  const std::int64_t hidden = static_cast<std::int64_t>(layer.hidden);
  const Shape y_shape =
      layer.batch_first ? Shape{x[0], x[1], directions, hidden} : Shape{x[0], directions, x[1], hidden};
  const Shape state_shape =
      layer.batch_first ? Shape{x[0], directions, hidden} : Shape{directions, x[1], hidden};
  std::vector<double> y(element_count(y_shape));  // zero after the end of a sequence
  for (std::size_t d = 0; d < layer.directions; ++d) {
    const Direction direction(layer, kind, d);
    const bool backward = layer.reverse || d == 1;
    for (std::size_t n = 0; n < layer.batch; ++n) {
      const auto at = static_cast<std::ptrdiff_t>(layer.state_at(d, n));
      std::vector<double> h(layer.h.begin() + at, layer.h.begin() + at + hidden);
      std::vector<double> c(layer.c.begin() + at, layer.c.begin() + at + hidden);
      const std::size_t length = static_cast<std::size_t>(layer.lengths[n]);
      for (std::size_t i = 0; i < length; ++i) {
        const std::size_t t = backward ? length - 1 - i : i;
        step(context, direction, layer.x.data() + layer.x_at(t, n), h, c);
        std::copy(h.begin(), h.end(), y.begin() + static_cast<std::ptrdiff_t>(layer.y_at(t, d, n)));
      }
      std::copy(h.begin(), h.end(), layer.h.begin() + at);
      std::copy(c.begin(), c.end(), layer.c.begin() + at);
    }
  }
  context.set_doubles(0, context.dtype(0), y_shape, y);
  context.set_doubles(1, context.dtype(0), state_shape, layer.h);
  context.set_doubles(2, context.dtype(0), state_shape, layer.c);
}

void infer_layer(InferContext& context) {
  const auto& x = context.dims(0);
  const auto& r = context.dims(2);
  context.check((!x || x->size() == 3) && (!r || r->size() == 3), "expected X and R of rank 3, got {} and {}",
                text(context.input(0)), text(context.input(2)));
  Dim hidden = r ? (*r)[2] : Dim();
  if (!hidden.is_constant() && context.has_attribute("hidden_size")) hidden = context.integer("hidden_size");
  const Dim directions = static_cast<std::int64_t>(direction_count(context.string("direction")));
  const Dim first = x ? (*x)[0] : Dim();
  const Dim second = x ? (*x)[1] : Dim();
  const bool batch_first = context.integer("layout") != 0;
  const DType dtype = context.dtype(0);
  const Dims state = batch_first ? Dims{first, directions, hidden} : Dims{directions, second, hidden};
  context.set_output(
      0, dtype,
      batch_first ? Dims{first, second, directions, hidden} : Dims{first, directions, second, hidden});
  context.set_output(1, dtype, state);
  context.set_output(2, dtype, state);
}

// Every step multiplies all weights.
Cost cost_layer(const CostContext& context) {
  Cost cost = context.traffic();
  const std::vector<std::int64_t> x = context.input_shape(0);
  double weights = 0;
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    double elements = 1;
    for (const std::int64_t extent : context.input_shape(i)) elements *= static_cast<double>(extent);
    weights += elements;
  }
  cost.add_operations(context.input_dtype(0),
                      2 * weights * static_cast<double>(x[0]) * static_cast<double>(x[1]));
  return cost;
}

}  // namespace

std::vector<OpDef> recurrent() {
  const auto spec = [](std::initializer_list<AttributeSpec> others) {
    std::vector<AttributeSpec> out = {{"activation_alpha", AttributeKind::Reals},
                                      {"activation_beta", AttributeKind::Reals},
                                      {"activations", AttributeKind::Strings},
                                      {"clip", AttributeKind::Real},
                                      {"direction", "forward"},
                                      {"hidden_size", AttributeKind::Integer},
                                      {"layout", 0}};
    out.insert(out.end(), others);
    return out;
  };
  const std::initializer_list<Constraint> floats = {{"T", types::kFloats}};
  Schema gru("X:T, W:T, R:T, B?:T, sequence_lens?:i32, initial_h?:T -> Y?:T, Y_h?:T", floats);
  Schema rnn = gru;
  Schema lstm(
      "X:T, W:T, R:T, B?:T, sequence_lens?:i32, initial_h?:T, initial_c?:T, P?:T -> Y?:T, Y_h?:T, Y_c?:T",
      floats);
  gru.attributes = spec({{"linear_before_reset", 0}});
  rnn.attributes = spec({});
  lstm.attributes = spec({{"input_forget", 0}});
  return {
      {.name = "GRU",
       .schema = gru,
       .infer = infer_layer,
       .reference = [](ReferenceContext& context) { run_layer(context, kGru, step_gru); },
       .cost = cost_layer},
      {.name = "LSTM",
       .schema = lstm,
       .infer = infer_layer,
       .reference = [](ReferenceContext& context) { run_layer(context, kLstm, step_lstm); },
       .cost = cost_layer},
      {.name = "RNN",
       .schema = rnn,
       .infer = infer_layer,
       .reference = [](ReferenceContext& context) { run_layer(context, kRnn, step_rnn); },
       .cost = cost_layer},
  };
}

}  // namespace atlas::ops
