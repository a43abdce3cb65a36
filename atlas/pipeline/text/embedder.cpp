// Texts of one length go together, so that none is padded.
#include "atlas/pipeline/text/embedder.h"

#include <algorithm>
#include <numeric>

#include "atlas/base/error.h"
#include "atlas/pipeline/post/embeddings.h"
#include "atlas/pipeline/text/encoder_inputs.h"

namespace atlas {
namespace {

/// The vector of row `index` of what the model gave.
std::vector<float> pooled(const Tensor& output, const Tensor& mask, std::int64_t index, Pooling pooling) {
  const std::int64_t batch = mask.dim(0), tokens = mask.dim(1);
  const bool is_pooled = output.rank() == 2;
  require(output.dtype() == DType::F32 && (is_pooled || (output.rank() == 3 && output.dim(1) == tokens)) &&
              output.dim(0) == batch,
          "embedding model: expected f32[{0},{1},size] or f32[{0},size] as its first output, got {2}", batch,
          tokens, text(output));
  if (!is_pooled && pooling == Pooling::Mean) return mean_pooled(output, mask, index);
  const auto size = static_cast<std::size_t>(output.dim(is_pooled ? 1 : 2));
  const auto row = static_cast<std::size_t>(index) * (is_pooled ? 1 : static_cast<std::size_t>(tokens));
  const auto first = output.values<float>().subspan(row * size, size);
  return {first.begin(), first.end()};
}

}  // namespace

TextEmbedder::TextEmbedder(const Session& session, Tokenizer tokenizer, EmbedderOptions options)
    : session_(session), tokenizer_(std::move(tokenizer)), options_(options) {
  check_encoder(session, "embedding model");
  tokenizer_.truncation = Truncation{.most_tokens = options_.most_tokens};
  tokenizer_.padding.reset();
}

std::vector<std::vector<float>> TextEmbedder::embed_batch(std::span<const Encoding> batch) const {
  const Tensor mask = attention_masks(batch);
  const std::vector<Datum> outputs = session_.run(encoder_inputs(session_, batch));
  std::vector<std::vector<float>> out;
  for (std::int64_t i = 0; i < mask.dim(0); ++i) {
    std::vector<float> vector = pooled(outputs.at(0).tensor(), mask, i, options_.pooling);
    out.push_back(options_.normalize ? normalized(vector) : std::move(vector));
  }
  return out;
}

std::vector<std::vector<float>> TextEmbedder::embed(std::span<const std::string> texts) const {
  std::vector<Encoding> encodings = tokenizer_.encode_batch(texts);
  for (const Encoding& encoding : encodings)
    require(encoding.size() > 0, "embedding: expected texts of a token or more, got an empty one");
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return encodings[i].size(); });
  std::vector<std::vector<float>> out(texts.size());
  for (std::size_t begin = 0, end; begin < order.size(); begin = end) {
    std::vector<Encoding> batch;
    for (end = begin; end < order.size() && batch.size() < options_.most_texts; ++end) {
      if (encodings[order[end]].size() != encodings[order[begin]].size()) break;
      batch.push_back(encodings[order[end]]);
    }
    std::vector<std::vector<float>> vectors = embed_batch(batch);
    for (std::size_t i = begin; i < end; ++i) out[order[i]] = std::move(vectors[i - begin]);
  }
  return out;
}

}  // namespace atlas
