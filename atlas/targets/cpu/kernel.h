// What a kernel of the CPU target is, and what it sees of its node when made and when run.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/base/thread_pool.h"
#include "atlas/graph/graph.h"
#include "atlas/ops/opdef.h"
#include "atlas/targets/cpu/weight_store.h"
#include "atlas/targets/target.h"
#include "atlas/tensor/datum.h"

namespace atlas::cpu {

/// What `text` says of a value, put into words where a message needs it alone.
template <typename T>
struct Shown {
  const T& value;
};
template <typename T>
Shown<T> shown(const T& value) {
  return {value};
}

/// A node at compile time: its types, constants and attributes (with the schema's defaults).
class NodeView {
 public:
  /// `weights`, where not null, is where the node's kernel finds and leaves what it packs.
  NodeView(const Graph& graph, const Node& node, const OpDef& op, WeightStore* weights = nullptr,
           Precision precision = Precision::F32)
      : graph_(graph), node_(node), op_(op), weights_(weights), precision_(precision) {}

  const Node& node() const { return node_; }
  /// Another node of the same operator and graph; it must outlive the view.
  NodeView of(const Node& node) const { return {graph_, node, op_, weights_, precision_}; }
  std::size_t input_count() const { return node_.inputs.size(); }
  std::size_t output_count() const { return node_.outputs.size(); }
  bool has_input(std::size_t i) const { return i < node_.inputs.size() && node_.inputs[i] != ValueId::None; }
  bool has_output(std::size_t i) const {
    return i < node_.outputs.size() && node_.outputs[i] != ValueId::None;
  }
  /// Unknown where left out.
  const Type& input(std::size_t i) const;
  DType dtype(std::size_t i) const { return input(i).dtype; }
  const Type& output(std::size_t i) const;
  /// nullptr unless the input is a constant. A kernel that packs the constant asks for it in the filler alone
  /// that it gives to the packer, and for its shape before.
  const Tensor* constant(std::size_t i) const;
  std::optional<Shape> constant_shape(std::size_t i) const;
  /// A constant of type f32, one that DequantizeLinear makes of constants included: widened now, for a kernel
  /// that packs it. Nothing for other inputs.
  std::optional<Tensor> weight(std::size_t i) const;
  std::optional<Shape> weight_shape(std::size_t i) const;
  /// What products may round their factors to.
  Precision precision() const { return precision_; }
  Packer& packer() const { return weights_ != nullptr ? *weights_ : plain_packer(); }

  const Attribute* attribute(std::string_view name) const { return op_.schema.attribute(node_, name); }
  bool has_attribute(std::string_view name) const { return attribute(name) != nullptr; }
  std::int64_t integer(std::string_view name, std::int64_t otherwise = 0) const;
  float real(std::string_view name, float otherwise = 0) const;
  std::string string(std::string_view name, std::string_view otherwise = "") const;
  std::vector<std::int64_t> ints(std::string_view name) const;

 private:
  const Graph& graph_;
  const Node& node_;
  const OpDef& op_;
  WeightStore* weights_;
  Precision precision_;
};

/// A node during a run. Outputs come from the memory plan, the caller or the heap: a kernel cannot tell.
class KernelContext {
 public:
  virtual ~KernelContext() = default;
  virtual const Node& node() const = 0;
  virtual bool has_input(std::size_t i) const = 0;
  /// Throws InvalidArgument where the input is left out or no tensor.
  virtual const Tensor& input(std::size_t i) const = 0;
  virtual bool has_output(std::size_t i) const = 0;
  /// Memory for output `i`, not initialised. Its old content may be that of an input named in
  /// KernelDef::in_place.
  virtual Tensor& output(std::size_t i, DType dtype, Shape shape) = 0;
  /// A view of an input as output 0, for kernels whose definition says View.
  virtual void set_view(Tensor tensor) = 0;
  virtual ThreadPool& pool() const = 0;

  /// An axis of `rank`, counted from the end where negative. Throws InvalidArgument, naming the node, beyond.
  std::size_t axis(std::int64_t axis, std::size_t rank) const {
    const auto count = static_cast<std::int64_t>(rank);
    if (axis < -count || axis >= count) [[unlikely]]
      normalize_axis(axis, rank, describe(node()));
    return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
  }

  /// Throws InvalidArgument with the node's description in front unless `condition`.
  template <typename... Args>
  void check(bool condition, fmt::format_string<Args...> format, Args&&... args) const {
    if (!condition) [[unlikely]]
      raise(ErrorCode::InvalidArgument,
            describe(node()) + ": " + fmt::vformat(format, fmt::make_format_args(args...)));
  }
};

/// Made once per node at compile time, with weights packed and attributes read; run by many threads at once.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void run(KernelContext& context) const = 0;
  /// False where the kernel took all it needs of input `i`, a constant or what is made of constants, when it
  /// was made: a run does not compute that input for its sake, nor keep its memory.
  virtual bool reads(std::size_t) const { return true; }
  /// What it rounds the factors of real products to; nothing where it multiplies no matrices, nor windows.
  virtual std::optional<Precision> precision() const { return std::nullopt; }
};

/// What output 0 has to do with the memory of the inputs.
enum class Sharing : std::uint8_t {
  None,
  InPlace,  // may be written over an input of as many bytes: element i is read before element i is written
  View,     // is input 0's bytes under another shape
  Joined,   // is the bytes of the inputs, one behind the other: those that stand there already stay
};

struct KernelDef {
  std::string_view domain;
  std::string_view op;
  /// nullptr where the kernel does not do this node (its element types, attributes).
  std::unique_ptr<Kernel> (*make)(const NodeView&);
  Sharing sharing = Sharing::None;
};

}  // namespace atlas::cpu

template <typename T>
struct fmt::formatter<atlas::cpu::Shown<T>> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  auto format(const atlas::cpu::Shown<T>& shown, format_context& context) const {
    return fmt::format_to(context.out(), "{}", atlas::text(shown.value));
  }
};
