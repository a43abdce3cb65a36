// Attention that exporters spell out, found by what it computes: softmax(scale Q K^T + mask) V.
#include <algorithm>
#include <optional>

#include "atlas/graph/match.h"
#include "atlas/targets/cpu/lowering.h"

namespace atlas::cpu {
namespace {

constexpr std::size_t kRank = 4;  // [batch, heads, length, size]

bool is_of_rank(const Type& type, std::size_t rank) {
  return type.is_tensor() && type.dtype == DType::F32 && type.dims && type.dims->size() == rank;
}

class AttentionFuser {
 public:
  explicit AttentionFuser(Graph& graph) : graph_(graph), match_(graph) {}

  /// Where `node` is the softmax of an attention, that becomes one node.
  void fuse(NodeId id) {
    const Node& node = graph_.node(id);
    if (!node.domain.empty() || node.op != "Softmax" || !is_last_axis(node)) return;
    const std::optional<Scores> scores = read_scores(node.inputs[0]);
    const NodeId product = user(node.outputs[0], "MatMul");
    if (!scores || product == NodeId::None) return;
    const Node& sum = graph_.node(product);
    const ValueId v = sum.inputs[1];
    const ValueId y = sum.outputs[0];
    if (sum.inputs[0] != node.outputs[0] || !fit(*scores, v, y)) return;
    Node fused{"", "Attention", sum.name, {scores->q, scores->k, v}, {y}, {}};
    if (scores->mask != ValueId::None) fused.inputs.push_back(scores->mask);
    fused.attributes.set("scale", static_cast<float>(scores->scale));
    const std::vector<NodeId> behind = put_heads_side_by_side(fused, *scores);
    for (const NodeId done : behind) graph_.erase_node(done);
    graph_.erase_node(id);
    graph_.erase_node(product);
    if (behind.empty() && !read_rows_of_one_image(fused) && scores->k == ValueId::None)
      fused.inputs[1] = with_heads_first(scores->apart);
    graph_.add_node(std::move(fused));
  }

 private:
  struct Scores {
    ValueId q = ValueId::None, mask = ValueId::None;
    ValueId k = ValueId::None;      // [batch, heads, length, size], or
    ValueId apart = ValueId::None;  // [batch, length, heads, size]
    double scale = 1;
  };

  const Dims& dims(ValueId value) const { return *graph_.value(value).type.dims; }
  bool is_heads(ValueId value) const { return is_of_rank(graph_.value(value).type, kRank); }

  bool is_last_axis(const Node& node) const {
    const std::int64_t axis = node.attributes.integer("axis", -1);
    return is_heads(node.inputs[0]) && (axis == -1 || axis == static_cast<std::int64_t>(kRank) - 1);
  }

  /// The one user of a value, where it is this operator.
  NodeId user(ValueId value, std::string_view op) const {
    if (!match_.has_one_use(value)) return NodeId::None;
    const NodeId id = match_.only_user(value);
    const Node& node = graph_.node(id);
    return node.domain.empty() && node.op == op ? id : NodeId::None;
  }

  /// What a number multiplies or divides, which goes into `scale`; the value itself where none does.
  ValueId without_scale(ValueId value, double& scale) const {
    if (const Node* mul = match_.maker(value, "Mul"))
      for (const ValueId side : mul->inputs)
        if (const std::optional<double> factor = match_.number(side)) {
          scale *= *factor;
          return Matcher::other_input(*mul, side);
        }
    if (const Node* div = match_.maker(value, "Div"))
      if (const std::optional<double> divisor = match_.number(div->inputs[1]); divisor && *divisor != 0) {
        scale /= *divisor;
        return div->inputs[0];
      }
    return value;
  }

  /// What a transposition with this order turns, or None.
  ValueId transposed(ValueId value, const std::vector<std::int64_t>& order) const {
    const Node* node = match_.maker(value, "Transpose");
    return node != nullptr && node->attributes.integers("perm") == order ? node->inputs[0] : ValueId::None;
  }

  std::optional<Scores> read_scores(ValueId value) const {
    Scores scores;
    if (const Node* add = match_.has_one_use(value) ? match_.maker(value, "Add") : nullptr)
      for (const ValueId side : add->inputs) {
        if (!is_product(side)) continue;
        scores.mask = Matcher::other_input(*add, side);
        if (!is_mask(scores.mask, value)) return std::nullopt;
        value = side;
        break;
      }
    if (!match_.has_one_use(value)) return std::nullopt;
    value = without_scale(value, scores.scale);
    const Node* product = match_.has_one_use(value) ? match_.maker(value, "MatMul") : nullptr;
    if (product == nullptr) return std::nullopt;
    scores.q = without_scale(product->inputs[0], scores.scale);
    const ValueId turned = without_scale(product->inputs[1], scores.scale);
    scores.k = transposed(turned, {0, 1, 3, 2});
    scores.apart = transposed(turned, {0, 2, 3, 1});
    return scores;
  }

  bool is_product(ValueId value) const {
    double scale = 1;
    return match_.maker(without_scale(value, scale), "MatMul") != nullptr;
  }

  /// Attention takes keys beyond the mask's last axis for masked: it must have them all.
  bool is_mask(ValueId mask, ValueId scores) const {
    if (mask == ValueId::None) return false;
    const Type& type = graph_.value(mask).type;
    return type.is_tensor() && type.dtype == DType::F32 && type.dims && type.dims->size() >= 2 &&
           type.dims->size() <= kRank && type.dims->back() == dims(scores).back();
  }

  bool fit(const Scores& scores, ValueId v, ValueId y) const {
    const ValueId keys = scores.k != ValueId::None ? scores.k : scores.apart;
    if (keys == ValueId::None || !is_heads(scores.q) || !is_heads(keys) || !is_heads(v) || !is_heads(y))
      return false;
    const Dims &q = dims(scores.q), &values = dims(v);
    Dims k = dims(keys);
    if (scores.k == ValueId::None) std::swap(k[1], k[2]);
    // As many heads on both sides; shared ones would need a broadcast that Attention does not do.
    return q[0] == k[0] && q[0] == values[0] && q[1] == k[1] && q[1] == values[1] && q[3] == k[3] &&
           k[2] == values[2];
  }

  /// [batch, length, heads * size], of which `split` shows the heads apart; or None.
  ValueId together(ValueId split) const {
    const Node* reshape = match_.maker(split, "Reshape");
    if (reshape == nullptr || !is_heads(split)) return ValueId::None;
    const ValueId x = reshape->inputs[0];
    return is_of_rank(graph_.value(x).type, 3) && are_joined(dims(split), dims(x)) ? x : ValueId::None;
  }

  static bool are_joined(const Dims& apart, const Dims& joined) {
    return apart[0] == joined[0] && apart[1] == joined[1] && apart[2].is_constant() &&
           apart[3].is_constant() && joined[2] == Dim(apart[2].value() * apart[3].value());
  }

  /// Where queries, keys and values come from the layout with the heads side by side and results go there,
  /// the node reads and writes that: no transpositions. Gives the nodes behind whose work it does then.
  std::vector<NodeId> put_heads_side_by_side(Node& fused, const Scores& scores) const {
    const NodeId turned = user(fused.outputs[0], "Transpose");
    if (turned == NodeId::None) return {};
    const ValueId z = graph_.node(turned).outputs[0];
    const NodeId joined = user(z, "Reshape");
    if (joined == NodeId::None || transposed(z, {0, 2, 1, 3}) == ValueId::None || !is_heads(z)) return {};
    const ValueId out = graph_.node(joined).outputs[0];
    if (!is_of_rank(graph_.value(out).type, 3) || !are_joined(dims(z), dims(out))) return {};
    const auto apart = [&](ValueId value) { return transposed(value, {0, 2, 1, 3}); };
    const ValueId parts[] = {together(apart(scores.q)),
                             together(scores.k == ValueId::None ? scores.apart : apart(scores.k)),
                             together(apart(fused.inputs[2]))};
    if (std::ranges::find(parts, ValueId::None) != std::end(parts)) return {};
    std::ranges::copy(parts, fused.inputs.begin());
    fused.outputs = {out};
    const std::int64_t heads = dims(z)[2].value();
    fused.attributes.set("q_num_heads", heads);
    fused.attributes.set("kv_num_heads", heads);
    return {turned, joined};
  }

  /// [length, heads, size], where `heads`, [1, heads, length, size], is that turned as if heads were a batch
  /// of matrices; or None.
  ValueId rows_of_one_image(ValueId heads) const {
    const Node* reshape = match_.maker(heads, "Reshape");
    const ValueId x = reshape == nullptr ? ValueId::None : transposed(reshape->inputs[0], {1, 0, 2});
    if (x == ValueId::None || !is_heads(heads) || !is_of_rank(graph_.value(x).type, 3)) return ValueId::None;
    const Dims &from = dims(x), &to = dims(heads);
    const bool fits = to[0] == Dim(1) && to[1] == from[1] && to[2] == from[0] && to[3] == from[2];
    const std::optional<Shape> shape = constant_shape(from);
    return fits && shape && std::ranges::find(*shape, 0) == shape->end() ? x : ValueId::None;
  }

  /// PyTorch's attention has the batch behind the rows. That of one image lies in memory as heads side by
  /// side do: the node then reads and writes these, through reshapes that move nothing.
  bool read_rows_of_one_image(Node& fused) {
    const NodeId turned = user(fused.outputs[0], "Transpose");
    if (turned == NodeId::None || fused.inputs[1] == ValueId::None) return false;
    const ValueId z = graph_.node(turned).outputs[0];
    if (transposed(z, {2, 0, 1, 3}) == ValueId::None || !is_heads(z)) return false;
    const std::optional<Shape> result = constant_shape(dims(fused.outputs[0]));
    if (!result) return false;
    ValueId parts[3];
    for (std::size_t i = 0; i < 3; ++i) {
      parts[i] = rows_of_one_image(fused.inputs[i]);
      if (parts[i] == ValueId::None) return false;
    }
    const Shape rows = *result;
    for (std::size_t i = 0; i < 3; ++i) {
      const Shape from = *constant_shape(dims(parts[i]));
      fused.inputs[i] = graph_.add_value(graph_.value(parts[i]).name + "/joined", Type());
      reshape(parts[i], {1, from[0], from[1] * from[2]}, fused.inputs[i]);
    }
    fused.outputs = {graph_.add_value(graph_.value(z).name + "/joined", Type())};
    graph_.value(fused.outputs[0]).type = Type::tensor(DType::F32, Dims{1, rows[2], rows[1] * rows[3]});
    graph_.erase_node(turned);
    reshape(fused.outputs[0], {rows[2], 1, rows[1], rows[3]}, z);
    fused.attributes.set("q_num_heads", rows[1]);
    fused.attributes.set("kv_num_heads", rows[1]);
    return true;
  }

  /// A node that gives `to` the elements of `from` in this shape.
  void reshape(ValueId from, const Shape& shape, ValueId to) {
    graph_.value(to).type = Type::tensor(DType::F32, Dims(shape.begin(), shape.end()));
    const ValueId wanted = graph_.add_constant("", Tensor::of_ints(shape));
    graph_.add_node({"", "Reshape", "", {from, wanted}, {to}, {}});
  }

  ValueId with_heads_first(ValueId apart) {
    Type type = graph_.value(apart).type;
    std::swap((*type.dims)[1], (*type.dims)[2]);
    const ValueId out = graph_.add_value(graph_.value(apart).name + "/heads", std::move(type));
    Node turn{"", "Transpose", "", {apart}, {out}, {}};
    turn.attributes.set("perm", std::vector<std::int64_t>{0, 2, 1, 3});
    graph_.add_node(std::move(turn));
    return out;
  }

  Graph& graph_;
  Matcher match_;
};

}  // namespace

void fuse_attention(Graph& graph) {
  AttentionFuser fuser(graph);
  for (const NodeId id : graph.order())
    if (!graph.is_erased(id)) fuser.fuse(id);
}

}  // namespace atlas::cpu
