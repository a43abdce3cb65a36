// One pass over the tokens with the span that is open.
#include "atlas/pipeline/post/sequence_labels.h"

#include "atlas/base/error.h"
#include "atlas/pipeline/post/scores.h"

namespace atlas {
namespace {

/// A label taken apart: where in a span it stands, and of what.
struct Tag {
  char place = 'I';
  std::string what;  // empty: nothing
};

Tag tag_of(const std::string& label) {
  if (label == "O" || label.empty()) return {};
  if (label.size() > 2 && label[1] == '-' &&
      std::string_view("BIES").find(label[0]) != std::string_view::npos)
    return {label[0], label.substr(2)};
  return {'I', label};
}

}  // namespace

std::vector<LabelledSpan> labelled_spans(const Tensor& logits, std::span<const std::string> labels) {
  const std::size_t rank = logits.rank();
  require(logits.dtype() == DType::F32 && !labels.empty() &&
              (rank == 2 || (rank == 3 && logits.dim(0) == 1)) &&
              logits.dim(rank - 1) == static_cast<std::int64_t>(labels.size()),
          "labels: expected logits f32[1,tokens,{}], got {}", labels.size(), text(logits));
  const auto tokens = static_cast<std::size_t>(logits.dim(rank - 2));
  std::vector<LabelledSpan> out;
  bool is_open = false;
  for (std::size_t t = 0; t < tokens; ++t) {
    const std::vector<float> p = softmax(logits.values<float>().subspan(t * labels.size(), labels.size()));
    const Ranked best = top_k(p, 1).front();
    const Tag tag = tag_of(labels[best.index]);
    const bool goes_on = is_open && tag.what == out.back().label && (tag.place == 'I' || tag.place == 'E');
    if (!goes_on && !tag.what.empty()) out.push_back({.first = t, .end = t, .label = tag.what});
    is_open = !tag.what.empty();
    if (!is_open) continue;
    LabelledSpan& span = out.back();
    span.score += best.score;
    span.end = t + 1;
    if (tag.place == 'E' || tag.place == 'S') is_open = false;
  }
  for (LabelledSpan& span : out) span.score /= static_cast<float>(span.end - span.first);
  return out;
}

}  // namespace atlas
