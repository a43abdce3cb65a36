// What an operator's reference implementation sees of its node during a run.
#pragma once

#include <complex>
#include <functional>
#include <span>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/ops/opdef.h"
#include "atlas/tensor/elements.h"

namespace atlas {

/// What a reference needs of whoever runs it.
struct ReferenceHost {
  /// Runs a nested graph of the node on these inputs (captures are the host's business).
  std::function<std::vector<Datum>(const Graph&, std::span<const Datum>)> run_body;
  /// Seed for random operators that name none.
  std::uint64_t seed = 0;
  /// Static types of the outputs where known (may be empty): the element type of an empty sequence, say.
  std::vector<Type> output_types;
};

class ReferenceContext {
 public:
  /// `inputs` as long as node.inputs; an input left out is an empty Datum.
  ReferenceContext(const OpDef& op, const Node& node, std::span<const Datum> inputs,
                   const ReferenceHost& host);

  const Node& node() const { return node_; }
  std::uint64_t seed() const { return host_.seed; }
  /// Unknown where nothing is known.
  Type output_type(std::size_t i) const;

  std::size_t input_count() const { return inputs_.size(); }
  std::size_t output_count() const { return node_.outputs.size(); }
  /// Given, and not an empty optional.
  bool has_input(std::size_t i) const { return i < inputs_.size() && !inputs_[i].is_empty(); }
  bool has_output(std::size_t i) const;

  const Datum& datum(std::size_t i) const;
  /// Throws InvalidArgument where the input is left out or no tensor.
  const Tensor& input(std::size_t i) const;
  const Shape& shape(std::size_t i) const { return input(i).shape(); }
  DType dtype(std::size_t i) const { return input(i).dtype(); }

  /// Whole inputs converted (see tensor/elements.h).
  std::vector<double> doubles(std::size_t i) const { return to_doubles(input(i)); }
  std::vector<std::int64_t> integers(std::size_t i) const { return to_ints(input(i)); }
  /// First element of an input, or `otherwise` where it is left out.
  double real_input(std::size_t i, double otherwise) const;
  std::int64_t integer_input(std::size_t i, std::int64_t otherwise) const;

  /// Attributes with the schema's defaults applied.
  std::int64_t integer(std::string_view name, std::int64_t otherwise = 0) const;
  float real(std::string_view name, float otherwise = 0) const;
  std::string string(std::string_view name, std::string_view otherwise = "") const;
  std::vector<std::int64_t> ints(std::string_view name) const;
  std::vector<float> reals(std::string_view name) const;
  std::vector<std::string> strings(std::string_view name) const;
  bool has_attribute(std::string_view name) const { return attribute(name) != nullptr; }
  const Attribute* attribute(std::string_view name) const { return op_.schema.attribute(node_, name); }
  /// Throws InvalidArgument where there is none.
  const Graph& body(std::string_view name) const;

  /// Outputs left out are ignored by all of these.
  void set_output(std::size_t i, Datum datum);
  void set_doubles(std::size_t i, DType dtype, Shape shape, std::span<const double> values);
  void set_integers(std::size_t i, DType dtype, Shape shape, std::span<const std::int64_t> values);

  std::vector<Datum> run_body(const Graph& body, std::span<const Datum> inputs) const;

  /// Throws InvalidArgument with the node's description in front unless `condition`.
  template <typename... Args>
  void check(bool condition, fmt::format_string<Args...> format, Args&&... args) const {
    if (!condition) [[unlikely]]
      raise_here(fmt::vformat(format, fmt::make_format_args(args...)));
  }
  std::size_t axis(std::int64_t axis, std::size_t rank) const;

  std::vector<Datum> take_outputs() { return std::move(outputs_); }

 private:
  [[noreturn]] void raise_here(const std::string& message) const;

  const OpDef& op_;
  const Node& node_;
  std::span<const Datum> inputs_;
  const ReferenceHost& host_;
  std::vector<Datum> outputs_;
};

}  // namespace atlas
