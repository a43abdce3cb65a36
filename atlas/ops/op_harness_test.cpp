// Cases become one-node graphs; the checks run on those.
#include "atlas/ops/op_harness_test.h"

#include <gtest/gtest.h>

#include <cmath>

#include "atlas/base/error.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/infer.h"
#include "atlas/ops/interpreter.h"

namespace atlas {
namespace {

const OpRegistry& registry() {
  static const OpRegistry ops = standard_ops();
  return ops;
}

Type type_of(const Datum& datum) {
  if (datum.is_tensor()) return Type::tensor(datum.tensor().dtype(), dims_of(datum.tensor().shape()));
  if (datum.is_sequence() && !datum.sequence().empty()) {
    Type element = type_of(datum.sequence().front());
    for (const Datum& other : datum.sequence()) element = merge(element, type_of(other), "sequence");
    return Type::sequence(element);
  }
  return {};
}

enum class Inputs { Constant, Static, Symbolic };

struct OneNode {
  Graph graph;
  std::vector<Datum> arguments;  // of the graph
};

OneNode one_node(const OpCase& op_case, Inputs how) {
  OneNode out;
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < op_case.inputs.size(); ++i) {
    const Datum& datum = op_case.inputs[i];
    if (datum.is_empty()) {
      inputs.push_back(ValueId::None);
    } else if (how == Inputs::Constant && datum.is_tensor()) {
      inputs.push_back(out.graph.add_constant("c", datum.tensor()));
    } else {
      Type type = type_of(datum);
      if (how == Inputs::Symbolic && type.dims)
        for (std::size_t axis = 0; axis < type.dims->size(); ++axis)
          (*type.dims)[axis] = Dim::symbol("s" + std::to_string(i) + "_" + std::to_string(axis));
      inputs.push_back(out.graph.add_input("x" + std::to_string(i), type));
      out.arguments.push_back(datum);
    }
  }
  out.graph.outputs =
      GraphBuilder(out.graph).ops(op_case.op, inputs, op_case.outputs.size(), op_case.attributes);
  NodeId id = out.graph.value(out.graph.outputs.front()).producer;
  for (std::size_t i = 0; i < op_case.outputs.size(); ++i)
    if (op_case.outputs[i].is_empty()) out.graph.node(id).outputs[i] = ValueId::None;
  std::erase_if(out.graph.outputs, [&](ValueId v) {
    const auto& kept = out.graph.node(id).outputs;
    return std::find(kept.begin(), kept.end(), v) == kept.end();
  });
  return out;
}

void expect_equal(const Datum& got, const Datum& expected, double tolerance) {
  ASSERT_EQ(text(got), text(expected));
  if (expected.is_sequence()) {
    for (std::size_t i = 0; i < expected.sequence().size(); ++i)
      expect_equal(got.sequence()[i], expected.sequence()[i], tolerance);
    return;
  }
  if (!expected.is_tensor()) return;
  const Tensor& a = got.tensor();
  const Tensor& b = expected.tensor();
  if (b.dtype() == DType::String || is_integer(b.dtype()) || b.dtype() == DType::Bool) {
    if (!identical(a, b) && b.dtype() != DType::String) {
      EXPECT_EQ(to_ints(a), to_ints(b));
    }
    EXPECT_TRUE(identical(a, b));
    return;
  }
  const std::vector<std::complex<double>> x = to_complexes(a);
  const std::vector<std::complex<double>> y = to_complexes(b);
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (x[i] == y[i] || (std::isnan(x[i].real()) && std::isnan(y[i].real()))) continue;
    EXPECT_LE(std::abs(x[i] - y[i]), tolerance * (1 + std::abs(y[i])))
        << "element " << i << ": " << x[i] << " for " << y[i];
  }
}

void expect_fits(const Type& inferred, const Datum& got, const char* how) {
  if (!inferred.is_known() || !got.is_tensor()) return;
  const Tensor& tensor = got.tensor();
  EXPECT_TRUE(inferred.is_tensor() || inferred.kind == Type::Kind::Optional) << how << text(inferred);
  if (!inferred.is_tensor()) return;
  if (inferred.dtype != DType::Undefined) {
    EXPECT_EQ(name(inferred.dtype), name(tensor.dtype())) << how;
  }
  if (!inferred.dims) return;
  ASSERT_EQ(inferred.dims->size(), tensor.rank()) << how << text(inferred) << " for " << text(tensor);
  for (std::size_t i = 0; i < tensor.rank(); ++i) {
    if (!(*inferred.dims)[i].is_constant()) continue;
    EXPECT_EQ((*inferred.dims)[i].value(), tensor.dim(i)) << how << text(inferred) << " for " << text(tensor);
  }
}

std::vector<Datum> kept_outputs(const OpCase& op_case) {
  std::vector<Datum> out;
  for (const Datum& datum : op_case.outputs)
    if (!datum.is_empty()) out.push_back(datum);
  return out;
}

void check_reference_and_inference(const OpCase& op_case) {
  const std::vector<Datum> expected = kept_outputs(op_case);
  for (const auto& [how, label] :
       {std::pair{Inputs::Constant, "constant: "}, std::pair{Inputs::Static, "static: "},
        std::pair{Inputs::Symbolic, "symbolic: "}}) {
    OneNode one = one_node(op_case, how);
    infer_types(one.graph, registry());
    const std::vector<Datum> got = interpret(one.graph, registry(), one.arguments);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (how == Inputs::Constant) expect_equal(got[i], expected[i], op_case.tolerance);
      expect_fits(one.graph.value(one.graph.outputs[i]).type, expected[i], label);
    }
  }
}

// Replaces the node by its decomposition; false where it has none.
bool decompose_first(Graph& graph) {
  const NodeId id = graph.order().front();
  const OpDef& op = registry().at(graph.node(id));
  if (op.decompose == nullptr) return false;
  GraphBuilder builder(graph);
  DecomposeContext context(op, graph.node(id), builder);
  const std::vector<ValueId> replacements = op.decompose(context);
  if (replacements.empty()) return false;
  const std::vector<ValueId> outputs = graph.node(id).outputs;
  graph.erase_node(id);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i] != ValueId::None) graph.replace_uses(outputs[i], replacements.at(i));
  graph.compact();
  return true;
}

void check_decomposition(const OpCase& op_case) {
  OneNode one = one_node(op_case, Inputs::Static);
  infer_types(one.graph, registry());
  if (!decompose_first(one.graph)) return;
  infer_types(one.graph, registry());
  const std::vector<Datum> got = interpret(one.graph, registry(), one.arguments);
  const std::vector<Datum> expected = kept_outputs(op_case);
  SCOPED_TRACE("decomposed");
  for (std::size_t i = 0; i < got.size(); ++i) expect_equal(got[i], expected[i], 10 * op_case.tolerance);
}

}  // namespace

void check_cases(const std::vector<OpCase>& cases) {
  for (const OpCase& op_case : cases) {
    SCOPED_TRACE(op_case.op + ": " + op_case.what);
    try {
      check_reference_and_inference(op_case);
      check_decomposition(op_case);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

void check_error(const OpCase& op_case, const std::string& fragment) {
  SCOPED_TRACE(op_case.op + ": " + op_case.what);
  try {
    OneNode one = one_node(op_case, Inputs::Constant);
    infer_types(one.graph, registry());
    interpret(one.graph, registry(), one.arguments);
    ADD_FAILURE() << "expected an error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(fragment), std::string::npos) << error.what();
  }
}

}  // namespace atlas
