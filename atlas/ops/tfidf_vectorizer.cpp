// Counts of n-grams, weighted.
#include <algorithm>
#include <map>
#include <string>

#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/result_limit.h"

namespace atlas::ops {
namespace {

constexpr int kNone = -1;

/// The n-grams of the pool as a tree: one step per token.
class NgramTree {
 public:
  NgramTree() : ngrams_{kNone} {}

  /// A later n-gram of the same tokens replaces an earlier one.
  void add(std::span<const std::int64_t> tokens, int ngram) {
    int at = 0;
    for (const std::int64_t token : tokens) {
      const auto [child, is_new] = children_.try_emplace({at, token}, static_cast<int>(ngrams_.size()));
      if (is_new) ngrams_.push_back(kNone);
      at = child->second;
    }
    ngrams_[static_cast<std::size_t>(at)] = ngram;
  }

  /// The child of `at` (0 is the root) by `token`, or kNone.
  int step(int at, std::int64_t token) const {
    const auto child = children_.find({at, token});
    return child == children_.end() ? kNone : child->second;
  }
  /// The n-gram that ends at a place of the tree, or kNone.
  int ngram(int at) const { return ngrams_[static_cast<std::size_t>(at)]; }

 private:
  std::map<std::pair<int, std::int64_t>, int> children_;
  std::vector<int> ngrams_;
};

/// Tokens as numbers; strings that the pool does not hold become kNone.
struct Tokens {
  std::vector<std::int64_t> pool;
  std::vector<std::int64_t> input;
};

Tokens tokens_of(const ReferenceContext& context) {
  Tokens out;
  if (context.dtype(0) != DType::String) {
    context.check(context.has_attribute("pool_int64s"), "expected attribute 'pool_int64s' for integers");
    out.pool = context.ints("pool_int64s");
    out.input = context.integers(0);
    return out;
  }
  context.check(context.has_attribute("pool_strings"), "expected attribute 'pool_strings' for strings");
  std::map<std::string, std::int64_t, std::less<>> numbers;
  for (const std::string& token : context.strings("pool_strings"))
    out.pool.push_back(numbers.try_emplace(token, static_cast<std::int64_t>(numbers.size())).first->second);
  for (const std::string& token : context.input(0).values<std::string>()) {
    const auto found = numbers.find(token);
    out.input.push_back(found == numbers.end() ? kNone : found->second);
  }
  return out;
}

/// The n-grams of wanted lengths; all n-grams of the pool take a number, in order.
NgramTree tree_of(const ReferenceContext& context, const std::vector<std::int64_t>& pool,
                  std::size_t ngram_count) {
  const std::vector<std::int64_t> starts = context.ints("ngram_counts");
  const std::int64_t shortest = context.integer("min_gram_length");
  const std::int64_t longest = context.integer("max_gram_length");
  NgramTree tree;
  std::size_t ngram = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t length = i + 1;
    const auto pool_size = static_cast<std::int64_t>(pool.size());
    const std::int64_t end = i + 1 < starts.size() ? starts[i + 1] : pool_size;
    context.check(0 <= starts[i] && starts[i] <= end && end <= pool_size,
                  "attribute 'ngram_counts' holds {}, expected ascending positions in a pool of {}",
                  starts[i], pool.size());
    const bool wanted =
        static_cast<std::int64_t>(length) >= shortest && static_cast<std::int64_t>(length) <= longest;
    for (auto at = static_cast<std::size_t>(starts[i]); at + length <= static_cast<std::size_t>(end);
         at += length) {
      context.check(ngram < ngram_count, "attribute 'ngram_indexes' has {} numbers, the pool more n-grams",
                    ngram_count);
      if (wanted) tree.add({pool.data() + at, length}, static_cast<int>(ngram));
      ++ngram;
    }
  }
  return tree;
}

/// How often each n-gram stands in a row, its tokens 1 to `max_skip_count` + 1 apart. Single tokens count
/// once, whatever the distance.
std::vector<double> count_ngrams(const ReferenceContext& context, const NgramTree& tree,
                                 std::span<const std::int64_t> row, std::size_t ngram_count) {
  const auto size = static_cast<std::int64_t>(row.size());
  std::int64_t shortest = context.integer("min_gram_length");
  const std::int64_t longest = context.integer("max_gram_length");
  const std::int64_t skips = std::clamp<std::int64_t>(context.integer("max_skip_count"), 0, size);
  std::vector<double> counts(ngram_count);
  for (std::int64_t distance = 1; distance <= skips + 1 && shortest <= longest; ++distance) {
    for (std::int64_t start = 0; start < size; ++start) {
      int at = 0;
      std::int64_t length = 1;
      for (std::int64_t item = start; item < size && length <= longest; item += distance, ++length) {
        at = tree.step(at, row[static_cast<std::size_t>(item)]);
        if (at == kNone) break;
        if (length >= shortest && tree.ngram(at) != kNone) ++counts[static_cast<std::size_t>(tree.ngram(at))];
      }
    }
    shortest = std::max<std::int64_t>(shortest, 2);
  }
  return counts;
}

std::int64_t width_of(const std::vector<std::int64_t>& columns) {
  return columns.empty() ? 0 : *std::max_element(columns.begin(), columns.end()) + 1;
}

void infer_tfidf(InferContext& context) {
  const Dim width(width_of(context.ints("ngram_indexes")));
  if (!context.dims(0)) return context.set_output(0, DType::F32, std::nullopt);
  const Dims& dims = *context.dims(0);
  context.check(dims.size() <= 2, "expected an input of shape [C] or [N,C], got rank {}", dims.size());
  context.set_output(0, DType::F32, dims.size() == 2 ? Dims{dims[0], width} : Dims{width});
}

void tfidf_vectorizer(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  context.check(shape.size() <= 2, "expected an input of shape [C] or [N,C], got {}", text(shape));
  const std::string mode = context.string("mode");
  context.check(mode == "TF" || mode == "IDF" || mode == "TFIDF",
                "attribute 'mode' is '{}', expected TF, IDF or TFIDF", mode);
  const std::vector<std::int64_t> columns = context.ints("ngram_indexes");
  for (const std::int64_t column : columns)
    context.check(column >= 0, "attribute 'ngram_indexes' holds {}", column);
  std::vector<float> weights = context.reals("weights");
  context.check(weights.empty() || weights.size() == columns.size(), "expected {} weights, got {}",
                columns.size(), weights.size());
  if (weights.empty() || mode == "TF") weights.assign(columns.size(), 1);

  const std::size_t rows = shape.size() == 2 ? static_cast<std::size_t>(shape[0]) : 1;
  const auto width = static_cast<std::size_t>(width_of(columns));
  Shape out_shape = {static_cast<std::int64_t>(width)};
  if (shape.size() == 2) out_shape.insert(out_shape.begin(), shape[0]);
  check_result_size(context, out_shape);

  const Tokens tokens = tokens_of(context);
  const NgramTree tree = tree_of(context, tokens.pool, columns.size());
  const std::size_t row_size = rows == 0 ? 0 : tokens.input.size() / rows;
  std::vector<double> out(rows * width);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::vector<double> counts =
        count_ngrams(context, tree, {tokens.input.data() + row * row_size, row_size}, columns.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const double count = mode == "IDF" ? std::min(counts[i], 1.0) : counts[i];
      out[row * width + static_cast<std::size_t>(columns[i])] += count * weights[i];
    }
  }
  context.set_doubles(0, DType::F32, out_shape, out);
}

}  // namespace

std::vector<OpDef> tfidf_vectorizer() {
  return {
      {.name = "TfIdfVectorizer",
       .schema = {"X:T -> Y:T1",
                  {{"T", {DType::String, DType::I32, DType::I64}}, {"T1", {DType::F32}}},
                  {{"max_gram_length", AttributeKind::Integer, kRequired},
                   {"max_skip_count", AttributeKind::Integer, kRequired},
                   {"min_gram_length", AttributeKind::Integer, kRequired},
                   {"mode", AttributeKind::String, kRequired},
                   {"ngram_counts", AttributeKind::Integers, kRequired},
                   {"ngram_indexes", AttributeKind::Integers, kRequired},
                   {"pool_int64s", AttributeKind::Integers},
                   {"pool_strings", AttributeKind::Strings},
                   {"weights", AttributeKind::Reals}}},
       .infer = infer_tfidf,
       .reference = tfidf_vectorizer},
  };
}

}  // namespace atlas::ops
