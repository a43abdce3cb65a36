// Einstein summation: any sum of products that an equation of labelled axes can say.
#include <algorithm>
#include <map>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/einsum_equation.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

void infer_einsum(InferContext& context) {
  std::vector<std::size_t> ranks;
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    if (!context.dims(i)) return context.set_output(0, context.dtype(0), std::nullopt);
    ranks.push_back(context.dims(i)->size());
  }
  const Equation equation = read_equation(context.node(), ranks);
  std::map<Label, Dim> extents;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    for (std::size_t axis = 0; axis < ranks[i]; ++axis) {
      const Dim& dim = (*context.dims(i))[axis];
      const auto [at, is_new] = extents.emplace(equation.inputs[i][axis], dim);
      if (!is_new) at->second = broadcast_dims(context, {at->second}, {dim})[0];
    }
  }
  Dims out;
  for (const Label label : equation.output) out.push_back(extents[label]);
  context.set_output(0, context.dtype(0), std::move(out));
}

// An operand on the way: its elements with a label for each axis.
template <typename T>
struct Operand {
  Labels labels;
  Shape shape;
  std::vector<T> values;
};

// Steps of an operand along the given labels: 0 where it lacks one or broadcasts, summed where it repeats
// one.
template <typename T>
std::vector<std::size_t> steps_along(const Operand<T>& operand, const Labels& labels) {
  const std::vector<std::int64_t> strides = row_major_strides(operand.shape);
  std::vector<std::size_t> out(labels.size(), 0);
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (std::size_t axis = 0; axis < operand.labels.size(); ++axis)
      if (operand.labels[axis] == labels[i] && operand.shape[axis] != 1)
        out[i] += static_cast<std::size_t>(strides[axis]);
  return out;
}

// The sum over all labels but `kept` of the product of two operands.
template <typename T>
Operand<T> contract(const Operand<T>& a, const Operand<T>& b, const Labels& kept,
                    const std::map<Label, std::int64_t>& extents) {
  Labels loops = kept;
  for (const Labels* labels : {&a.labels, &b.labels})
    for (const Label label : *labels)
      if (std::ranges::count(loops, label) == 0) loops.push_back(label);
  // A label that neither operand widens beyond 1 must not multiply the sum.
  const auto extent_of = [&](Label label) {
    std::int64_t out = 1;
    for (const Operand<T>* operand : {&a, &b})
      for (std::size_t axis = 0; axis < operand->labels.size(); ++axis)
        if (operand->labels[axis] == label && operand->shape[axis] != 1) out = extents.at(label);
    return out;
  };
  Shape shape;
  for (const Label label : loops) shape.push_back(extent_of(label));
  const std::vector<std::size_t> a_steps = steps_along(a, loops);
  const std::vector<std::size_t> b_steps = steps_along(b, loops);

  Operand<T> out{kept, Shape(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(kept.size())), {}};
  out.values.resize(element_count(out.shape));
  const std::size_t terms = element_count(std::span(shape).subspan(kept.size()));
  std::vector<std::int64_t> at(loops.size(), 0);
  std::size_t a_at = 0;
  std::size_t b_at = 0;
  for (T& value : out.values) {
    for (std::size_t term = 0; term < terms; ++term) {
      value += a.values[a_at] * b.values[b_at];
      for (std::size_t axis = loops.size(); axis-- > 0;) {
        a_at += a_steps[axis];
        b_at += b_steps[axis];
        if (++at[axis] < shape[axis]) break;
        at[axis] = 0;
        a_at -= a_steps[axis] * static_cast<std::size_t>(shape[axis]);
        b_at -= b_steps[axis] * static_cast<std::size_t>(shape[axis]);
      }
    }
  }
  return out;
}

std::map<Label, std::int64_t> read_extents(const Node& node, const Equation& equation,
                                           const std::vector<Shape>& shapes) {
  std::map<Label, std::int64_t> out;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    for (std::size_t axis = 0; axis < shapes[i].size(); ++axis) {
      const std::int64_t extent = shapes[i][axis];
      const auto [at, is_new] = out.emplace(equation.inputs[i][axis], extent);
      if (at->second == 1) at->second = extent;
      require(extent == at->second || extent == 1,
              "{}: expected extents of one label to agree, got {} and {}", describe(node), at->second,
              extent);
    }
  }
  return out;
}

template <typename T>
Operand<T> sum_of_products(const Node& node, std::vector<Operand<T>> operands, const Equation& equation) {
  std::vector<Shape> shapes;
  for (const Operand<T>& operand : operands) shapes.push_back(operand.shape);
  const std::map<Label, std::int64_t> extents = read_extents(node, equation, shapes);
  Operand<T> product{{}, {}, {T(1)}};
  for (std::size_t i = 0; i < operands.size(); ++i) {
    // Labels that are still to come stay; the others are summed now.
    Labels kept = equation.output;
    if (i + 1 < operands.size()) {
      kept.clear();
      const auto is_needed = [&](Label label) {
        return std::ranges::count(equation.output, label) > 0 ||
               std::any_of(equation.inputs.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                           equation.inputs.end(),
                           [&](const Labels& term) { return std::ranges::count(term, label) > 0; });
      };
      for (const Labels* labels : {&product.labels, &operands[i].labels})
        for (const Label label : *labels)
          if (is_needed(label) && std::ranges::count(kept, label) == 0) kept.push_back(label);
    }
    product = contract(product, operands[i], kept, extents);
    operands[i].values.clear();
  }
  return product;
}

void reference_einsum(ReferenceContext& context) {
  std::vector<std::size_t> ranks;
  for (std::size_t i = 0; i < context.input_count(); ++i) ranks.push_back(context.shape(i).size());
  const Equation equation = read_equation(context.node(), ranks);
  const DType dtype = context.dtype(0);
  if (is_integer(dtype)) {
    std::vector<Operand<std::uint64_t>> operands;  // overflow wraps
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      const std::vector<std::int64_t> values = context.integers(i);
      operands.push_back({equation.inputs[i], context.shape(i), {values.begin(), values.end()}});
    }
    const auto y = sum_of_products(context.node(), std::move(operands), equation);
    context.set_integers(0, dtype, y.shape, std::vector<std::int64_t>(y.values.begin(), y.values.end()));
  } else {
    std::vector<Operand<double>> operands;
    for (std::size_t i = 0; i < ranks.size(); ++i)
      operands.push_back({equation.inputs[i], context.shape(i), context.doubles(i)});
    const auto y = sum_of_products(context.node(), std::move(operands), equation);
    context.set_doubles(0, dtype, y.shape, y.values);
  }
}

// One loop over all labels: exact for one and two operands, an upper bound for more.
Cost cost_einsum(const CostContext& context) {
  std::vector<std::size_t> ranks;
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < context.node().inputs.size(); ++i) {
    shapes.push_back(context.input_shape(i));
    ranks.push_back(shapes.back().size());
  }
  const Equation equation = read_equation(context.node(), ranks);
  double points = 1;
  for (const auto& [label, extent] : read_extents(context.node(), equation, shapes))
    points *= static_cast<double>(extent);
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0), points * static_cast<double>(shapes.size()));
  return cost;
}

}  // namespace

std::vector<OpDef> einsum() {
  return {
      {.name = "Einsum",
       .schema = {"Inputs:T* -> Output:T",
                  {{"T", types::kInts | TypeSet{DType::F16, DType::F32, DType::F64}}},
                  {{"equation", AttributeKind::String, kRequired}}},
       .infer = infer_einsum,
       .reference = reference_einsum,
       .decompose = decompose_einsum,
       .cost = cost_einsum},
  };
}

}  // namespace atlas::ops
