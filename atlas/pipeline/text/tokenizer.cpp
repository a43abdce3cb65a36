// Added tokens are cut out first, the rest is normalized, cut into words and given to the model.
#include "atlas/pipeline/text/tokenizer.h"

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/unicode.h"

namespace atlas {
namespace {

void normalize(AlignedText& text, const std::vector<Normalizer>& normalizers) {
  for (const Normalizer& normalizer : normalizers) normalizer(text);
}

/// How many characters at one end of a byte-level token are white space.
template <typename Iterator>
std::uint32_t spaces_from(Iterator at, Iterator end) {
  constexpr char32_t kSpace = 0x120;  // in the byte alphabet
  return static_cast<std::uint32_t>(
      std::find_if(at, end, [](char32_t c) { return c != kSpace && !is_white_space(c); }) - at);
}

}  // namespace

Tokenizer::Tokenizer(TokenizerParts parts)
    : truncation(parts.truncation), padding(parts.padding), parts_(std::move(parts)) {
  ensure(parts_.model != nullptr, "a tokenizer has a model");
  size_ = parts_.model->vocabulary().size();
  std::vector<AddedToken> raw, normalized;
  std::vector<std::string> raw_contents, normalized_contents;
  for (std::size_t i = 0; i < parts_.added_tokens.size(); ++i) {
    const AddedToken& token = parts_.added_tokens[i];
    if (token.id < 0 || token.id >= Vocabulary::kMostTokens)
      fail(ErrorCode::InvalidArgument, "added token '{}': expected an id from 0 to {}, got {}", token.content,
           Vocabulary::kMostTokens - 1, token.id);
    size_ = std::max(size_, static_cast<std::size_t>(token.id) + 1);
    added_by_id_[token.id] = i;
    added_by_text_[token.content] = token.id;
    if (!token.sought) continue;
    if (token.normalized) {
      AlignedText content(token.content, 0);
      normalize(content, parts_.normalizers);
      normalized.push_back(token);
      normalized_contents.push_back(content.text());
    } else {
      raw.push_back(token);
      raw_contents.push_back(token.content);
    }
  }
  in_raw_text_ = AddedTokenFinder(std::move(raw), raw_contents);
  in_normalized_text_ = AddedTokenFinder(std::move(normalized), normalized_contents);
}

void Tokenizer::append_tokens(AlignedText text, Encoding& out) const {
  if (text.empty()) return;
  Words words{std::move(text), {}};
  words.spans.push_back({0, static_cast<std::uint32_t>(words.text.text().size())});
  for (const PreTokenizer& pre_tokenizer : parts_.pre_tokenizers) pre_tokenizer(words);
  std::vector<Token> tokens;
  tokens.reserve(words.text.text().size() / 3 + 8);
  for (const TextSpan word : words.spans) parts_.model->tokenize(words.text.text(), word, tokens);
  for (const Token& token : tokens) out.add(token.id, 0, words.text.source(token.span), false);
}

Encoding Tokenizer::tokens_of(std::string_view text) const {
  if (text.size() > kMostTextBytes)
    fail(ErrorCode::InvalidArgument, "text: expected at most {} bytes, got {}", kMostTextBytes, text.size());
  if (const std::size_t good = utf8_prefix(text); good != text.size())
    fail(ErrorCode::InvalidArgument, "text: expected UTF-8, got byte 0x{:02X} at {}",
         static_cast<unsigned char>(text[good]), good);
  Encoding out;
  in_raw_text_.split(text, [&](TextSpan span, TokenId id) {
    if (id != Vocabulary::kNone) return out.add(id, 0, span, false);
    AlignedText part(text.substr(span.begin, span.size()), span.begin);
    normalize(part, parts_.normalizers);
    if (in_normalized_text_.empty()) return append_tokens(std::move(part), out);
    in_normalized_text_.split(part.text(), [&](TextSpan inner, TokenId inner_id) {
      if (inner_id != Vocabulary::kNone) return out.add(inner_id, 0, part.source(inner), false);
      AlignedText piece = part;
      if (inner.size() < part.text().size()) {
        AlignedText::Rewriting rewriting(piece);
        rewriting.keep(inner);
        rewriting.finish();
      }
      append_tokens(std::move(piece), out);
    });
  });
  return out;
}

void Tokenizer::trim(Encoding& encoding, std::string_view text) const {
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    TextSpan& offset = encoding.offsets[i];
    // An added token is what was found, white space that it took along too.
    const std::string* written = added_by_id_.contains(encoding.ids[i]) ? nullptr : token(encoding.ids[i]);
    const std::string_view found = text.substr(offset.begin, offset.size());
    const std::u32string characters = decode_utf8(written != nullptr ? *written : found).value_or(U"");
    std::uint32_t leading = spaces_from(characters.begin(), characters.end());
    std::uint32_t trailing = spaces_from(characters.rbegin(), characters.rend());
    const bool is_first = i == 0 || offset.begin == 0;
    if (leading == 1 && is_first && parts_.post_processor.space_was_prepended) leading = 0;
    for (; leading > 0 && offset.begin < offset.end; --leading) {
      std::size_t next = offset.begin;
      next_code_point(text, next);
      offset.begin = static_cast<std::uint32_t>(next);
    }
    for (; trailing > 0 && offset.end > offset.begin; --trailing) do
        --offset.end;
      while (offset.end > offset.begin && (static_cast<unsigned char>(text[offset.end]) & 0xC0) == 0x80);
  }
}

Encoding Tokenizer::encode_texts(std::string_view first_text, std::optional<std::string_view> second_text,
                                 bool special) const {
  Encoding first = tokens_of(first_text);
  std::optional<Encoding> second;
  if (second_text) second = tokens_of(*second_text);
  const std::size_t added = special ? parts_.post_processor.added_count(second.has_value()) : 0;
  if (truncation) truncate(first, second ? &*second : nullptr, added, *truncation);
  if (parts_.post_processor.trims_offsets) {
    trim(first, first_text);
    if (second) trim(*second, *second_text);
  }
  if (special) return parts_.post_processor.apply(std::move(first), std::move(second));
  return PostProcessor().apply(std::move(first), std::move(second));
}

Encoding Tokenizer::encode(std::string_view text, bool special) const {
  return encode_texts(text, std::nullopt, special);
}

Encoding Tokenizer::encode_pair(std::string_view first, std::string_view second, bool special) const {
  return encode_texts(first, second, special);
}

std::vector<Encoding> Tokenizer::encode_batch(std::span<const std::string> texts, bool special) const {
  std::vector<Encoding> out;
  for (const std::string& text : texts) out.push_back(encode(text, special));
  if (padding) pad(out, *padding);
  return out;
}

std::string Tokenizer::decode(std::span<const TokenId> ids, bool skip_special) const {
  std::vector<std::string> pieces;
  for (const TokenId id : ids) {
    const auto added = added_by_id_.find(id);
    if (skip_special && added != added_by_id_.end() && parts_.added_tokens[added->second].special) continue;
    if (const std::string* text = token(id)) pieces.push_back(*text);
  }
  std::string out;
  if (parts_.decoders.empty()) {
    for (std::size_t i = 0; i < pieces.size(); ++i) out.append(i > 0 ? " " : "").append(pieces[i]);
    return out;
  }
  for (const Decoder& decoder : parts_.decoders) decoder(pieces);
  for (const std::string& piece : pieces) out += piece;
  return out;
}

const std::string* Tokenizer::token(TokenId id) const {
  const auto added = added_by_id_.find(id);
  if (added != added_by_id_.end()) return &parts_.added_tokens[added->second].content;
  return parts_.model->vocabulary().token(id);
}

TokenId Tokenizer::id_of(std::string_view token) const {
  const auto added = added_by_text_.find(token);
  return added != added_by_text_.end() ? added->second : parts_.model->vocabulary().id_of(token);
}

}  // namespace atlas
