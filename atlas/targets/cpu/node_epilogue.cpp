// Reading of an epilogue's attributes and inputs.
#include "atlas/targets/cpu/node_epilogue.h"

#include <map>
#include <string>

namespace atlas::cpu {

std::optional<Activation> fused_activation(const NodeView& node) {
  const std::string name = node.node().domain.empty() ? "" : node.string("activation");
  std::vector<float> parameters;
  if (const auto* given = node.node().attributes.get<std::vector<float>>("activation_params"))
    parameters = *given;
  parameters.resize(2);
  const std::map<std::string, ActivationKind> kinds = {{"", ActivationKind::None},
                                                       {"Relu", ActivationKind::Relu},
                                                       {"Clip", ActivationKind::Clip},
                                                       {"LeakyRelu", ActivationKind::LeakyRelu},
                                                       {"Sigmoid", ActivationKind::Sigmoid},
                                                       {"Tanh", ActivationKind::Tanh},
                                                       {"HardSigmoid", ActivationKind::HardSigmoid},
                                                       {"HardSwish", ActivationKind::HardSwish},
                                                       {"Swish", ActivationKind::Silu},
                                                       {"Gelu", ActivationKind::Gelu},
                                                       {"FastGelu", ActivationKind::GeluTanh}};
  const auto found = kinds.find(name);
  if (found == kinds.end()) return std::nullopt;
  return Activation{found->second, parameters[0], parameters[1]};
}

const float* read_bias(const KernelContext& context, std::size_t i, std::size_t channels) {
  if (!context.has_input(i)) return nullptr;
  const Tensor& bias = context.input(i);
  context.check(bias.element_count() == channels, "expected {} biases, got {}", channels, shown(bias));
  return bias.values<float>().data();
}

Epilogue read_epilogue(const KernelContext& context, std::size_t channels, const Shape& output) {
  Epilogue epilogue;
  epilogue.row_bias = read_bias(context, 2, channels);
  if (context.has_input(3)) {
    context.check(context.input(3).shape() == output, "expected a residual of shape {}, got {}",
                  shown(output), shown(context.input(3).shape()));
    epilogue.residual = context.input(3).values<float>().data();
  }
  return epilogue;
}

}  // namespace atlas::cpu
