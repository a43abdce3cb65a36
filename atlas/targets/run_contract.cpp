// Messages name the input or output.
#include "atlas/targets/run_contract.h"

#include <algorithm>
#include <cstring>

#include "atlas/base/error.h"

namespace atlas {

void bind_sizes(const Value& value, const Datum& datum, SymbolTable& symbols) {
  const Type& type = value.type;
  if (!type.is_tensor()) return;
  const auto mismatch = [&] {
    fail(ErrorCode::InvalidArgument, "input '{}': expected {}, got {}", value.name, text(type), text(datum));
  };
  if (!datum.is_tensor()) mismatch();
  const Tensor& tensor = datum.tensor();
  if (type.dtype != DType::Undefined && tensor.dtype() != type.dtype) mismatch();
  if (!type.dims) return;
  if (type.dims->size() != tensor.rank()) mismatch();
  for (std::size_t i = 0; i < tensor.rank(); ++i) {
    const Dim& dim = (*type.dims)[i];
    if (dim.is_constant() && dim.value() != tensor.dim(i)) mismatch();
    const std::string symbol = dim.symbol_name();
    if (!symbol.empty()) symbols.emplace(symbol, tensor.dim(i));
  }
}

void bind_inputs(const Graph& graph, std::span<const Datum> inputs, SymbolTable& symbols) {
  require(inputs.size() == graph.inputs.size(), "graph '{}': expected {} inputs, got {}", graph.name,
          graph.inputs.size(), inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Value& value = graph.value(graph.inputs[i]);
    if (!inputs[i].is_empty()) {
      bind_sizes(value, inputs[i], symbols);
    } else if (value.type.kind != Type::Kind::Optional && !value.constant.is_defined()) {
      fail(ErrorCode::InvalidArgument, "input '{}' ({}) is missing", value.name, text(value.type));
    }
  }
}

void copy_output(const Tensor& from, Tensor& to, const std::string& name) {
  require(from.dtype() == to.dtype() && from.shape() == to.shape(),
          "output '{}': the caller's memory is {}, the result {}", name, text(to), text(from));
  if (from.dtype() == DType::String) {
    std::ranges::copy(from.values<std::string>(), to.values_mutable<std::string>().begin());
  } else if (from.element_count() > 0) {
    std::memcpy(to.raw_mutable(), from.raw(), byte_size(from.dtype(), from.element_count()));
  }
}

}  // namespace atlas
