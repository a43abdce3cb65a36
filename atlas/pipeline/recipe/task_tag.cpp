// Task `tag`: names, places and the like in each line of a text, by a model that labels tokens.
#include <fmt/core.h>

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/post/label_file.h"
#include "atlas/pipeline/post/sequence_labels.h"
#include "atlas/pipeline/recipe/embedder_fields.h"
#include "atlas/pipeline/recipe/tasks.h"
#include "atlas/pipeline/text/encoder_inputs.h"
#include "atlas/pipeline/text/tokenizer_file.h"

namespace atlas {
namespace {

constexpr std::size_t kMostLines = 100'000;

struct TagSettings {
  std::string model;
  std::string tokenizer;
  std::string labels;
  std::int64_t most_tokens = 512;
  float threshold = 0;

  void declare(Fields& fields) {
    fields.file({"model", "From input_ids, attention_mask and token_type_ids to logits [1, tokens, labels]"},
                model);
    fields.file({"tokenizer", "A tokenizer.json or a SentencePiece model"}, tokenizer);
    fields.file({"labels", "One label a line: O, B-PER, I-PER, ..., in the order of the logits"}, labels);
    fields.integer({"most_tokens", "What is beyond is left out", true}, most_tokens, 2, 1 << 20);
    fields.number({"threshold", "Spans of a lower mean probability are left out", true}, threshold, 0, 1);
  }
};

class Tag : public Task {
 public:
  using Settings = TagSettings;

  Tag(const TagSettings& settings, RecipeFiles& files)
      : settings_(settings),
        labels_(read_labels(files.find(settings.labels))),
        tokenizer_(read_tokenizer(files.find(settings.tokenizer))),
        session_(files.open(settings.model)) {
    check_encoder(session_, "model of tags");
    tokenizer_.truncation = Truncation{.most_tokens = static_cast<std::size_t>(settings.most_tokens)};
    tokenizer_.padding.reset();
  }

  RecipeResult run(const RecipeInput& input) const override {
    const Stopwatch watch;
    RecipeResult out;
    Json texts = Json::array();
    for (const std::string& line : lines_with_text(input.text, kMostLines)) {
      const Encoding encoding = tokenizer_.encode(line);
      Json spans = Json::array();
      std::string shown;
      if (encoding.size() > 0)
        for (const LabelledSpan& span : spans_of(encoding)) {
          if (span.score < settings_.threshold) continue;
          const std::size_t begin = encoding.offsets[span.first].begin;
          const std::size_t end = encoding.offsets[span.end - 1].end;
          const std::string words = line.substr(begin, end - begin);
          shown += fmt::format("{}{} '{}' {:.2f}", shown.empty() ? "" : ", ", span.label, words, span.score);
          spans.add(Json::object({{"label", span.label},
                                  {"text", words},
                                  {"begin", begin},
                                  {"end", end},
                                  {"probability", double{span.score}}}));
        }
      out.lines.push_back(fmt::format("{}: {}", line, shown.empty() ? "nothing" : shown));
      texts.add(Json::object({{"text", line}, {"spans", std::move(spans)}}));
    }
    out.answer = {{"texts", std::move(texts)}};
    out.stages = {{"tag", watch.milliseconds()}};
    return out;
  }

 private:
  /// Spans of tokens that come from the text; special ones, which do not, are passed over.
  std::vector<LabelledSpan> spans_of(const Encoding& encoding) const {
    const std::vector<Datum> outputs = session_.run(encoder_inputs(session_, {&encoding, 1}));
    const auto tokens = static_cast<std::int64_t>(encoding.size());
    const auto labels = static_cast<std::int64_t>(labels_.size());
    require(outputs.at(0).is_tensor() && outputs[0].tensor().dtype() == DType::F32 &&
                outputs[0].tensor().shape() == (Shape{1, tokens, labels}),
            "model of tags: expected logits f32[1,{},{}], got {}", tokens, labels, text(outputs[0]));
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < encoding.size(); ++i)
      if (encoding.special_mask[i] == 0) kept.push_back(i);
    if (kept.empty()) return {};
    Tensor logits(DType::F32, {static_cast<std::int64_t>(kept.size()), labels});
    const auto from = outputs[0].tensor().values<float>();
    auto to = logits.values_mutable<float>().begin();
    for (const std::size_t i : kept)
      to = std::ranges::copy(from.subspan(i * labels_.size(), labels_.size()), to).out;
    std::vector<LabelledSpan> out = labelled_spans(logits, labels_);
    for (LabelledSpan& span : out) {
      span.end = kept[span.end - 1] + 1;
      span.first = kept[span.first];
    }
    return out;
  }

  TagSettings settings_;
  std::vector<std::string> labels_;
  Tokenizer tokenizer_;
  const Session& session_;
};

}  // namespace

TaskEntry tag_task() {
  return task_entry<Tag>("tag", "Names, places and the like in each line of a text", InputKind::Text);
}

}  // namespace atlas
