// interpret(), with what a Program promises besides.
#include "atlas/targets/reference/reference_target.h"

#include "atlas/base/error.h"
#include "atlas/ops/interpreter.h"
#include "atlas/targets/run_contract.h"

namespace atlas {
namespace {

class NodeView : public StepView {
 public:
  NodeView(const Graph& graph, const Node& node, std::span<const Datum> inputs,
           std::span<const Datum> outputs)
      : graph_(graph), node_(node), inputs_(inputs), outputs_(outputs) {}

  const Graph& graph() const override { return graph_; }
  const Node& node() const override { return node_; }
  const Datum& datum(ValueId value) const override {
    static const Datum none;
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (node_.inputs[i] == value) return inputs_[i];
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      if (node_.outputs[i] == value) return outputs_[i];
    return none;
  }
  bool is_fallback() const override { return false; }
  MemoryUse memory() const override { return {}; }

 private:
  const Graph& graph_;
  const Node& node_;
  std::span<const Datum> inputs_;
  std::span<const Datum> outputs_;
};

class Watch : public NodeWatch {
 public:
  explicit Watch(const RunOptions& options) : options_(options) {}

  void begin(const Graph& graph, const Node& node, std::span<const Datum> inputs) override {
    if (options_.cancelled != nullptr && options_.cancelled->load(std::memory_order_relaxed))
      fail(ErrorCode::Cancelled, "run cancelled before {}", describe(node));
    if (options_.deadline && std::chrono::steady_clock::now() > *options_.deadline)
      fail(ErrorCode::DeadlineExceeded, "run out of time before {}", describe(node));
    if (options_.observer) options_.observer->begin(NodeView(graph, node, inputs, {}));
  }
  void end(const Graph& graph, const Node& node, std::span<const Datum> inputs,
           std::span<const Datum> outputs) override {
    if (options_.observer) options_.observer->end(NodeView(graph, node, inputs, outputs));
  }

 private:
  const RunOptions& options_;
};

class ReferenceProgram : public Program {
 public:
  ReferenceProgram(Graph graph, const OpRegistry& ops) : graph_(std::move(graph)), ops_(ops) {}

  void run(std::span<const Datum> inputs, std::span<Datum> outputs, const RunOptions& options) override {
    SymbolTable symbols;
    bind_inputs(graph_, inputs, symbols);
    Watch watch(options);
    std::vector<Datum> results = interpret(graph_, ops_, inputs, options.seed, watch);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (outputs[i].is_tensor() && results[i].is_tensor())
        copy_output(results[i].tensor(), outputs[i].tensor(), graph_.value(graph_.outputs[i]).name);
      else
        outputs[i] = std::move(results[i]);
    }
  }
  std::vector<std::string> fallbacks() const override { return {}; }

 private:
  Graph graph_;
  const OpRegistry& ops_;
};

class ReferenceTarget : public Target {
 public:
  std::string_view name() const override { return "reference"; }
  std::unique_ptr<Program> compile(Graph graph, const OpRegistry& ops,
                                   const CompileOptions& options) const override {
    if (options.precision != Precision::F32)
      fail(ErrorCode::Unsupported, "target {}: expected precision f32, got {}", name(),
           atlas::name(options.precision));
    for (const NodeId id : graph.order())
      if (ops.at(graph.node(id)).reference == nullptr)
        fail(ErrorCode::Unsupported, "{}: has no implementation", describe(graph.node(id)));
    return std::make_unique<ReferenceProgram>(std::move(graph), ops);
  }
  std::vector<NodeSupport> survey(const Graph& graph, const OpRegistry& ops) const override {
    std::vector<NodeSupport> out;
    for (const NodeId id : graph.order()) {
      const Node& node = graph.node(id);
      const OpDef* op = ops.find(node);
      const bool runs = op != nullptr && op->reference != nullptr;
      out.push_back({runs ? NodeSupport::Kind::Native : NodeSupport::Kind::Missing, describe(node),
                     runs ? "" : "has no implementation"});
      for_each_subgraph(node, [&](const Graph& nested) {
        for (NodeSupport& inside : survey(nested, ops)) out.push_back(std::move(inside));
      });
    }
    return out;
  }
};

}  // namespace

std::unique_ptr<Target> reference_target() {
  return std::make_unique<ReferenceTarget>();
}

}  // namespace atlas
