// Tokenizers of every kind against what the reference made of the same lines (tools/compare_tokenizers
// --golden).
#include "atlas/pipeline/text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/base64.h"
#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/json.h"
#include "atlas/pipeline/text/sentence_piece.h"
#include "atlas/pipeline/text/tokenizer_file.h"
#include "atlas/pipeline/text/tokenizer_json.h"

namespace atlas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename Act>
std::string message_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string place(const std::string& name) {
  return std::string(ATLAS_TESTDATA "/text/") + name;
}

std::vector<TokenId> ids_of(const Json& json) {
  std::vector<TokenId> out;
  for (const Json& id : json.items()) out.push_back(static_cast<TokenId>(id.integer(0, 1 << 24)));
  return out;
}

TEST(Tokenizer, AgreesWithTheReference) {
  const Json golden = Json::parse(read_text(place("expected.json")), "expected.json");
  const Json::Items& lines = golden.at("lines").items();
  ASSERT_GT(lines.size(), 100u);
  ASSERT_EQ(golden.at("tokenizers").members().size(), 5u);
  for (const auto& [name, expected] : golden.at("tokenizers").members()) {
    const Tokenizer tokenizer = read_tokenizer(place(name));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string& line = lines[i].string();
      const Encoding encoding = tokenizer.encode(line);
      const std::vector<TokenId> ids = ids_of(expected.at("ids").items()[i]);
      EXPECT_EQ(encoding.ids, ids) << name << ": " << line;
      EXPECT_EQ(tokenizer.decode(ids), expected.at("text").items()[i].string()) << name << ": " << line;
      if (const Json* all = expected.find("offsets")) {
        const std::vector<std::int32_t> places = ids_of(all->items()[i]);
        std::vector<std::int32_t> got;
        for (const TextSpan& span : encoding.offsets)
          got.insert(got.end(), {static_cast<std::int32_t>(span.begin), static_cast<std::int32_t>(span.end)});
        EXPECT_EQ(got, places) << name << ": " << line;
      }
    }
  }
}

constexpr const char* kWords =
    R"({"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "the": 4, "cat": 5, "sat": 6, "##s": 7, ",": 8})";

std::string bert_json(const std::string& more = "") {
  return std::string(R"({"model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": )") + kWords +
         R"(}, "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
    "added_tokens": [{"id": 0, "content": "[PAD]", "special": true}, {"id": 3, "content": "[SEP]", "special": true}],
    "decoder": {"type": "WordPiece"})" +
         more + "}";
}

TEST(Tokenizer, EncodesPairs) {
  const Tokenizer tokenizer = parse_tokenizer_json(bert_json(), "t");
  const Encoding pair = tokenizer.encode_pair("The cats", "s\u00e1t, on");
  EXPECT_THAT(pair.ids, ElementsAre(2, 4, 5, 7, 3, 6, 8, 1, 3));
  EXPECT_THAT(pair.type_ids, ElementsAre(0, 0, 0, 0, 0, 1, 1, 1, 1));
  EXPECT_THAT(pair.special_mask, ElementsAre(1, 0, 0, 0, 1, 0, 0, 0, 1));
  EXPECT_EQ(pair.offsets[3], (TextSpan{7, 8}));
  EXPECT_EQ(pair.offsets[5], (TextSpan{0, 4}));                        // the accent takes two bytes
  EXPECT_EQ(tokenizer.decode(pair.ids), "[CLS] the cats sat, [UNK]");  // [CLS] is no added token here
  EXPECT_THAT(tokenizer.encode("the [SEP]cat", false).ids, ElementsAre(4, 3, 5));
}

TEST(Tokenizer, TruncatesAndPads) {
  Tokenizer tokenizer = parse_tokenizer_json(
      bert_json(R"(, "truncation": {"max_length": 5, "strategy": "LongestFirst", "stride": 0},
      "padding": {"strategy": "BatchLongest", "direction": "Right", "pad_id": 0, "pad_type_id": 0,
                  "pad_to_multiple_of": 4})"),
      "t");
  EXPECT_THAT(tokenizer.encode("the cat sat the cat").ids, ElementsAre(2, 4, 5, 6, 3));
  const std::vector<Encoding> batch = tokenizer.encode_batch(std::vector<std::string>{"the", "the cat sat"});
  EXPECT_THAT(batch[0].ids, ElementsAre(2, 4, 3, 0, 0, 0, 0, 0));
  EXPECT_THAT(batch[0].attention_mask, ElementsAre(1, 1, 1, 0, 0, 0, 0, 0));
  EXPECT_EQ(batch[1].size(), 8u);

  tokenizer.truncation = Truncation{.most_tokens = 7};
  const Encoding pair = tokenizer.encode_pair("the cat sat", "the cat sat the cat");
  EXPECT_THAT(pair.ids, ElementsAre(2, 4, 5, 3, 4, 5, 3));  // half of the room each
  tokenizer.truncation = Truncation{.most_tokens = 6, .from_left = true};
  EXPECT_THAT(tokenizer.encode("the cat sat the , cat").ids, ElementsAre(2, 6, 4, 8, 5, 3));
  tokenizer.truncation = Truncation{.most_tokens = 6, .strategy = Truncation::Strategy::OnlySecond};
  EXPECT_THAT(message_of([&] { tokenizer.encode("the cat sat the cat"); }),
              HasSubstr("expected a second text"));
}

TEST(Tokenizer, ReplacesByACompiledTable) {
  // The table of the SentencePiece model, in a tokenizer.json.
  const SentencePieceModel model = parse_sentence_piece(read_text(place("unigram-nfkc.model")), "model");
  ASSERT_FALSE(model.charsmap.empty());
  std::string blob;
  append_base64(blob, std::as_bytes(std::span(model.charsmap)));
  const Tokenizer tokenizer = parse_tokenizer_json(
      R"({"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["\u2581", -1], ["k", -2], ["m", -2],
          ["\u2581km", -2.5], ["A", -3]]},
          "normalizer": {"type": "Precompiled", "precompiled_charsmap": ")" +
          blob + R"("},
          "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"}})",
      "t");
  const Encoding encoding = tokenizer.encode("\u338e \uff21");  // a square mg, a wide A
  EXPECT_THAT(encoding.ids, ElementsAre(1, 3, 0, 1, 5));
  EXPECT_EQ(encoding.offsets[1], (TextSpan{0, 3}));
  EXPECT_EQ(encoding.offsets[4], (TextSpan{4, 7}));
}

TEST(Tokenizer, RefusesWhatIsNoText) {
  const Tokenizer tokenizer = parse_tokenizer_json(bert_json(), "t");
  EXPECT_THAT(message_of([&] { tokenizer.encode("the \xC3 cat"); }),
              HasSubstr("expected UTF-8, got byte 0xC3 at 4"));
  EXPECT_TRUE(tokenizer.encode("", false).ids.empty());
  EXPECT_THAT(tokenizer.encode(std::string_view("\0the", 4), false).ids, ElementsAre(4));
}

TEST(Tokenizer, NamesWhatIsWrongInAFile) {
  const auto message = [](const std::string& json) {
    return message_of([&] { parse_tokenizer_json(json, "file.json"); });
  };
  EXPECT_THAT(message("{"), HasSubstr("file.json: expected JSON, got something else at byte"));
  EXPECT_THAT(message("{}"), HasSubstr("file.json: expected a member 'model'"));
  EXPECT_THAT(
      message(R"({"model": {"type": "Magic", "vocab": {}}})"),
      HasSubstr("file.json: model: model: expected one of BPE, Unigram, WordPiece, WordLevel, got 'Magic'"));
  EXPECT_THAT(message(R"({"model": {"type": "WordLevel", "vocab": {"a": 0, "b": 0}}})"),
              HasSubstr("expected one token with id 0, got 'a' and 'b'"));
  EXPECT_THAT(message(R"({"model": {"type": "WordLevel", "vocab": {"a": 16000000}}})"),
              HasSubstr("ids near those"));
  EXPECT_THAT(message(R"({"model": {"type": "WordLevel", "vocab": {"a": -1}}})"),
              HasSubstr("expected an integer from 0"));
  EXPECT_THAT(message(R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}})"),
              HasSubstr("BPE merge 0: expected 'a' and 'b'"));
  EXPECT_THAT(message(R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}})"),
              HasSubstr("merge: expected two tokens"));
  EXPECT_THAT(message(R"({"model": {"type": "Unigram", "unk_id": 3, "vocab": [["a", 0]]}})"),
              HasSubstr("expected the unknown token among 1 tokens, got 3"));
  const auto with = [&](const std::string& member) {
    return message(R"({"model": {"type": "WordLevel", "vocab": {"a": 0}}, )" + member + "}");
  };
  EXPECT_THAT(with(R"("normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"})"),
              HasSubstr("normalizer: character map: expected more than 4 bytes"));
  EXPECT_THAT(with(R"("normalizer": {"type": "Replace", "pattern": {"Regex": "("}, "content": ""})"),
              HasSubstr("regular expression '('"));
  EXPECT_THAT(with(R"("pre_tokenizer": {"type": "ByteLevel"})"), HasSubstr("expected BPE behind"));
  EXPECT_THAT(with(R"("padding": {"strategy": {"Fixed": 1e9}, "pad_id": 0, "pad_type_id": 0})"),
              HasSubstr("padding: expected an integer from 0 to 1048576"));
  std::string nested = "{\"normalizer\":";
  for (int i = 0; i < 200; ++i) nested += R"({"type":"Sequence","normalizers":[)";
  EXPECT_THAT(message(nested), HasSubstr("expected nesting of at most 128"));
}

TEST(Tokenizer, RefusesDamagedModels) {
  const std::string bytes = read_text(place("bpe-sentencepiece-bytes.model"));
  EXPECT_THAT(message_of([&] { parse_sentence_piece(bytes.substr(0, bytes.size() / 2), "m"); }),
              HasSubstr("m: "));
  EXPECT_THAT(message_of([] { parse_sentence_piece("", "m"); }),
              HasSubstr("m: expected a SentencePiece model"));
  // Whatever is damaged, nothing but an Error comes of it.
  for (std::size_t at = 0; at < bytes.size(); at += 97) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    try {
      sentence_piece_tokenizer(parse_sentence_piece(damaged, "m")).encode("some text, 123 \u00e9");
    } catch (const Error&) {
    }
  }
}

TEST(Tokenizer, GivesUpOnPatternsThatBacktrack) {
  const Tokenizer tokenizer = parse_tokenizer_json(
      R"({"model": {"type": "WordLevel", "vocab": {"a": 0}}, "pre_tokenizer": {"type": "Split",
          "pattern": {"Regex": "(a+)+(a+)+(a+)+$"}, "behavior": "Isolated", "invert": false}})",
      "t");
  EXPECT_THAT(message_of([&] { tokenizer.encode(std::string(200, 'a') + "b"); }),
              HasSubstr("gave up on a text of"));
}

}  // namespace
}  // namespace atlas
