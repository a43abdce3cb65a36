// Cases become graphs of one node; the kernels answer to the references.
#include "atlas/run/kernel_harness_test.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "atlas/base/error.h"
#include "atlas/graph/builder.h"
#include "atlas/ops/infer.h"
#include "atlas/ops/interpreter.h"
#include "atlas/run/compiled_model.h"

namespace atlas {
namespace {

const Registry& registry() {
  static const Registry all = standard_registry();
  return all;
}

struct OneNode {
  Graph graph;
  std::vector<Datum> arguments;
};

OneNode one_node(const KernelCase& kernel_case, bool constant_operands) {
  OneNode out;
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < kernel_case.inputs.size(); ++i) {
    const Datum& datum = kernel_case.inputs[i];
    if (datum.is_empty()) {
      inputs.push_back(ValueId::None);
    } else if (constant_operands && i > 0) {
      inputs.push_back(out.graph.add_constant("c", datum.tensor()));
    } else {
      const Tensor& tensor = datum.tensor();
      inputs.push_back(out.graph.add_input("x", Type::tensor(tensor.dtype(), dims_of(tensor.shape()))));
      out.arguments.push_back(datum);
    }
  }
  out.graph.outputs =
      GraphBuilder(out.graph).ops(kernel_case.op, inputs, kernel_case.outputs, kernel_case.attributes);
  return out;
}

// What was packed, written and mapped gives the same bits. Weights that were packed away are zeros then: a
// kernel that reads them all the same fails here.
void check_compiled(const Graph& graph, const std::vector<Datum>& inputs,
                    const std::vector<Datum>& expected) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("atlas_run_test_{}.atlas", getpid());
  const SessionOptions options{.threads = 1};
  compile_to_file(graph, path, registry(), options, false);
  const OpenedSession opened = open_session(path, registry(), options);
  std::filesystem::remove(path);
  const std::vector<Datum> got = opened.session.run(inputs);
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(difference(got[i], expected[i], {0, 0}), "") << "output " << i << ", of a compiled file";
}

}  // namespace

void check_graph(const Graph& graph, const std::vector<Datum>& inputs, const Tolerance& tolerance) {
  Graph typed = graph;
  infer_types(typed, registry().ops);
  const std::vector<Datum> expected = interpret(typed, registry().ops, inputs);
  for (const std::size_t threads : {1, 2}) {
    const Session session(graph, registry(), {.threads = threads});
    EXPECT_TRUE(session.fallbacks().empty()) << "runs by its reference: " << session.fallbacks().front();
    if (threads == 1) check_compiled(graph, inputs, session.run(inputs));
    // Twice: what the first run leaves in memory must not show in the second.
    for (int run = 0; run < 2; ++run) {
      const std::vector<Datum> got = session.run(inputs);
      for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(difference(got[i], expected[i], tolerance), "")
            << "output " << i << ", " << threads << " threads, run " << run;
    }
  }
}

void check_kernels(const std::vector<KernelCase>& cases) {
  for (const KernelCase& kernel_case : cases) {
    std::string what = kernel_case.op;
    for (const Datum& input : kernel_case.inputs) what += " " + text(input);
    for (const bool constant_operands : {false, true}) {
      if (constant_operands && kernel_case.inputs.size() < 2) continue;
      SCOPED_TRACE(what + (constant_operands ? ", constant operands" : ""));
      try {
        const OneNode one = one_node(kernel_case, constant_operands);
        check_graph(one.graph, one.arguments, kernel_case.tolerance);
      } catch (const Error& error) {
        ADD_FAILURE() << error.what();
      }
    }
  }
}

void check_kernel_error(const KernelCase& kernel_case, const std::string& fragment) {
  const OneNode one = one_node(kernel_case, false);
  try {
    const Session session(one.graph, registry(), {.threads = 1});
    session.run(one.arguments);
    ADD_FAILURE() << kernel_case.op << ": expected an error with \"" << fragment << "\"";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(fragment), std::string::npos) << error.what();
  }
}

Tensor RandomTensors::floats(Shape shape, float low, float high) {
  Tensor out(DType::F32, std::move(shape));
  std::uniform_real_distribution<float> uniform(low, high);
  for (float& value : out.values_mutable<float>()) value = uniform(generator_);
  return out;
}

Tensor RandomTensors::bools(Shape shape) {
  Tensor out(DType::Bool, std::move(shape));
  for (bool& value : out.values_mutable<bool>()) value = generator_() % 2 == 0;
  return out;
}

}  // namespace atlas
