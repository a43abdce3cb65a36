// Recursive descent over the text form.
#include "atlas/graph/text_parser.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "atlas/base/error.h"
#include "atlas/graph/tensor_text.h"

namespace atlas {
namespace {

constexpr int kMaxTypeDepth = 32;

Dims read_dims(TextCursor& cursor) {
  Dims dims;
  cursor.expect('[');
  while (!cursor.take(']')) {
    if (!dims.empty()) cursor.expect(',');
    const std::string_view dimension = cursor.dimension();
    try {
      dims.push_back(Dim::parse(dimension));
    } catch (const Error& error) {
      cursor.fail_here("{}", error.what());
    }
  }
  return dims;
}

Type read_tensor_type(TextCursor& cursor) {
  const std::string_view word = cursor.peek_word();
  const std::optional<DType> dtype = word == "any" ? DType::Undefined : dtype_from_name(word);
  if (!dtype) cursor.fail_here("expected a type, got '{}'", word);
  cursor.expect_word(word);
  Type type = Type::tensor(*dtype);
  if (cursor.peek() == '[') type.dims = read_dims(cursor);
  return type;
}

Type read_type(TextCursor& cursor, int depth = 0) {
  if (depth > kMaxTypeDepth) cursor.fail_here("types nest more than {} deep", kMaxTypeDepth);
  if (cursor.take('?')) return {};
  const bool sparse = cursor.take_word("sparse");
  const bool sequence = !sparse && cursor.take_word("sequence");
  const bool optional = !sparse && !sequence && cursor.take_word("optional");
  const bool map = !sparse && !sequence && !optional && cursor.take_word("map");
  if (!sparse && !sequence && !optional && !map) return read_tensor_type(cursor);

  Type out;
  cursor.expect('(');
  if (sparse) {
    out = read_tensor_type(cursor);
    out.kind = Type::Kind::SparseTensor;
  } else if (sequence) {
    out = Type::sequence(read_type(cursor, depth + 1));
  } else if (optional) {
    out = Type::optional(read_type(cursor, depth + 1));
  } else {
    const std::string_view key = cursor.peek_word();
    const std::optional<DType> dtype = dtype_from_name(key);
    if (!dtype) cursor.fail_here("expected the type of the keys, got '{}'", key);
    cursor.expect_word(key);
    cursor.expect(',');
    out = Type::map(*dtype, read_type(cursor, depth + 1));
  }
  cursor.expect(')');
  return out;
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view where, const Limits& limits)
      : cursor_(text, where), budget_(limits) {}

  Graph whole() {
    Graph out = graph(nullptr, 0);
    if (!cursor_.at_end()) cursor_.fail_here("expected the end of the text after the graph");
    return out;
  }

  Attributes attributes_within(Graph& outer) {
    Scope scope{outer};
    scope.is_complete = true;
    Attributes out;
    for (bool first = true; !cursor_.at_end(); first = false) {
      if (!first) cursor_.expect(',');
      named_attribute(out, scope);
    }
    return out;
  }

 private:
  // The graph under construction and what its names have been so far.
  struct Scope {
    Graph& graph;
    Scope* outer = nullptr;
    bool is_complete = false;  // it holds all its values already
    std::unordered_set<std::string> defined;
    std::unordered_map<std::string, ValueId> values;
    int depth = 0;
  };

  Graph graph(Scope* outer, int depth) {
    within([&] { return cursor_.here(); }, [&] { budget_.enter_graph(depth); });
    cursor_.expect_word("graph");
    Graph out;
    Scope scope{out, outer};
    scope.depth = depth;
    out.name = cursor_.quoted("the name of the graph in quotes");
    cursor_.expect('{');
    while (!cursor_.take('}')) statement(scope);
    for (const auto& [name, id] : scope.values)
      if (!scope.defined.contains(name))
        cursor_.fail_here("'{}' is used in graph '{}' but never defined", name, out.name);
    return out;
  }

  void statement(Scope& scope) {
    if (cursor_.take_word("meta")) {
      const std::string key = cursor_.quoted("a key in quotes");
      cursor_.expect('=');
      scope.graph.metadata[key] = cursor_.quoted("a value in quotes");
    } else if (cursor_.take_word("function")) {
      scope.graph.functions.push_back(function(scope));
    } else if (cursor_.take_word("input")) {
      const ValueId id = definition(scope);
      scope.graph.inputs.push_back(id);
      if (cursor_.take('=')) scope.graph.value(id).constant = read_tensor(cursor_);
    } else if (cursor_.take_word("capture")) {
      const ValueId inner = definition(scope);
      cursor_.expect('=');
      if (scope.outer == nullptr) cursor_.fail_here("only a nested graph can capture");
      scope.graph.captures.push_back({use(*scope.outer), inner});
    } else if (cursor_.take_word("const")) {
      const ValueId id = define(scope, cursor_.name("a name"), {});
      cursor_.expect('=');
      Value& value = scope.graph.value(id);
      value.constant = read_tensor(cursor_);
      value.type = Type::tensor(value.constant.dtype(), dims_of(value.constant.shape()));
    } else if (cursor_.take_word("output")) {
      scope.graph.outputs.push_back(use(scope));
    } else {
      node(scope);
    }
  }

  Function function(Scope& scope) {
    Function out;
    out.domain = cursor_.name("the domain of the function");
    cursor_.expect(':');
    cursor_.expect(':');
    out.name = cursor_.name("the name of the function");
    if (cursor_.peek() == '"') out.overload = cursor_.quoted("an overload");
    cursor_.expect('(');
    for (bool first = true; !cursor_.take(')'); first = false) {
      if (!first) cursor_.expect(',');
      std::string name = cursor_.name("the name of an attribute");
      if (cursor_.take('=')) {
        out.attributes.set(std::move(name), attribute(nullptr, scope.depth + 1));
      } else {
        out.required_attributes.push_back(std::move(name));
      }
    }
    out.body = graph(nullptr, scope.depth + 1);
    return out;
  }

  void node(Scope& scope) {
    Node out;
    if (cursor_.take('(')) {
      cursor_.expect(')');
    } else {
      do {
        out.outputs.push_back(cursor_.take_word("_") ? ValueId::None : definition(scope));
      } while (cursor_.take(','));
    }
    cursor_.expect('=');
    operator_name(out);
    if (cursor_.peek() == '"') out.name = cursor_.quoted("the name of the node");
    cursor_.expect('(');
    while (!cursor_.take(')')) {
      if (!out.inputs.empty()) cursor_.expect(',');
      out.inputs.push_back(cursor_.take_word("_") ? ValueId::None : use(scope));
    }
    if (cursor_.take('{')) {
      for (bool first = true; !cursor_.take('}'); first = false) {
        if (!first) cursor_.expect(',');
        named_attribute(out.attributes, scope);
      }
    }
    within([&] { return cursor_.here(); }, [&] { budget_.add_node(); });
    scope.graph.add_node(std::move(out));
  }

  void named_attribute(Attributes& out, Scope& scope) {
    std::string name = cursor_.name("the name of an attribute");
    if (out.has(name)) cursor_.fail_here("attribute '{}' stands twice", name);
    cursor_.expect('=');
    out.set(std::move(name), attribute(&scope, scope.depth + 1));
  }

  // Op, domain::Op, domain::Op::overload; the domain of ai.onnx with an overload is "".
  void operator_name(Node& node) {
    std::string first = cursor_.name("an operator");
    if (cursor_.take(':')) {
      cursor_.expect(':');
      node.domain = std::move(first);
      first = cursor_.name("an operator");
    }
    node.op = std::move(first);
    if (node.op.empty()) cursor_.fail_here("expected an operator, got an empty name");
    if (cursor_.take(':')) {
      cursor_.expect(':');
      node.overload = cursor_.name("an overload");
    }
  }

  Attribute attribute(Scope* scope, int depth) {
    if (cursor_.peek() == '[') return list(scope, depth);
    for (const Attribute& empty : kEmptyLists) {
      if (!cursor_.take_word(kind_name(empty))) continue;
      cursor_.expect('[');
      cursor_.expect(']');
      return empty;
    }
    return scalar(scope, depth);
  }

  Attribute scalar(Scope* scope, int depth) {
    const char next = cursor_.peek();
    const std::string_view word = cursor_.peek_word();
    if (next == '"') return cursor_.quoted("a string");
    if (cursor_.take('@')) return reference();
    if (word == "graph") return Box<Graph>(graph(scope, depth));
    if (cursor_.take_word("type")) return read_type(cursor_);
    if (word == "sparse") return sparse();
    if (word == "inf" || word == "nan") return read_float(cursor_);
    if (!word.empty()) return read_tensor(cursor_);
    TextCursor ahead = cursor_;
    const std::string_view token = ahead.number("the value of an attribute");
    if (token.find_first_of(".ein") != std::string_view::npos) return read_float(cursor_);
    return cursor_.integer("an integer");
  }

  template <typename Element, typename Kind>
  Attribute rest(Element first, Scope* scope, int depth) {
    std::vector<Element> out;
    out.push_back(std::move(first));
    while (!cursor_.take(']')) {
      cursor_.expect(',');
      Attribute next = scalar(scope, depth);
      Kind* value = std::get_if<Kind>(&next);
      if (value == nullptr)
        cursor_.fail_here("expected {} as the elements before, got {}", kind_name(Kind{}), kind_name(next));
      if constexpr (std::is_same_v<Kind, Box<Graph>>) {
        out.push_back(std::move(**value));
      } else {
        out.push_back(std::move(*value));
      }
    }
    return out;
  }

  Attribute list(Scope* scope, int depth) {
    cursor_.expect('[');
    Attribute first = scalar(scope, depth);
    return std::visit(
        [&](auto& value) -> Attribute {
          using T = std::remove_reference_t<decltype(value)>;
          if constexpr (std::is_same_v<T, Box<Graph>>) {
            return rest<Graph, T>(std::move(*value), scope, depth);
          } else if constexpr (std::is_constructible_v<Attribute, std::vector<T>>) {
            return rest<T, T>(std::move(value), scope, depth);
          } else {
            cursor_.fail_here("there are no lists of {}", kind_name(first));
          }
        },
        first);
  }

  AttributeReference reference() {
    AttributeReference out{cursor_.name("the name of an attribute")};
    if (!cursor_.take(':')) return out;
    const std::string kind = cursor_.name("the kind of an attribute");
    const auto at = std::ranges::find(kReferenceKinds, kind);
    if (at == kReferenceKinds.end()) cursor_.fail_here("expected the kind of an attribute, got '{}'", kind);
    out.kind = static_cast<int>(at - kReferenceKinds.begin());
    return out;
  }

  SparseTensor sparse() {
    cursor_.expect_word("sparse");
    const std::optional<std::vector<std::int64_t>> shape = constant_shape(read_dims(cursor_));
    if (!shape) cursor_.fail_here("expected the extents of a sparse tensor");
    Tensor values = read_tensor(cursor_);
    Tensor indices = read_tensor(cursor_);
    return {std::move(values), std::move(indices), *shape};
  }

  ValueId definition(Scope& scope) {
    std::string name = cursor_.name("a name");
    cursor_.expect(':');
    return define(scope, std::move(name), read_type(cursor_));
  }

  ValueId define(Scope& scope, std::string name, Type type) {
    if (!scope.defined.insert(name).second)
      cursor_.fail_here("'{}' is defined twice in graph '{}'", name, scope.graph.name);
    const ValueId id = find(scope, std::move(name));
    scope.graph.value(id).type = std::move(type);
    return id;
  }

  ValueId use(Scope& scope) { return find(scope, cursor_.name("a name")); }

  ValueId find(Scope& scope, std::string name) {
    if (name.empty()) cursor_.fail_here("expected a name, got an empty one");
    if (scope.is_complete) {
      const ValueId id = scope.graph.find(name);
      if (id == ValueId::None) cursor_.fail_here("there is no '{}' in graph '{}'", name, scope.graph.name);
      return id;
    }
    const auto [at, fresh] = scope.values.try_emplace(std::move(name), ValueId::None);
    if (fresh) at->second = scope.graph.add_value(at->first);
    return at->second;
  }

  static inline const std::vector<Attribute> kEmptyLists = {
      std::vector<std::int64_t>{}, std::vector<float>{}, std::vector<std::string>{},
      std::vector<Tensor>{},       std::vector<Graph>{}, std::vector<Type>{}};

  TextCursor cursor_;
  GraphBudget budget_;
};

}  // namespace

Graph parse_graph(std::string_view text, std::string_view where, const Limits& limits) {
  const MemoryScope scope(limits.memory);
  return Parser(text, where, limits).whole();
}

Attributes parse_attributes(std::string_view text, Graph& outer) {
  return Parser(text, "attributes", {}).attributes_within(outer);
}

Type parse_type(std::string_view text) {
  TextCursor cursor(text, "type");
  Type out = read_type(cursor);
  if (!cursor.at_end()) cursor.fail_here("expected the end of the type");
  return out;
}

}  // namespace atlas
