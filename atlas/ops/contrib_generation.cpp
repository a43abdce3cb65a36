// NGramRepeatBlock: scores of the next token, without those that would repeat a run of tokens.
#include <algorithm>
#include <limits>

#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

void infer_ngram(InferContext& context) {
  context.set_output(0, context.input(1));
}

void reference_ngram(ReferenceContext& context) {
  const Shape& ids = context.shape(0);
  const Shape& shape = context.shape(1);
  const std::int64_t run = context.integer("ngram_size");
  context.check(ids.size() == 2 && shape.size() == 2 && ids[0] == shape[0],
                "expected tokens [batch,length] and scores [batch,vocabulary], got {} and {}", text(ids),
                text(shape));
  context.check(run > 0, "expected a positive ngram_size, got {}", run);
  const std::vector<std::int64_t> tokens = context.integers(0);
  std::vector<double> scores = context.doubles(1);
  for (std::int64_t b = 0; b < ids[0]; ++b) {
    const std::int64_t* first = tokens.data() + b * ids[1];
    const std::int64_t* end = first + ids[1];
    for (; end - first >= run; ++first) {
      if (!std::equal(first, first + run - 1, end - (run - 1))) continue;
      const std::int64_t token = first[run - 1];
      context.check(token >= 0 && token < shape[1], "token {} is not among {} scores", token, shape[1]);
      scores[static_cast<std::size_t>(b * shape[1] + token)] = -std::numeric_limits<double>::infinity();
    }
  }
  context.set_doubles(0, context.dtype(1), shape, scores);
}

}  // namespace

std::vector<OpDef> contrib_generation() {
  return {
      {.domain = "com.microsoft",
       .name = "NGramRepeatBlock",
       .schema = {"input_ids:i64, scores:f32 -> scores_out:f32",
                  {},
                  {{"ngram_size", AttributeKind::Integer, kRequired}}},
       .infer = infer_ngram,
       .reference = reference_ngram},
  };
}

}  // namespace atlas::ops
