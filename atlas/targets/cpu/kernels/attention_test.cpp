#include "atlas/targets/cpu/kernels/attention.h"

#include <cmath>
#include <limits>

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// Heads side by side: [batch, length, heads, size].
HeadStrides side_by_side(size_t heads, size_t length, size_t size) {
  return {length * heads * size, size, heads * size};
}

std::vector<double> expected(const AttentionShape& s, const HeadsView& q, const HeadsView& k,
                             const HeadsView& v, const AttentionOptions& options) {
  std::vector<double> out;
  for (size_t b = 0; b < s.batch; ++b)
    for (size_t i = 0; i < s.queries; ++i)
      for (size_t h = 0; h < s.heads; ++h) {
        const size_t shared = h / (s.heads / s.kv_heads);
        const MaskedRow mask = options.mask.row(b, h, i, s.keys);
        std::vector<double> scores(s.keys, -infinity);
        for (size_t j = 0; j < mask.end; ++j) {
          if (mask.kept && mask.kept[j] == 0) continue;
          double score = 0;
          for (size_t c = 0; c < s.size; ++c) score += double(q.row(b, h, i)[c]) * k.row(b, shared, j)[c];
          score *= options.scale;
          if (options.cap > 0) score = options.cap * std::tanh(score / options.cap);
          scores[j] = score + (mask.added ? mask.added[j] : 0);
        }
        const double top = *std::max_element(scores.begin(), scores.end());
        double sum = 0;
        for (double& score : scores) sum += score = std::exp(score - top);
        for (size_t c = 0; c < s.value_size; ++c) {
          double y = 0;
          for (size_t j = 0; j < s.keys; ++j) y += scores[j] / sum * v.row(b, shared, j)[c];
          out.push_back(y);
        }
      }
  return out;
}

class AttentionTest : public KernelTest {
 protected:
  void check(const AttentionShape& s, AttentionOptions options) {
    check_near(s, options, 2e-5);
    options.rounds = true;
    check_near(s, options, 0.03);
  }

  void check_near(const AttentionShape& s, AttentionOptions options, double bound) {
    const auto q = random_floats(s.batch * s.queries * s.heads * s.size, 1, -2, 2);
    const auto k = random_floats(s.batch * s.keys * s.kv_heads * s.size, 2, -2, 2);
    const auto v = random_floats(s.batch * s.keys * s.kv_heads * s.value_size, 3);
    const HeadsView queries{q.data(), side_by_side(s.heads, s.queries, s.size)};
    const HeadsView keys{k.data(), side_by_side(s.kv_heads, s.keys, s.size)};
    const HeadsView values{v.data(), side_by_side(s.kv_heads, s.keys, s.value_size)};
    const auto want = expected(s, queries, keys, values, options);
    std::vector<float> y(want.size(), 1e9f);
    attention(s, queries, keys, values, options, y.data(), side_by_side(s.heads, s.queries, s.value_size),
              pool);
    for (size_t i = 0; i < y.size(); ++i) {
      if (std::isnan(want[i]))
        ASSERT_TRUE(std::isnan(y[i])) << i;
      else
        ASSERT_NEAR(y[i], want[i], bound)
            << i << ": " << s.queries << " x " << s.keys << ", " << s.size << ", " << s.value_size;
    }
  }
};

TEST_P(AttentionTest, OddSizes) {
  for (const size_t queries : {1, 2, 5, 13, 31, 70})
    for (const size_t keys : {1, 3, 16, 33, 129, 700})
      for (const size_t size : {1, 7, 32, 64})
        check({.batch = 1,
               .heads = 2,
               .kv_heads = 2,
               .queries = queries,
               .keys = keys,
               .size = size,
               .value_size = size == 7 ? 19 : size},
              {.scale = 0.3f});
}

TEST_P(AttentionTest, ManyKeysAndManyThreads) {
  check({.batch = 1, .heads = 1, .kv_heads = 1, .queries = 60, .keys = 2100, .size = 8, .value_size = 80},
        {});
  check({.batch = 3, .heads = 5, .kv_heads = 5, .queries = 40, .keys = 40, .size = 8, .value_size = 8}, {});
}

TEST_P(AttentionTest, Masks) {
  for (const size_t queries : {1, 6, 45}) {
    const AttentionShape s{
        .batch = 2, .heads = 4, .kv_heads = 2, .queries = queries, .keys = 53, .size = 12, .value_size = 20};
    const size_t width = 51;
    const auto added = random_floats(s.batch * s.heads * queries * width, 4, -3, 3);
    const auto kept = random_bytes(s.batch * queries * width, 5);
    const int64_t valid[] = {7, 60};
    AttentionOptions options{.scale = 0.5f, .cap = 2};
    check(s, options);
    options.mask.causal = true;
    options.mask.past = s.keys - queries;
    check(s, options);
    options.mask.valid = valid;
    check(s, options);
    options.mask.width = width;
    options.mask.kept = kept.data();
    options.mask.batch_step = queries * width;
    options.mask.query_step = width;
    check(s, options);
    options.mask = {.added = added.data(),
                    .width = width,
                    .batch_step = s.heads * queries * width,
                    .head_step = queries * width,
                    .query_step = width};
    check(s, options);
    options.mask.query_step = 0;
    options.mask.causal = true;
    check(s, options);
  }
}

TEST_P(AttentionTest, RowsThatAreWhollyMaskedAreNoNumbers) {
  for (const size_t queries : {1, 20}) {
    const AttentionShape s{
        .batch = 2, .heads = 1, .kv_heads = 1, .queries = queries, .keys = 18, .size = 4, .value_size = 5};
    const int64_t valid[] = {0, 18};
    check(s, {.mask = {.valid = valid}});
    std::vector<float> added(queries * s.keys, 0.0f);
    std::fill_n(added.begin() + static_cast<ptrdiff_t>((queries - 1) * s.keys), s.keys, -infinity);
    check(s, {.mask = {.added = added.data(), .width = s.keys, .query_step = s.keys}});
    std::vector<uint8_t> kept(queries * s.keys, 1);
    std::fill_n(kept.begin(), s.keys, uint8_t{0});
    check(s, {.mask = {.kept = kept.data(), .width = s.keys, .query_step = s.keys}});
  }
}

TEST_P(AttentionTest, NoKeysGiveZeros) {
  const float q[10] = {};
  float y[] = {7, 7, 7, 7};
  attention({.batch = 1, .heads = 1, .kv_heads = 1, .queries = 2, .keys = 0, .size = 5, .value_size = 2},
            {q, {10, 10, 5}}, {q, {}}, {q, {}}, {}, y, {4, 4, 2}, pool);
  EXPECT_THAT(y, testing::Each(0.0f));
}

TEST_P(AttentionTest, MaskedKeysMayHoldAnything) {
  AttentionOptions options{.scale = 1};
  const int64_t valid[] = {2};
  options.mask.valid = valid;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float q[] = {1, 2}, k[] = {1, 1, nan}, v[] = {3, 3, nan};
  float y[2];
  attention({.batch = 1, .heads = 1, .kv_heads = 1, .queries = 2, .keys = 3, .size = 1, .value_size = 1},
            {q, {2, 2, 1}}, {k, {3, 3, 1}}, {v, {3, 3, 1}}, options, y, {2, 2, 1}, pool);
  EXPECT_THAT(y, testing::Each(3.0f));
}

ATLAS_TEST_EACH_ISA(AttentionTest);

}  // namespace
}  // namespace atlas::cpu
