// Inference walks nodes in order and keeps what is known of contents on the side.
#include "atlas/ops/infer.h"

#include "atlas/base/error.h"

namespace atlas {
namespace {

constexpr int kMaxNesting = 64;

class Inference {
 public:
  Inference(const OpRegistry& registry, const ContentVisitor* visit, int depth)
      : registry_(registry), visit_(visit), depth_(depth) {
    require(depth < kMaxNesting, "graph: nested graphs deeper than {}", kMaxNesting);
  }

  void run(Graph& graph, const std::vector<Knowledge>& captured) {
    contents_.assign(graph.value_count(), std::nullopt);
    constants_.assign(graph.value_count(), nullptr);
    for (std::size_t i = 0; i < graph.captures.size() && i < captured.size(); ++i) {
      const ValueId inner = graph.captures[i].inner;
      graph.value(inner).type = captured[i].type;
      contents_[index(inner)] = captured[i].content;
      constants_[index(inner)] = captured[i].constant;
    }
    for (std::size_t i = 0; i < graph.value_count(); ++i) {
      const ValueId id{static_cast<std::int32_t>(i)};
      if (graph.is_constant(id)) constants_[i] = &graph.value(id).constant;
    }
    for (const NodeId id : graph.order()) infer(graph, id);
    if (visit_ != nullptr) visit_contents(graph);
  }

  Knowledge known(const Graph& graph, ValueId id) const {
    if (id == ValueId::None) return {};
    return {graph.value(id).type, constants_[index(id)], contents_[index(id)]};
  }

 private:
  void visit_contents(Graph& graph) const {
    for (std::size_t i = 0; i < contents_.size(); ++i) {
      const ValueId id{static_cast<std::int32_t>(i)};
      if (!contents_[i] || graph.value(id).producer == NodeId::None) continue;
      if (const auto numbers = constant_shape(*contents_[i])) (*visit_)(graph, id, *numbers);
    }
  }

  void infer(Graph& graph, NodeId id) {
    Node& node = graph.node(id);
    const OpDef* op = registry_.find(node);
    if (op == nullptr) return;
    std::vector<Knowledge> inputs;
    for (const ValueId input : node.inputs) inputs.push_back(known(graph, input));
    const auto infer_body = [&](Graph& body, const std::vector<Type>& body_inputs) {
      return infer_nested(graph, body, body_inputs);
    };
    const std::vector<Knowledge> results = infer_node(*op, node, std::move(inputs), infer_body);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueId output = node.outputs[i];
      if (output == ValueId::None) continue;
      Type& type = graph.value(output).type;
      type = unify(results[i].type, type, describe(node) + " output '" + graph.value(output).name + "'");
      contents_[index(output)] = results[i].content;
    }
  }

  std::vector<Knowledge> infer_nested(const Graph& outer, Graph& body, const std::vector<Type>& inputs) {
    std::vector<Knowledge> captured;
    for (const Capture& capture : body.captures) captured.push_back(known(outer, capture.outer));
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i].is_known()) body.value(body.inputs[i]).type = inputs[i];
    Inference nested(registry_, nullptr, depth_ + 1);
    nested.run(body, captured);
    std::vector<Knowledge> out;
    for (const ValueId output : body.outputs) out.push_back(nested.known(body, output));
    return out;
  }

  const OpRegistry& registry_;
  const ContentVisitor* visit_;  // may be null
  int depth_;
  std::vector<std::optional<Dims>> contents_;
  std::vector<const Tensor*> constants_;
};

}  // namespace

std::vector<Knowledge> infer_node(const OpDef& op, Node& node, std::vector<Knowledge> inputs,
                                  InferContext::InferBody infer_body) {
  std::vector<Type> types;
  for (const Knowledge& input : inputs) types.push_back(input.type);
  op.schema.check(node, types);
  InferContext context(op, node, std::move(inputs), std::move(infer_body));
  if (op.infer != nullptr) op.infer(context);
  return context.results();
}

void infer_types(Graph& graph, const OpRegistry& registry) {
  Inference(registry, nullptr, 0).run(graph, {});
}

void infer_types(Graph& graph, const OpRegistry& registry, const ContentVisitor& visit) {
  Inference(registry, &visit, 0).run(graph, {});
}

}  // namespace atlas
