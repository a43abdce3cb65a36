// C++ over the C interface: handles that free themselves, spans over tensors, errors as exceptions.
//
//   atlas::Session session("model.onnx");
//   std::vector<float> pixels(3 * 224 * 224);
//   std::vector<atlas::Datum> outputs = session.run({atlas::Datum::view<float>({1, 3, 224, 224}, pixels)});
//   for (float score : outputs[0].values<float>()) ...
//
// Needs C++20, and nothing of Atlas but <atlas/atlas.h> and the library.
#ifndef ATLAS_ATLAS_HPP
#define ATLAS_ATLAS_HPP

#include <atlas/atlas.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atlas {

/// What the library reports; the message is that of the command line.
class Error : public std::runtime_error {
 public:
  Error(AtlasStatus status, const std::string& message) : std::runtime_error(message), status_(status) {}
  /// ATLAS_INVALID_ARGUMENT, ATLAS_NOT_FOUND, ...
  AtlasStatus status() const { return status_; }

 private:
  AtlasStatus status_;
};

namespace detail {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

template <typename T, auto Free>
using Handle = std::unique_ptr<T, Freed<Free>>;

/// Calls `function(arguments..., &error)` and throws what it reports.
template <typename Function, typename... Arguments>
void call(Function function, Arguments... arguments) {
  AtlasError* raw = nullptr;
  const AtlasStatus status = function(arguments..., &raw);
  const Handle<AtlasError, atlas_error_free> error(raw);
  if (status == ATLAS_OK) return;
  throw Error(status, error ? atlas_error_message(error.get()) : atlas_status_name(status));
}

template <typename T>
inline constexpr AtlasDType dtype_of = 0;
template <>
inline constexpr AtlasDType dtype_of<float> = ATLAS_F32;
template <>
inline constexpr AtlasDType dtype_of<double> = ATLAS_F64;
template <>
inline constexpr AtlasDType dtype_of<std::int8_t> = ATLAS_I8;
template <>
inline constexpr AtlasDType dtype_of<std::int16_t> = ATLAS_I16;
template <>
inline constexpr AtlasDType dtype_of<std::int32_t> = ATLAS_I32;
template <>
inline constexpr AtlasDType dtype_of<std::int64_t> = ATLAS_I64;
template <>
inline constexpr AtlasDType dtype_of<std::uint8_t> = ATLAS_U8;
template <>
inline constexpr AtlasDType dtype_of<std::uint16_t> = ATLAS_U16;
template <>
inline constexpr AtlasDType dtype_of<std::uint32_t> = ATLAS_U32;
template <>
inline constexpr AtlasDType dtype_of<std::uint64_t> = ATLAS_U64;
template <>
inline constexpr AtlasDType dtype_of<bool> = ATLAS_BOOL;

}  // namespace detail

using Shape = std::vector<std::int64_t>;

/// A tensor, or a sequence or map of them. Copies share the memory.
class Datum {
 public:
  /// Nothing: an input that keeps its default, an output for Atlas to make.
  Datum() = default;
  /// Takes over a handle of the C interface.
  explicit Datum(AtlasDatum* handle) : handle_(handle) {}
  Datum(const Datum& other) {
    if (!other.handle_) return;
    AtlasDatum* copy = nullptr;
    detail::call(atlas_datum_share, other.get(), &copy);
    handle_.reset(copy);
  }
  Datum(Datum&&) noexcept = default;
  Datum& operator=(Datum other) noexcept {
    handle_ = std::move(other.handle_);
    return *this;
  }

  /// A tensor that holds a copy of `elements`.
  template <typename T>
  static Datum tensor(const Shape& shape, std::span<const T> elements) {
    return copy_of<T>(shape, elements);
  }
  template <typename T>
  static Datum tensor(const Shape& shape, std::initializer_list<T> elements) {
    return copy_of<T>(shape, {elements.begin(), elements.size()});
  }

  /// A tensor in the caller's memory, which is read in place and must outlive the datum and its copies.
  template <typename T>
  static Datum view(const Shape& shape, std::span<const T> elements) {
    return lend<T>(shape, const_cast<T*>(elements.data()), elements.size(), true);
  }
  /// The same for memory that Atlas may write: an output.
  template <typename T>
  static Datum view_mutable(const Shape& shape, std::span<T> elements) {
    return lend<T>(shape, elements.data(), elements.size(), false);
  }

  static Datum strings(const Shape& shape, const std::vector<std::string>& strings) {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    for (const std::string& string : strings) {
      texts.push_back(string.data());
      lengths.push_back(string.size());
    }
    std::size_t count = 1;
    for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
    if (count != strings.size())
      throw Error(ATLAS_INVALID_ARGUMENT, "strings: their number is not that of the shape");
    AtlasDatum* made = nullptr;
    detail::call(atlas_datum_strings, texts.data(), lengths.data(), shape.data(), shape.size(), &made);
    return Datum(made);
  }

  AtlasKind kind() const { return atlas_datum_kind(get()); }
  AtlasDType dtype() const { return raw().dtype; }
  Shape shape() const {
    const AtlasTensor tensor = raw();
    return Shape(tensor.shape, tensor.shape + tensor.rank);
  }

  /// The elements, valid as long as this datum. Throws where T is not their type.
  template <typename T>
  std::span<const T> values() const {
    const AtlasTensor tensor = raw();
    if (tensor.dtype != detail::dtype_of<T>)
      throw Error(ATLAS_INVALID_ARGUMENT, "values: expected element type " +
                                              std::to_string(detail::dtype_of<T>) + ", got " +
                                              std::to_string(tensor.dtype));
    return {static_cast<const T*>(tensor.data), tensor.size_bytes / sizeof(T)};
  }

  /// The elements of a tensor of strings, in row-major order.
  std::vector<std::string> strings() const {
    std::size_t count = 1;
    for (const std::int64_t extent : shape()) count *= static_cast<std::size_t>(extent);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) {
      const char* text = nullptr;
      std::size_t length = 0;
      detail::call(atlas_datum_string, get(), i, &text, &length);
      out.emplace_back(text, length);
    }
    return out;
  }

  /// The elements of a sequence; keys and values of a map.
  std::vector<Datum> elements() const {
    std::vector<Datum> out;
    for (std::size_t i = 0; i < atlas_datum_count(get()); ++i) {
      AtlasDatum* element = nullptr;
      detail::call(atlas_datum_element, get(), i, &element);
      out.emplace_back(element);
    }
    return out;
  }

  /// Shape, type and place of a tensor.
  AtlasTensor raw() const {
    AtlasTensor out = ATLAS_INIT(AtlasTensor);
    detail::call(atlas_datum_tensor, get(), &out);
    return out;
  }

  AtlasDatum* get() const { return handle_.get(); }
  AtlasDatum* release() { return handle_.release(); }

 private:
  template <typename T>
  static Datum lend(const Shape& shape, T* data, std::size_t count, bool is_read_only) {
    static_assert(detail::dtype_of<T> != 0, "not an element type of tensors");
    AtlasTensor tensor = ATLAS_INIT(AtlasTensor);
    tensor.dtype = detail::dtype_of<T>;
    tensor.is_read_only = is_read_only;
    tensor.shape = shape.data();
    tensor.rank = shape.size();
    tensor.data = data;
    tensor.size_bytes = count * sizeof(T);
    AtlasDatum* made = nullptr;
    detail::call(atlas_datum_lend, &tensor, nullptr, nullptr, &made);
    return Datum(made);
  }

  template <typename T>
  static Datum copy_of(const Shape& shape, std::span<const T> elements) {
    static_assert(detail::dtype_of<T> != 0, "not an element type of tensors");
    AtlasDatum* made = nullptr;
    detail::call(atlas_datum_new, detail::dtype_of<T>, shape.data(), shape.size(), &made);
    Datum out(made);
    const AtlasTensor tensor = out.raw();
    if (tensor.size_bytes != elements.size_bytes())
      throw Error(ATLAS_INVALID_ARGUMENT, "tensor: the number of elements is not that of the shape");
    std::copy(elements.begin(), elements.end(), static_cast<T*>(tensor.data));
    return out;
  }

  detail::Handle<AtlasDatum, atlas_datum_free> handle_;
};

/// A model: read from a file, or built one node a call.
class Graph {
 public:
  /// An edge of the graph it came from.
  struct Value {
    AtlasValueId id = ATLAS_NO_VALUE;  // an optional input left out
  };

  /// An empty graph.
  explicit Graph(const std::string& name) : Graph(made(atlas_graph_new, name.c_str())) {}
  /// ONNX, or the text form where the name ends in .txt.
  static Graph load(const std::string& path) { return Graph(made(atlas_graph_load, path.c_str())); }
  static Graph parse(const std::string& text) { return Graph(made(atlas_graph_parse, text.c_str())); }
  static Graph from_onnx(std::span<const std::byte> bytes) {
    return Graph(made(atlas_graph_from_onnx, static_cast<const void*>(bytes.data()), bytes.size()));
  }

  /// `type` as in the text form: "f32[N,3]".
  Value input(const std::string& name, const std::string& type) {
    Value out;
    detail::call(atlas_graph_input, get(), name.c_str(), type.c_str(), &out.id);
    return out;
  }
  Value constant(const Datum& tensor) {
    Value out;
    detail::call(atlas_graph_constant, get(), tensor.get(), &out.id);
    return out;
  }
  /// The output of a new node. `attributes` as in the text form: "axis=1, mode=\"edge\"".
  Value node(const std::string& op, const std::vector<Value>& inputs, const std::string& attributes = "") {
    return nodes(op, inputs, 1, attributes).front();
  }
  /// All outputs of a new node that has `count`.
  std::vector<Value> nodes(const std::string& op, const std::vector<Value>& inputs, std::size_t count,
                           const std::string& attributes = "") {
    std::vector<AtlasValueId> from;
    for (const Value& input : inputs) from.push_back(input.id);
    std::vector<AtlasValueId> to(count);
    detail::call(atlas_graph_node, get(), op.c_str(), from.data(), from.size(), attributes.c_str(), to.data(),
                 count);
    std::vector<Value> out;
    for (const AtlasValueId id : to) out.push_back({id});
    return out;
  }
  void output(Value value, const std::string& name) {
    detail::call(atlas_graph_output, get(), value.id, name.c_str());
  }
  Value find(const std::string& name) const {
    Value out;
    detail::call(atlas_graph_find, get(), name.c_str(), &out.id);
    return out;
  }

  void verify() const { detail::call(atlas_graph_verify, get()); }
  /// ONNX of this opset (0: the newest), or the text form where the name ends in .txt.
  void save(const std::string& path, std::int64_t opset = 0) const {
    detail::call(atlas_graph_save, get(), path.c_str(), opset);
  }
  std::string text() const {
    char* text = nullptr;
    detail::call(atlas_graph_text, get(), &text);
    const detail::Handle<char, atlas_string_free> owned(text);
    return text;
  }

  AtlasGraph* get() const { return handle_.get(); }

 private:
  explicit Graph(AtlasGraph* handle) : handle_(handle) {}

  template <typename Function, typename... Arguments>
  static AtlasGraph* made(Function function, Arguments... arguments) {
    AtlasGraph* out = nullptr;
    detail::call(function, arguments..., &out);
    return out;
  }

  detail::Handle<AtlasGraph, atlas_graph_free> handle_;
};

/// Ends runs from another thread.
class Cancellation {
 public:
  Cancellation() {
    AtlasCancellation* made = nullptr;
    detail::call(atlas_cancellation_new, &made);
    handle_.reset(made);
  }
  void cancel() { atlas_cancellation_cancel(handle_.get()); }
  void reset() { atlas_cancellation_reset(handle_.get()); }
  const AtlasCancellation* get() const { return handle_.get(); }

 private:
  detail::Handle<AtlasCancellation, atlas_cancellation_free> handle_;
};

struct SessionOptions {
  std::string target = "cpu";
  std::size_t threads = 0;  // 0: as many as the process may use
  bool strict = false;      // a node without a kernel is an error
  std::vector<std::string> disabled_passes;
  std::size_t memory_limit_bytes = 0;  // of the model's tensors and its runs'; 0: what the process may use
  std::size_t node_limit = 0;          // 0: a million
  std::string precision = "f32";       // what the factors of products are rounded to: or "bf16", "int8"
};

struct RunOptions {
  double timeout_s = 0;  // 0: none
  std::uint64_t seed = 0;
  const Cancellation* cancellation = nullptr;
};

/// Name and type of an input or output.
struct Port {
  std::string name;
  std::string type;  // as in the text form
  AtlasDType dtype = 0;
  bool has_default = false;
  std::optional<Shape> shape;  // -1 where an extent is not fixed; nothing where not even the rank is known
};

/// A graph compiled, ready to be run by any number of threads.
class Session {
 public:
  explicit Session(const std::string& path, const SessionOptions& options = {})
      : Session(atlas_session_open, path.c_str(), options) {}
  explicit Session(const Graph& graph, const SessionOptions& options = {})
      : Session(atlas_session_new, static_cast<const AtlasGraph*>(graph.get()), options) {}

  std::vector<Port> inputs() const { return ports(atlas_session_input, atlas_session_input_count(get())); }
  std::vector<Port> outputs() const { return ports(atlas_session_output, atlas_session_output_count(get())); }

  /// By position. A datum in `outputs` lends its memory, whose type and shape must be those of the output.
  std::vector<Datum> run(const std::vector<Datum>& inputs, std::vector<Datum> outputs = {},
                         const RunOptions& options = {}) const {
    outputs.resize(std::max(outputs.size(), atlas_session_output_count(get())));
    std::vector<const AtlasDatum*> from;
    for (const Datum& input : inputs) from.push_back(input.get());
    std::vector<AtlasDatum*> to;
    for (const Datum& output : outputs) to.push_back(output.get());
    AtlasRunOptions plain = ATLAS_INIT(AtlasRunOptions);
    plain.timeout_s = options.timeout_s;
    plain.seed = options.seed;
    plain.cancellation = options.cancellation == nullptr ? nullptr : options.cancellation->get();
    detail::call(atlas_session_run, get(), from.data(), from.size(), to.data(), to.size(),
                 static_cast<const AtlasRunOptions*>(&plain));
    for (std::size_t i = 0; i < to.size(); ++i)
      if (outputs[i].get() == nullptr) outputs[i] = Datum(to[i]);
    return outputs;
  }

  /// By name. Inputs that are not named keep their defaults.
  std::map<std::string, Datum> run(const std::map<std::string, Datum>& inputs,
                                   const RunOptions& options = {}) const {
    std::vector<Datum> ordered;
    std::size_t used = 0;
    for (const Port& port : this->inputs()) {
      const auto named = inputs.find(port.name);
      used += named != inputs.end();
      ordered.push_back(named == inputs.end() ? Datum() : named->second);
    }
    if (used != inputs.size())
      throw Error(ATLAS_INVALID_ARGUMENT, "run: a name is none of the session's inputs");
    std::vector<Datum> results = run(ordered, {}, options);
    std::map<std::string, Datum> out;
    std::size_t i = 0;
    for (const Port& port : outputs()) out.emplace(port.name, std::move(results[i++]));
    return out;
  }

  /// Nodes that run by their slow reference, for want of a kernel.
  std::vector<std::string> fallbacks() const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < atlas_session_fallback_count(get()); ++i)
      out.emplace_back(atlas_session_fallback(get(), i));
    return out;
  }

  /// Why a compiled file did not serve as it is; "" otherwise.
  std::string notice() const { return atlas_session_notice(get()); }

  AtlasSession* get() const { return handle_.get(); }

 private:
  template <typename Make, typename From>
  Session(Make make, From from, const SessionOptions& options) {
    std::vector<const char*> disabled;
    for (const std::string& pass : options.disabled_passes) disabled.push_back(pass.c_str());
    AtlasSessionOptions plain = ATLAS_INIT(AtlasSessionOptions);
    plain.target = options.target.c_str();
    plain.threads = options.threads;
    plain.precision = options.precision.c_str();
    plain.is_strict = options.strict;
    plain.disabled_passes = disabled.data();
    plain.memory_limit_bytes = options.memory_limit_bytes;
    plain.node_limit = options.node_limit;
    plain.disabled_pass_count = disabled.size();
    AtlasSession* made = nullptr;
    detail::call(make, from, static_cast<const AtlasSessionOptions*>(&plain), &made);
    handle_.reset(made);
  }

  template <typename Get>
  std::vector<Port> ports(Get get_port, std::size_t count) const {
    std::vector<Port> out;
    for (std::size_t i = 0; i < count; ++i) {
      AtlasPort port = ATLAS_INIT(AtlasPort);
      detail::call(get_port, static_cast<const AtlasSession*>(get()), i, &port);
      std::optional<Shape> shape;
      if (port.shape != nullptr) shape.emplace(port.shape, port.shape + port.rank);
      out.push_back({port.name, port.type, port.dtype, port.has_default != 0, std::move(shape)});
    }
    return out;
  }

  detail::Handle<AtlasSession, atlas_session_free> handle_;
};

}  // namespace atlas

#endif
