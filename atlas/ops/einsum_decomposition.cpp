// Axes of both operands and of the output are a batch, those of both alone are summed by MatMul, and those of
// one are its rows or columns; where there are several of a kind, they become one and then several again.
#include <algorithm>
#include <map>

#include "atlas/ops/einsum_equation.h"
#include "atlas/ops/formula.h"
#include "atlas/ops/type_set.h"

namespace atlas::ops {
namespace {

bool has(const Labels& labels, Label label) {
  return std::ranges::find(labels, label) != labels.end();
}

Labels joined(std::initializer_list<Labels> groups) {
  Labels out;
  for (const Labels& group : groups) out.insert(out.end(), group.begin(), group.end());
  return out;
}

struct Operand {
  ValueId value;
  Labels labels;
};

class Decomposer {
 public:
  explicit Decomposer(DecomposeContext& context) : f_{context} {}

  /// The operands, where each label has one extent; nothing otherwise.
  std::vector<Operand> operands(const Equation& equation) {
    std::vector<Operand> out;
    for (std::size_t i = 0; i < equation.inputs.size(); ++i) {
      const Labels& labels = equation.inputs[i];
      for (std::size_t axis = 0; axis < labels.size(); ++axis) {
        if (std::ranges::count(labels, labels[axis]) > 1) return {};
        const Dim dim = (*f_.context.type(i).dims)[axis];
        const auto [at, is_new] = extents_.emplace(labels[axis], dim);
        if (!is_new && (dim.is_unknown() || at->second != dim)) return {};
      }
      out.push_back({f_.input(i), labels});
    }
    return out;
  }

  /// Sums over the axes that are not in `kept`.
  Operand summed(Operand operand, const Labels& kept) {
    std::vector<std::int64_t> axes;
    Labels left;
    for (std::size_t axis = 0; axis < operand.labels.size(); ++axis) {
      if (has(kept, operand.labels[axis])) {
        left.push_back(operand.labels[axis]);
      } else {
        axes.push_back(static_cast<std::int64_t>(axis));
      }
    }
    if (axes.empty()) return operand;
    return {f_.op("ReduceSum", {operand.value, f_.ints(axes)}, {{"keepdims", std::int64_t{0}}}), left};
  }

  ValueId arranged(const Operand& operand, const Labels& order) {
    if (operand.labels == order) return operand.value;
    std::vector<std::int64_t> perm;
    for (const Label label : order)
      perm.push_back(std::ranges::find(operand.labels, label) - operand.labels.begin());
    return f_.transpose(operand.value, perm);
  }

  std::vector<ValueId> product(const Operand& a, const Operand& b, const Labels& output) {
    Labels batch;
    Labels inner;
    for (const Label label : a.labels)
      if (has(b.labels, label)) (has(output, label) ? batch : inner).push_back(label);
    const auto own = [&](const Operand& operand, const Operand& other) {
      Labels out;
      for (const Label label : operand.labels)
        if (!has(other.labels, label)) out.push_back(label);
      return out;
    };
    const Labels rows = own(a, b);
    const Labels columns = own(b, a);
    const ValueId left = merged(arranged(a, joined({batch, rows, inner})), batch.size(), {rows, inner});
    const ValueId right =
        merged(arranged(b, joined({batch, inner, columns})), batch.size(), {inner, columns});
    if (left == ValueId::None || right == ValueId::None) return {};
    const ValueId product = f_.op("MatMul", {left, right});
    const Operand out = {parted(product, batch.size(), rows, columns), joined({batch, rows, columns})};
    if (out.value == ValueId::None) return {};
    return {arranged(out, output)};
  }

 private:
  static constexpr std::int64_t kWidest = std::int64_t{1} << 40;

  /// The product of the extents, -1 where it is not known before a run, 0 where it cannot stand in a shape.
  std::int64_t extent(const Labels& labels) const {
    std::int64_t out = 1;
    for (const Label label : labels) {
      const Dim& dim = extents_.at(label);
      if (!dim.is_constant()) return -1;
      if (dim.value() <= 0 || dim.value() > kWidest / out) return 0;
      out *= dim.value();
    }
    return out;
  }

  /// Nothing where more than one extent is open, or one cannot stand there.
  ValueId reshaped(ValueId x, std::size_t batch, const std::vector<Labels>& parts) {
    std::vector<std::int64_t> shape(batch, 0);  // as they are
    for (const Labels& part : parts) shape.push_back(extent(part));
    const auto own = std::span(shape).subspan(batch);
    if (std::ranges::count(own, -1) > 1 || std::ranges::count(own, 0) > 0) return ValueId::None;
    return f_.reshape(x, std::move(shape));
  }

  /// Axes of each group behind the batch as one.
  ValueId merged(ValueId x, std::size_t batch, const std::vector<Labels>& groups) {
    if (std::ranges::all_of(groups, [](const Labels& group) { return group.size() == 1; })) return x;
    return reshaped(x, batch, groups);
  }

  /// The other way round.
  ValueId parted(ValueId x, std::size_t batch, const Labels& rows, const Labels& columns) {
    if (rows.size() == 1 && columns.size() == 1) return x;
    std::vector<Labels> parts;
    for (const Label label : joined({rows, columns})) parts.push_back({label});
    return reshaped(x, batch, parts);
  }

  Formula f_;
  std::map<Label, Dim> extents_;
};

}  // namespace

std::vector<ValueId> decompose_einsum(DecomposeContext& context) {
  std::vector<std::size_t> ranks;
  for (std::size_t i = 0; i < context.node().inputs.size(); ++i) {
    if (!context.type(i).dims) return {};
    ranks.push_back(context.type(i).dims->size());
  }
  if (ranks.empty() || ranks.size() > 2) return {};
  constexpr TypeSet kMultiplied = {DType::F16, DType::F32, DType::F64, DType::I32, DType::I64};
  if (!kMultiplied.accepts(context.type(0))) return {};
  const Equation equation = read_equation(context.node(), ranks);
  Decomposer decomposer(context);
  const std::vector<Operand> operands = decomposer.operands(equation);
  if (operands.empty()) return {};
  if (operands.size() == 1) {
    const Operand left = decomposer.summed(operands[0], equation.output);
    const ValueId out = decomposer.arranged(left, equation.output);
    if (out != context.input(0)) return {out};
    return {context.builder().op("Identity", {out})};
  }
  const auto needed = [&](std::size_t other) { return joined({equation.inputs[other], equation.output}); };
  return decomposer.product(decomposer.summed(operands[0], needed(1)),
                            decomposer.summed(operands[1], needed(0)), equation.output);
}

}  // namespace atlas::ops
