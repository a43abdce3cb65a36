// Vaswani et al., 2017; a layer split among chips as in Shoeybi et al., Megatron-LM, 2019.
#include "atlas/plan/transformer.h"

#include <algorithm>
#include <cmath>

namespace atlas {

double Transformer::layer_parameters() const {
  const double queries = heads * head_dim;
  const double keys = 2 * kv_heads * head_dim;
  const double wide = ffn * (gated ? 2 : 1);
  const double products =
      hidden * (queries + keys) + queries * hidden + experts * (hidden * wide + ffn * hidden);
  const double biases = biased ? queries + keys + hidden + experts * (wide + hidden) : 0;
  const double norms = 2 * hidden * (biased ? 2 : 1);
  return products + biases + norms + (experts > 1 ? hidden * experts : 0);
}

double Transformer::end_parameters() const {
  return (vocabulary * (tied ? 1 : 2) + positions) * hidden + hidden * (biased ? 2 : 1);
}

Network transformer_stack(const Transformer& model, const Passage& passage) {
  const double tokens = passage.batch * passage.tokens;
  const double split = passage.tensor_parallel;
  const double queries = model.heads * model.head_dim / split;
  const double keys = 2 * std::max(1.0, model.kv_heads / split) * model.head_dim;
  const double ffn = model.ffn / split;
  const double spread = tokens / (passage.sequence_parallel ? split : 1);
  Network out{model.name, passage.batch, {}};
  const auto product = [&](const char* name, double m, double n, double k, double times = 1) {
    out.layers.push_back(
        {name, Gemm{times, m, n, k}, model.layers, times * (n * k + (model.biased ? n : 0))});
  };
  const auto norm = [&](const char* name) {
    out.layers.push_back(
        {name, RowWise{spread, model.hidden}, model.layers, model.hidden * (model.biased ? 2 : 1)});
  };
  const auto residual = [&](const char* name) {
    out.layers.push_back({name, Pointwise{spread * model.hidden, 2, 2, 2}, model.layers});
  };
  norm("attention.norm");
  product("attention.input", tokens, queries + keys, model.hidden);
  Attention attention;
  attention.batch = passage.batch;
  attention.queries = passage.tokens;
  attention.past = passage.past;
  attention.heads = std::max(1.0, model.heads / split);
  attention.kv_heads = std::max(1.0, model.kv_heads / split);
  attention.head_dim = model.head_dim;
  attention.window = model.window;
  attention.causal = model.causal;
  out.layers.push_back({"attention", attention, model.layers});
  product("attention.output", tokens, model.hidden, queries);
  residual("attention.residual");
  norm("ffn.norm");
  // Of many experts, each sees its share of the tokens.
  const double through = tokens * model.experts_chosen;
  const double seen = std::min(model.experts, std::max(1.0, through));
  const double rows = model.experts > 1 ? std::ceil(through / seen) : tokens;
  const double times = model.experts > 1 ? seen : 1;
  product("ffn.input", rows, ffn * (model.gated ? 2 : 1), model.hidden, times);
  out.layers.push_back({"ffn.activation",
                        Pointwise{rows * times * ffn, model.gated ? 2.0 : 1.0, model.gated ? 2.0 : 1.0,
                                  model.gated ? 4.0 : 2.0},
                        model.layers});
  product("ffn.output", rows, model.hidden, ffn, times);
  residual("ffn.residual");
  return out;
}

Network transformer_ends(const Transformer& model, const Passage& passage) {
  const double tokens = passage.batch * passage.tokens;
  const double predicted = std::max(passage.predicted > 0 ? 1.0 : 0.0, std::ceil(tokens * passage.predicted));
  const double vocabulary = model.vocabulary / passage.tensor_parallel;
  Network out{model.name, passage.batch, {}};
  out.layers.push_back({"embedding", Pointwise{tokens * model.hidden, 1, 1, 1}, 1,
                        (model.vocabulary / passage.tensor_parallel + model.positions) * model.hidden});
  out.layers.push_back(
      {"last.norm", RowWise{tokens, model.hidden}, 1, model.hidden * (model.biased ? 2 : 1)});
  if (predicted == 0) return out;
  out.layers.push_back({"output", Gemm{1, predicted, vocabulary, model.hidden}, 1,
                        model.tied ? 0 : vocabulary * model.hidden});
  out.layers.push_back({"loss", Pointwise{predicted * vocabulary, 2, 2, 2}, 1, 0, true});
  return out;
}

}  // namespace atlas
