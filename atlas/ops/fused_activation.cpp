// Activations as nodes of their own.
#include "atlas/ops/fused_activation.h"

#include <map>

#include "atlas/base/error.h"
#include "atlas/ops/scalar_like.h"

namespace atlas::ops {

ValueId activate(DecomposeContext& context, const std::string& name, const std::vector<float>& parameters,
                 ValueId x) {
  static const std::map<std::string, std::size_t> counts = {
      {"", 0},     {"Relu", 0},     {"Tanh", 0},      {"Sigmoid", 0}, {"HardSwish", 0},   {"Swish", 0},
      {"Gelu", 0}, {"FastGelu", 0}, {"LeakyRelu", 1}, {"Clip", 2},    {"HardSigmoid", 2},
  };
  const auto found = counts.find(name);
  require(found != counts.end(), "{}: no activation is called '{}'", describe(context.node()), name);
  require(found->second == parameters.size(), "{}: expected {} parameters of activation '{}', got {}",
          describe(context.node()), found->second, name, parameters.size());
  GraphBuilder& builder = context.builder();
  if (name.empty()) return x;
  if (name == "FastGelu") return builder.op("Gelu", {x}, {{"approximate", "tanh"}});
  if (name == "LeakyRelu") return builder.op(name, {x}, {{"alpha", parameters[0]}});
  if (name == "HardSigmoid")
    return builder.op(name, {x}, {{"alpha", parameters[0]}, {"beta", parameters[1]}});
  if (name == "Clip")
    return builder.op(name,
                      {x, scalar_like(context, 0, parameters[0]), scalar_like(context, 0, parameters[1])});
  return builder.op(name, {x});
}

}  // namespace atlas::ops
