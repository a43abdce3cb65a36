// Activations of transformers: Korthikanti et al., Reducing Activation Recomputation in Large Transformer
// Models, 2022, equations 1 to 6, with its sizes taken apart so that they hold for grouped heads and gated
// blocks as well.
#include "atlas/plan/memory_need.h"

#include <algorithm>

#include "atlas/plan/convolution_networks.h"

namespace atlas {
namespace {

// Bytes of one layer that gradients need, for one pass, in the unit of sequence x batch x hidden.
double kept_by_layer(const Workload& workload) {
  const Transformer& model = *workload.transformer;
  const Layout& layout = workload.layout;
  const double wide = workload.lowering.format->a_bytes;
  const double spread = layout.sequence_parallel ? layout.tensor : 1;
  const double inputs = wide / spread;
  if (workload.lowering.recompute == Recompute::Full) return inputs;
  // Inputs of two norms, of attention's and the feed-forward block's products; masks of two dropouts, a byte
  // each.
  const double whole = (4 * wide + 2) / spread;
  const double queries = model.heads * model.head_dim / model.hidden;
  const double keys = 2 * model.kv_heads * model.head_dim / model.hidden;
  const double ffn = model.ffn * model.experts_chosen / model.hidden * (model.gated ? 3 : 2);
  const double split = wide * (queries + keys + queries + ffn) / layout.tensor;
  // Scores before and behind the softmax and behind dropout's mask, a byte each.
  const bool keeps_scores =
      workload.lowering.recompute == Recompute::None && !workload.lowering.runtime->flash_attention;
  const double scores =
      keeps_scores ? model.heads * workload.tokens * (2 * wide + 1) / (model.hidden * layout.tensor) : 0;
  return whole + split + scores;
}

double transformer_activations(const Workload& workload) {
  const Transformer& model = *workload.transformer;
  const Layout& layout = workload.layout;
  const double unit = workload.batch * workload.tokens * model.hidden;
  if (!workload.trains) {
    const double widest =
        std::max(2 * model.ffn / layout.tensor, workload.predicted * model.vocabulary / layout.tensor) +
        2 * model.hidden;
    return workload.batch * workload.tokens * widest * workload.lowering.format->a_bytes;
  }
  // The first stage holds as many passes as there are stages, and with interleaving some of one more.
  const double held = std::min(layout.micro_batches, layout.pipeline);
  const double more =
      layout.interleave > 1 ? 1 + (layout.pipeline - 1) / (layout.pipeline * layout.interleave) : 1;
  return unit * kept_by_layer(workload) * model.layers / layout.pipeline * held * more;
}

// What convolutions and norms put out; without training, of the largest layer what goes in and out.
double network_activations(const Network& network, const Workload& workload) {
  const double wide = workload.lowering.format->a_bytes;
  double kept = 0;
  double largest = 0;
  for (const Layer& layer : network.layers) {
    const auto* op = std::get_if<Convolution>(&layer.sizes);
    if (!op) continue;
    const double in = op->batch * op->in_channels * op->in_h * op->in_w;
    const double out = op->batch * op->out_channels * op->out_h * op->out_w;
    kept += layer.count * 2 * out * wide;
    largest = std::max(largest, (in + out) * wide);
  }
  return workload.trains ? kept : largest;
}

struct PerNumber {
  double weights = 0;
  double gradients = 0;
  double optimizer = 0;
};

// Beside narrow weights, training keeps gradients, weights and moments in f32. ZeRO leaves gradients as they
// are computed, and shares out what its stage says (Rajbhandari et al., 2020, section 5).
PerNumber bytes_per_number(const Workload& workload, double moments) {
  const double wide = workload.lowering.format->b_bytes;
  PerNumber each{wide};
  if (!workload.trains) return each;
  const Layout& layout = workload.layout;
  const double master = wide < 4 ? 4 : 0;
  each.gradients = layout.zero > 0 ? wide : 4;
  each.optimizer = master + 4 * moments;
  if (layout.zero >= 1) each.optimizer /= layout.data;
  if (layout.zero >= 2) each.gradients /= layout.data;
  if (layout.zero >= 3) each.weights /= layout.data;
  return each;
}

}  // namespace

MemoryNeed memory_need(const Workload& workload) {
  const double wide = workload.lowering.format->b_bytes;
  MemoryNeed need;
  double parameters = 0;
  double largest = 0;  // of one layer
  double ends = 0;
  double moments = 2;  // of Adam; of momentum one
  if (workload.transformer) {
    const Transformer& model = *workload.transformer;
    const Layout& layout = workload.layout;
    parameters = model.parameters() / (layout.tensor * layout.pipeline);
    largest = model.layer_parameters() / layout.tensor;
    ends = model.end_parameters() / layout.tensor * (1 - 1 / layout.pipeline);
    need.activations = transformer_activations(workload);
    if (!workload.trains)
      need.cache = 2 * model.kv_heads * model.head_dim * model.layers * workload.batch *
                   (workload.tokens + workload.past) * workload.lowering.format->a_bytes /
                   (layout.tensor * layout.pipeline);
    if (!model.causal) need.cache = 0;
  } else {
    const Network network = *convolution_network(workload.model, workload.batch, workload.picture);
    parameters = network.parameters();
    for (const Layer& layer : network.layers) largest = std::max(largest, layer.parameters);
    need.activations = network_activations(network, workload);
    moments = 1;
  }
  const PerNumber each = bytes_per_number(workload, moments);
  need.weights = parameters * each.weights;
  need.gradients = parameters * each.gradients;
  need.optimizer = parameters * each.optimizer;
  need.ends = ends * (each.weights + each.gradients + each.optimizer);
  if (workload.layout.zero == 3) need.gathered = 2 * largest * wide;
  return need;
}

}  // namespace atlas
