// Recurrent layers: the inputs of all time steps in one product, then step by step.
#include <algorithm>
#include <optional>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/bf16_gemm.h"
#include "atlas/targets/cpu/kernels/gemm.h"
#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/targets/cpu/recurrent_cell.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

enum class Cell { Rnn, Gru, Lstm };

std::size_t gate_count(Cell cell) {
  return cell == Cell::Rnn ? 1 : cell == Cell::Gru ? 3 : 4;
}

/// A right operand, k x n, in f32 or rounded to bfloat16.
class Factor {
 public:
  Factor(MatrixFinder b, std::size_t k, std::size_t n, bool rounds, ThreadPool& pool, Packer& packer) {
    if (rounds)
      rounded_.emplace(b, k, n, pool, packer);
    else
      packed_.emplace(b, k, n, pool, packer);
  }

  /// C = A B + bias, which may be null; A has m dense rows.
  void multiply(std::size_t m, const float* a, float* c, std::size_t c_stride, const float* bias,
                ThreadPool& pool) const {
    GemmOptions options;
    options.epilogue.column_bias = bias;
    if (rounded_) return bf16_gemm(m, a, rounded_->k(), *rounded_, c, c_stride, options.epilogue, pool);
    const ColumnPanels& panels = packed_->panels();
    gemm({m, panels.columns, panels.k}, MatrixView{a, panels.k, 1}, *packed_, c, c_stride, options, pool);
  }

 private:
  std::optional<PackedMatrix> packed_;  // one of the two
  std::optional<PackedBf16> rounded_;
};

/// The weights of one direction. A GRU's last gate has a product of its own, for the state may be gated
/// before it.
struct Weights {
  Factor input;
  Factor state;
  std::optional<Factor> hidden;  // of a GRU
};

struct Sizes {
  std::size_t steps, batch, inputs, hidden, directions;
  bool batch_first;

  // Places of a vector in X, in Y and in a state.
  std::size_t x_row(std::size_t t, std::size_t n) const {
    return batch_first ? n * steps + t : t * batch + n;
  }
  std::size_t y_row(std::size_t t, std::size_t d, std::size_t n) const {
    return batch_first ? (n * steps + t) * directions + d : (t * directions + d) * batch + n;
  }
  std::size_t state_row(std::size_t d, std::size_t n) const {
    return batch_first ? n * directions + d : d * batch + n;
  }
};

class RecurrentKernel : public Kernel {
 public:
  RecurrentKernel(const NodeView& node, Cell cell, std::vector<CellFunctions> functions)
      : cell_(cell),
        functions_(std::move(functions)),
        batch_first_(node.integer("layout") != 0),
        reverse_(node.string("direction", "forward") == "reverse"),
        coupled_(node.integer("input_forget") != 0),
        linear_before_reset_(node.integer("linear_before_reset") != 0),
        rounds_(node.precision() == Precision::Bf16 && node.constant_shape(1) && node.constant_shape(2)) {
    const std::optional<Shape> w = node.constant_shape(1);
    const std::optional<Shape> r = node.constant_shape(2);
    if (!w || !r || w->size() != 3 || r->size() != 3) return;
    w_shape_ = *w;
    r_shape_ = *r;
    ThreadPool alone(1);
    packed_ = pack(
        *w, *r, [&] { return node.constant(1)->values<float>().data(); },
        [&] { return node.constant(2)->values<float>().data(); }, alone, node.packer());
  }

  bool reads(std::size_t i) const override { return packed_.empty() || (i != 1 && i != 2); }

  std::optional<Precision> precision() const override { return rounds_ ? Precision::Bf16 : Precision::F32; }
  void run(KernelContext& context) const override {
    const Sizes sizes = read_sizes(context);
    const std::vector<std::size_t> lengths = read_lengths(context, sizes);
    const auto dim = [](std::size_t size) { return static_cast<std::int64_t>(size); };
    const Shape state_shape = batch_first_
                                  ? Shape{dim(sizes.batch), dim(sizes.directions), dim(sizes.hidden)}
                                  : Shape{dim(sizes.directions), dim(sizes.batch), dim(sizes.hidden)};
    Shape y_shape = state_shape;
    y_shape.insert(y_shape.begin() + (batch_first_ ? 1 : 0), dim(sizes.steps));
    const auto output = [&](std::size_t i, const Shape& shape) {
      return context.has_output(i) ? context.output(i, DType::F32, shape).values_mutable<float>().data()
                                   : nullptr;
    };
    float* y = output(0, y_shape);
    // Past the end of a sequence there are zeros.
    if (y != nullptr && std::ranges::any_of(lengths, [&](std::size_t l) { return l < sizes.steps; }))
      std::fill_n(y, element_count(y_shape), 0.0f);
    float* last_h = output(1, state_shape);
    float* last_c = cell_ == Cell::Lstm ? output(2, state_shape) : nullptr;

    std::vector<Weights> fresh;
    if (packed_.empty()) {
      const Tensor& w = context.input(1);
      const Tensor& r = context.input(2);
      fresh = pack(
          w.shape(), r.shape(), [&] { return w.values<float>().data(); },
          [&] { return r.values<float>().data(); }, context.pool(), plain_packer());
    }
    const std::vector<Weights>& weights = packed_.empty() ? fresh : packed_;
    for (std::size_t d = 0; d < sizes.directions; ++d)
      run_direction(context, sizes, lengths, weights[d], d, y, last_h, last_c);
  }

 private:
  std::vector<Weights> pack(const Shape& w_shape, const Shape& r_shape, WeightFinder w, WeightFinder r,
                            ThreadPool& pool, Packer& packer) const {
    const auto rows = static_cast<std::size_t>(w_shape[1]);
    const auto inputs = static_cast<std::size_t>(w_shape[2]);
    const auto hidden = static_cast<std::size_t>(r_shape[2]);
    std::vector<Weights> out;
    for (std::size_t d = 0; d < static_cast<std::size_t>(w_shape[0]); ++d) {
      const std::size_t together = cell_ == Cell::Gru ? 2 * hidden : rows;
      const auto input = [&] { return MatrixView{w() + d * rows * inputs, 1, inputs}; };
      const auto state = [&] { return MatrixView{r() + d * rows * hidden, 1, hidden}; };
      const auto last = [&] { return MatrixView{r() + (d * rows + together) * hidden, 1, hidden}; };
      out.push_back({Factor(input, inputs, rows, rounds_, pool, packer),
                     Factor(state, hidden, together, rounds_, pool, packer), std::nullopt});
      if (cell_ == Cell::Gru) out.back().hidden.emplace(last, hidden, hidden, rounds_, pool, packer);
    }
    return out;
  }

  Sizes read_sizes(const KernelContext& context) const {
    const Tensor& x = context.input(0);
    const Shape& w = packed_.empty() ? context.input(1).shape() : w_shape_;
    const Shape& r = packed_.empty() ? context.input(2).shape() : r_shape_;
    context.check(x.rank() == 3 && r.size() == 3, "expected X and R of rank 3, got {} and {}",
                  shown(x.shape()), shown(r));
    const auto directions = static_cast<std::int64_t>(functions_.size());
    const std::int64_t hidden = r[2];
    const std::int64_t rows = static_cast<std::int64_t>(gate_count(cell_)) * hidden;
    context.check(r == Shape({directions, rows, hidden}), "expected R of shape [{},{},{}], got {}",
                  directions, rows, hidden, shown(r));
    context.check(w == Shape({directions, rows, x.dim(2)}), "expected W of shape [{},{},{}], got {}",
                  directions, rows, x.dim(2), shown(w));
    const std::int64_t steps = x.dim(batch_first_ ? 1 : 0);
    const std::int64_t batch = x.dim(batch_first_ ? 0 : 1);
    const auto expect = [&](std::size_t i, const Shape& shape) {
      context.check(!context.has_input(i) || context.input(i).shape() == shape,
                    "expected shape {} of input {}", shown(shape), i);
    };
    const Shape state = batch_first_ ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden};
    expect(3, {directions, 2 * rows});
    expect(5, state);
    expect(6, state);
    expect(7, {directions, 3 * hidden});
    return {static_cast<std::size_t>(steps),      static_cast<std::size_t>(batch),
            static_cast<std::size_t>(x.dim(2)),   static_cast<std::size_t>(hidden),
            static_cast<std::size_t>(directions), batch_first_};
  }

  static std::vector<std::size_t> read_lengths(const KernelContext& context, const Sizes& sizes) {
    std::vector<std::size_t> out(sizes.batch, sizes.steps);
    if (!context.has_input(4)) return out;
    const std::vector<std::int64_t> lengths = to_ints(context.input(4));
    context.check(lengths.size() == sizes.batch, "expected {} sequence_lens, got {}", sizes.batch,
                  lengths.size());
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      context.check(lengths[i] >= 0 && static_cast<std::size_t>(lengths[i]) <= sizes.steps,
                    "expected sequence_lens from 0 to {}, got {}", sizes.steps, lengths[i]);
      out[i] = static_cast<std::size_t>(lengths[i]);
    }
    return out;
  }

  // A GRU that gates the state's product, not the state, keeps the bias of that product with it.
  bool has_inner_bias(std::size_t gate) const {
    return cell_ == Cell::Gru && linear_before_reset_ && gate == 2;
  }

  // Biases of input and state, added up.
  std::vector<float> bias(const KernelContext& context, const Sizes& sizes, std::size_t d) const {
    const std::size_t rows = gate_count(cell_) * sizes.hidden;
    std::vector<float> out(rows, 0.0f);
    if (!context.has_input(3)) return out;
    const float* given = context.input(3).values<float>().data() + d * 2 * rows;
    for (std::size_t i = 0; i < rows; ++i)
      out[i] = given[i] + (has_inner_bias(i / sizes.hidden) ? 0.0f : given[rows + i]);
    return out;
  }

  void run_direction(KernelContext& context, const Sizes& sizes, const std::vector<std::size_t>& lengths,
                     const Weights& weights, std::size_t d, float* y, float* last_h, float* last_c) const {
    const std::size_t n = sizes.hidden;
    const std::size_t rows = gate_count(cell_) * n;
    if (n == 0 || sizes.batch == 0) return;
    ThreadPool& pool = context.pool();
    Scratch from_inputs(std::max<std::size_t>(1, sizes.steps * sizes.batch * rows) * sizeof(float));
    Scratch states(4 * sizes.batch * n * sizeof(float));
    Scratch products(sizes.batch * rows * sizeof(float));
    float* xw = from_inputs.as<float>();
    float* h = states.as<float>();
    float* c = h + sizes.batch * n;
    float* gated = c + sizes.batch * n;
    float* gates = products.as<float>();

    project(context, sizes, weights, d, xw);
    for (std::size_t b = 0; b < sizes.batch; ++b) {
      const std::size_t at = sizes.state_row(d, b) * n;
      read_state(context, 5, at, n, h + b * n);
      read_state(context, 6, at, n, c + b * n);
    }
    const bool backward = reverse_ || d == 1;
    const std::size_t longest = *std::ranges::max_element(lengths);
    const std::size_t grain = std::max<std::size_t>(1, 4096 / rows);
    // Calls visit(b, its row of xw, its row of y) for the sequences that have a step `i`.
    const auto for_each_sequence = [&](std::size_t i, auto visit) {
      pool.parallel_for(sizes.batch, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t b = begin; b < end; ++b) {
          if (i >= lengths[b]) continue;
          const std::size_t t = backward ? lengths[b] - 1 - i : i;
          visit(b, xw + sizes.x_row(t, b) * rows, y ? y + sizes.y_row(t, d, b) * n : nullptr);
        }
      });
    };
    const CellFunctions& functions = functions_[d];
    const float* peepholes =
        context.has_input(7) ? context.input(7).values<float>().data() + d * 3 * n : nullptr;
    const float* inner_bias = context.has_input(3) && has_inner_bias(2)
                                  ? context.input(3).values<float>().data() + d * 2 * rows + rows + 2 * n
                                  : nullptr;
    for (std::size_t i = 0; i < longest; ++i) {
      weights.state.multiply(sizes.batch, h, gates, rows, nullptr, pool);
      if (cell_ == Cell::Gru) {
        for_each_sequence(i, [&](std::size_t b, const float* x, float*) {
          gru_gates(functions, n, x, gates + b * rows, pool);
          const float* reset = gates + b * rows + n;
          for (std::size_t j = 0; j < n; ++j)
            gated[b * n + j] = linear_before_reset_ ? h[b * n + j] : reset[j] * h[b * n + j];
        });
        weights.hidden->multiply(sizes.batch, linear_before_reset_ ? h : gated, gates + 2 * n, rows,
                                 inner_bias, pool);
      }
      for_each_sequence(i, [&](std::size_t b, const float* x, float* to) {
        float* state = h + b * n;
        float* row = gates + b * rows;
        if (cell_ == Cell::Rnn) {
          rnn_step(functions, n, x, row, state, pool);
        } else if (cell_ == Cell::Lstm) {
          lstm_step(functions, n, x, peepholes, coupled_, row, state, c + b * n, pool);
        } else {
          if (linear_before_reset_)
            for (std::size_t j = 0; j < n; ++j) row[2 * n + j] *= row[n + j];
          gru_state(functions, n, x, row, state, pool);
        }
        if (to != nullptr) std::copy_n(state, n, to);
      });
    }
    for (std::size_t b = 0; b < sizes.batch; ++b) {
      const std::size_t at = sizes.state_row(d, b) * n;
      if (last_h != nullptr) std::copy_n(h + b * n, n, last_h + at);
      if (last_c != nullptr) std::copy_n(c + b * n, n, last_c + at);
    }
  }

  // xw = X W^T + bias for all steps of all sequences.
  void project(KernelContext& context, const Sizes& sizes, const Weights& weights, std::size_t d,
               float* xw) const {
    const std::size_t rows = gate_count(cell_) * sizes.hidden;
    const std::size_t vectors = sizes.steps * sizes.batch;
    const std::vector<float> added = bias(context, sizes, d);
    if (sizes.inputs == 0) {
      for (std::size_t i = 0; i < vectors; ++i) std::ranges::copy(added, xw + i * rows);
    } else if (vectors > 0) {
      weights.input.multiply(vectors, context.input(0).values<float>().data(), xw, rows, added.data(),
                             context.pool());
    }
  }

  static void read_state(const KernelContext& context, std::size_t input, std::size_t at, std::size_t n,
                         float* to) {
    if (context.has_input(input)) {
      std::copy_n(context.input(input).values<float>().data() + at, n, to);
    } else {
      std::fill_n(to, n, 0.0f);
    }
  }

  Cell cell_;
  std::vector<CellFunctions> functions_;  // of each direction
  bool batch_first_;
  bool reverse_;
  bool coupled_;
  bool linear_before_reset_;
  bool rounds_;                  // the factors of its products, to bfloat16
  Shape w_shape_, r_shape_;      // where they are packed
  std::vector<Weights> packed_;  // of each direction; empty where the weights come at run time
};

// Those without parameters. Nothing: another one.
std::optional<ActivationKind> activation_kind(const std::string& name) {
  if (name == "Sigmoid") return ActivationKind::Sigmoid;
  if (name == "Tanh") return ActivationKind::Tanh;
  if (name == "Relu") return ActivationKind::Relu;
  return std::nullopt;
}

// Nothing where a direction uses activations that the kernel lacks.
std::optional<std::vector<CellFunctions>> read_functions(const NodeView& node, Cell cell) {
  const std::size_t directions = node.string("direction", "forward") == "bidirectional" ? 2 : 1;
  const std::size_t each = cell == Cell::Rnn ? 1 : cell == Cell::Gru ? 2 : 3;
  std::vector<std::string> names = node.node().attributes.strings("activations");
  if (names.empty()) {
    for (std::size_t d = 0; d < directions; ++d)
      for (std::size_t i = 0; i < each; ++i)
        names.push_back(i == 0 && cell != Cell::Rnn ? "Sigmoid" : "Tanh");
  }
  if (names.size() < each * directions) return std::nullopt;
  std::vector<CellFunctions> out(directions);
  for (std::size_t d = 0; d < directions; ++d) {
    ActivationKind* kinds[] = {&out[d].f, &out[d].g, &out[d].h};
    for (std::size_t i = 0; i < each; ++i) {
      const std::optional<ActivationKind> kind = activation_kind(names[d * each + i]);
      if (!kind) return std::nullopt;
      *kinds[i] = *kind;
    }
    out[d].clip = node.real("clip");
  }
  return out;
}

template <Cell cell>
std::unique_ptr<Kernel> make(const NodeView& node) {
  for (std::size_t i = 0; i < node.input_count(); ++i)
    if (i != 4 && node.has_input(i) && node.dtype(i) != DType::F32) return nullptr;
  const std::string direction = node.string("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional") return nullptr;
  std::optional<std::vector<CellFunctions>> functions = read_functions(node, cell);
  if (!functions) return nullptr;
  return std::make_unique<RecurrentKernel>(node, cell, std::move(*functions));
}

}  // namespace

std::vector<KernelDef> recurrent_kernels() {
  return {
      {"", "GRU", make<Cell::Gru>},
      {"", "LSTM", make<Cell::Lstm>},
      {"", "RNN", make<Cell::Rnn>},
  };
}

}  // namespace atlas::cpu
