// Reads the parts one after another; an error names the member that it came from.
#include "atlas/pipeline/text/tokenizer_json.h"

#include "atlas/pipeline/text/bpe.h"
#include "atlas/pipeline/text/json_parts.h"

namespace atlas {
namespace {

using What = TemplatePiece::What;

TokenId token_id(const Json& json) {
  return static_cast<TokenId>(json.integer(0, Vocabulary::kMostTokens - 1));
}

std::size_t count(const Json& json, std::string_view key, std::size_t otherwise) {
  const Json* found = json.find(key);
  return found != nullptr ? static_cast<std::size_t>(found->integer(0, 1 << 30)) : otherwise;
}

Vocabulary vocabulary(const Json& json) {
  std::vector<std::pair<std::string, TokenId>> tokens;
  for (const auto& [token, id] : json.at("vocab").members()) tokens.emplace_back(token, token_id(id));
  return Vocabulary(std::move(tokens));
}

/// The id of the token that `key` names; kNone where the member is absent.
TokenId named_token(const Json& json, std::string_view key, const Vocabulary& vocabulary) {
  const Json* name = json.find(key);
  if (name == nullptr) return Vocabulary::kNone;
  const TokenId id = vocabulary.id_of(name->string());
  require(id != Vocabulary::kNone, "{}: expected a token of the vocabulary, got '{}'", key, name->string());
  return id;
}

/// "a b", or ["a", "b"] where tokens may hold spaces.
std::pair<std::string, std::string> merge(const Json& json) {
  if (json.is_array()) {
    require(json.items().size() == 2, "merge: expected two tokens, got {}", json.items().size());
    return {json.items()[0].string(), json.items()[1].string()};
  }
  const std::string& both = json.string();
  const std::size_t space = both.find(' ');
  require(space != std::string::npos && both.find(' ', space + 1) == std::string::npos,
          "merge: expected two tokens with a space between, got '{}'", both);
  return {both.substr(0, space), both.substr(space + 1)};
}

std::unique_ptr<TokenModel> bpe(const Json& json, bool byte_level) {
  if (const Json* dropout = json.find("dropout"); dropout != nullptr && dropout->number() != 0)
    fail(ErrorCode::Unsupported, "BPE: expected no dropout, got {}", dropout->number());
  Vocabulary tokens = vocabulary(json);
  BpeOptions options{.unknown = named_token(json, "unk_token", tokens),
                     .fuse_unknown = flag(json, "fuse_unk", false),
                     .byte_fallback = flag(json, "byte_fallback", false),
                     .ignore_merges = flag(json, "ignore_merges", false),
                     .byte_level = byte_level,
                     .prefix = text(json, "continuing_subword_prefix", ""),
                     .suffix = text(json, "end_of_word_suffix", "")};
  if (byte_level && !(options.prefix.empty() && options.suffix.empty() && !options.byte_fallback))
    fail(ErrorCode::Unsupported, "BPE: expected neither prefix, suffix nor byte_fallback with ByteLevel");
  std::vector<std::pair<std::string, std::string>> merges;
  for (const Json& item : json.at("merges").items()) merges.push_back(merge(item));
  return bpe_model(std::move(tokens), merges, std::move(options));
}

std::unique_ptr<TokenModel> unigram(const Json& json) {
  std::vector<ScoredToken> tokens;
  for (const Json& item : json.at("vocab").items()) {
    require(item.items().size() == 2, "vocab: expected [token, score], got {} elements", item.items().size());
    tokens.push_back({item.items()[0].string(), item.items()[1].number()});
  }
  UnigramOptions options;
  if (const Json* unknown = json.find("unk_id")) options.unknown = token_id(*unknown);
  options.byte_fallback = flag(json, "byte_fallback", false);
  return unigram_model(std::move(tokens), std::move(options));
}

std::vector<TemplatePiece> pieces(const Json& json, const Json& special_tokens) {
  constexpr std::size_t kMost = 1024;
  require(json.items().size() <= kMost, "template: expected at most {} pieces, got {}", kMost,
          json.items().size());
  std::vector<TemplatePiece> out;
  for (const Json& item : json.items()) {
    const Json* special = item.find("SpecialToken");
    const Json& piece = special != nullptr ? *special : item.at("Sequence");
    const std::string& id = piece.at("id").string();
    TemplatePiece made;
    made.type_id = static_cast<std::int32_t>(piece.at("type_id").integer(0, 1 << 16));
    if (special != nullptr) {
      made.what = What::Special;
      for (const Json& number : special_tokens.at(id).at("ids").items()) made.ids.push_back(token_id(number));
    } else {
      require(id == "A" || id == "B", "template: expected sequence A or B, got '{}'", id);
      made.what = id == "A" ? What::First : What::Second;
    }
    out.push_back(std::move(made));
  }
  return out;
}

/// ["[SEP]", 102]
TemplatePiece special(const Json& json, std::int32_t type_id) {
  require(json.items().size() == 2, "post_processor: expected [token, id], got {} elements",
          json.items().size());
  return {What::Special, type_id, {token_id(json.items()[1])}};
}

AddedToken added_token(const Json& json) {
  AddedToken out;
  out.id = token_id(json.at("id"));
  out.content = json.at("content").string();
  out.special = flag(json, "special", false);
  out.single_word = flag(json, "single_word", false);
  out.strips_left = flag(json, "lstrip", false);
  out.strips_right = flag(json, "rstrip", false);
  out.normalized = flag(json, "normalized", !out.special);
  return out;
}

bool is_left(const Json& json) {
  const std::string direction = text(json, "direction", "Right");
  require(direction == "Left" || direction == "Right", "direction: expected Left or Right, got '{}'",
          direction);
  return direction == "Left";
}

Truncation truncation(const Json& json) {
  Truncation out{.most_tokens = count(json, "max_length", 512), .from_left = is_left(json)};
  const std::string strategy = text(json, "strategy", "LongestFirst");
  if (strategy == "OnlyFirst") {
    out.strategy = Truncation::Strategy::OnlyFirst;
  } else if (strategy == "OnlySecond") {
    out.strategy = Truncation::Strategy::OnlySecond;
  } else {
    require(strategy == "LongestFirst", "strategy: expected LongestFirst, OnlyFirst or OnlySecond, got '{}'",
            strategy);
  }
  return out;
}

Padding padding(const Json& json) {
  Padding out{.multiple_of = count(json, "pad_to_multiple_of", 0), .on_left = is_left(json)};
  const Json& strategy = json.at("strategy");
  if (strategy.is_object()) {
    out.length = static_cast<std::size_t>(strategy.at("Fixed").integer(0, 1 << 20));
  } else {
    require(strategy.string() == "BatchLongest", "strategy: expected BatchLongest or Fixed, got '{}'",
            strategy.string());
  }
  require(out.multiple_of <= 1 << 20, "pad_to_multiple_of: expected at most {}, got {}", 1 << 20,
          out.multiple_of);
  out.id = token_id(json.at("pad_id"));
  out.type_id = static_cast<std::int32_t>(json.at("pad_type_id").integer(0, 1 << 16));
  return out;
}

/// Runs `read` on the member `key`, if it is there; an error of it names the member.
template <typename Read>
void member(const Json& json, std::string_view key, Read read) {
  if (const Json* found = json.find(key)) within([&] { return std::string(key); }, [&] { read(*found); });
}

}  // namespace

bool flag(const Json& json, std::string_view key, bool otherwise) {
  const Json* found = json.find(key);
  return found != nullptr ? found->boolean() : otherwise;
}

std::string text(const Json& json, std::string_view key, const std::string& otherwise) {
  const Json* found = json.find(key);
  return found != nullptr ? found->string() : otherwise;
}

Pattern pattern(const Json& json) {
  if (const Json* string = json.find("String")) return Pattern::string(string->string());
  return Pattern::regex(json.at("Regex").string());
}

void unknown_kind(std::string_view what, std::string_view kind, std::string_view known) {
  fail(ErrorCode::Unsupported, "{}: expected one of {}, got '{}'", what, known, kind);
}

std::unique_ptr<TokenModel> model_of_json(const Json& json, bool byte_level) {
  const Json* merges = json.find("merges");
  // Files of old do not say the type.
  const std::string type = text(json, "type", merges != nullptr ? "BPE" : "WordPiece");
  if (byte_level && type != "BPE")
    fail(ErrorCode::Unsupported, "model {}: expected BPE behind the pre-tokenizer ByteLevel", type);
  if (type == "BPE") return bpe(json, byte_level);
  if (type == "Unigram") return unigram(json);
  if (type == "WordPiece") {
    Vocabulary tokens = vocabulary(json);
    const TokenId unknown = named_token(json, "unk_token", tokens);
    return wordpiece_model(std::move(tokens), text(json, "continuing_subword_prefix", "##"), unknown,
                           count(json, "max_input_chars_per_word", 100));
  }
  if (type == "WordLevel") {
    Vocabulary tokens = vocabulary(json);
    const TokenId unknown = named_token(json, "unk_token", tokens);
    return word_level_model(std::move(tokens), unknown);
  }
  unknown_kind("model", type, "BPE, Unigram, WordPiece, WordLevel");
}

void apply_post_processor(const Json& json, PostProcessor& out) {
  const std::string& type = json.at("type").string();
  if (type == "Sequence") {
    each_of_sequence(json, "processors", [&](const Json& item) { apply_post_processor(item, out); });
  } else if (type == "TemplateProcessing") {
    out.single = pieces(json.at("single"), json.at("special_tokens"));
    out.pair = pieces(json.at("pair"), json.at("special_tokens"));
  } else if (type == "BertProcessing") {
    const TemplatePiece begin = special(json.at("cls"), 0), end = special(json.at("sep"), 0);
    out.single = {begin, {What::First, 0, {}}, end};
    out.pair = {begin, {What::First, 0, {}}, end, {What::Second, 1, {}}, special(json.at("sep"), 1)};
  } else if (type == "RobertaProcessing") {
    const TemplatePiece begin = special(json.at("cls"), 0), end = special(json.at("sep"), 0);
    out.single = {begin, {What::First, 0, {}}, end};
    out.pair = {begin, {What::First, 0, {}}, end, end, {What::Second, 0, {}}, end};
    out.trims_offsets = flag(json, "trim_offsets", true);
    out.space_was_prepended = flag(json, "add_prefix_space", true);
  } else if (type == "ByteLevel") {
    out.trims_offsets = flag(json, "trim_offsets", true);
    out.space_was_prepended = flag(json, "add_prefix_space", true);
  } else {
    unknown_kind("post_processor", type,
                 "Sequence, TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel");
  }
}

Tokenizer parse_tokenizer_json(std::string_view text, const std::string& where) {
  const Json json = Json::parse(text, where);
  return within(
      [&] { return where; },
      [&] {
        TokenizerParts parts;
        bool byte_level = false;
        member(json, "normalizer", [&](const Json& part) { append_normalizers(part, parts.normalizers); });
        member(json, "pre_tokenizer",
               [&](const Json& part) { append_pre_tokenizers(part, parts.pre_tokenizers, byte_level); });
        require(json.find("model") != nullptr, "expected a member 'model'");
        member(json, "model", [&](const Json& part) { parts.model = model_of_json(part, byte_level); });
        member(json, "added_tokens", [&](const Json& list) {
          constexpr std::size_t kMost = 1 << 20;
          require(list.items().size() <= kMost, "expected at most {} tokens, got {}", kMost,
                  list.items().size());
          for (const Json& item : list.items()) parts.added_tokens.push_back(added_token(item));
        });
        member(json, "post_processor",
               [&](const Json& part) { apply_post_processor(part, parts.post_processor); });
        member(json, "decoder", [&](const Json& part) { append_decoders(part, parts.decoders); });
        member(json, "truncation", [&](const Json& part) { parts.truncation = truncation(part); });
        member(json, "padding", [&](const Json& part) { parts.padding = padding(part); });
        return Tokenizer(std::move(parts));
      });
}

}  // namespace atlas
