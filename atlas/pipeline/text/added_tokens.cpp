// Left to right, the longest at each place.
#include "atlas/pipeline/text/added_tokens.h"

#include <algorithm>

#include "atlas/base/unicode.h"

namespace atlas {
namespace {

bool is_word_character(char32_t c) {
  const Category kind = category(c);
  return is_letter(kind) || is_mark(kind) || kind == Category::Nd || kind == Category::Nl ||
         kind == Category::Pc;
}

/// The code point that ends before byte `at`, and where it starts.
char32_t code_point_before(std::string_view text, std::size_t at, std::size_t& begin) {
  begin = at - 1;
  while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
  std::size_t next = begin;
  return next_code_point(text, next);
}

bool is_inside_word(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t ignored = 0;
  if (begin > 0 && is_word_character(code_point_before(text, begin, ignored))) return true;
  return end < text.size() && is_word_character(next_code_point(text, end));
}

}  // namespace

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens, const std::vector<std::string>& contents)
    : tokens_(std::move(tokens)) {
  std::vector<PrefixTrie::Entry> entries;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    entries.emplace_back(contents[i], static_cast<std::int32_t>(i));
    if (!contents[i].empty()) starts_[static_cast<unsigned char>(contents[i][0])] = true;
  }
  trie_ = PrefixTrie(std::move(entries));
}

void AddedTokenFinder::split(std::string_view text, FunctionRef<void(TextSpan, TokenId)> part) const {
  std::size_t done = 0;
  const auto emit = [&](std::size_t begin, std::size_t end, TokenId id) {
    if (end > begin) part({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, id);
  };
  for (std::size_t at = 0; !tokens_.empty() && at < text.size();) {
    if (!starts_[static_cast<unsigned char>(text[at])]) {
      ++at;
      continue;
    }
    const auto [length, index] = trie_.longest_prefix(text.substr(at));
    if (length == 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[static_cast<std::size_t>(index)];
    std::size_t begin = at, end = at + length;
    at = end;
    if (token.single_word && is_inside_word(text, begin, end)) continue;
    for (std::size_t before = begin; token.strips_left && begin > done; begin = before)
      if (!is_white_space(code_point_before(text, begin, before))) break;
    for (std::size_t after = end; token.strips_right && end < text.size(); end = after)
      if (!is_white_space(next_code_point(text, after))) break;
    emit(done, begin, Vocabulary::kNone);
    emit(begin, end, token.id);
    done = end;
    at = std::max(at, end);
  }
  emit(done, text.size(), Vocabulary::kNone);
}

}  // namespace atlas
