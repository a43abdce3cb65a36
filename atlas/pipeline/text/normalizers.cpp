// The normalizers that are a line or a few.
#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/unicode.h"
#include "atlas/pipeline/text/normalizer.h"

namespace atlas {
namespace {

// Replacing must not make a gigabyte of a megabyte.
constexpr std::size_t kMostBytes = std::size_t{1} << 28;

/// `by` in place of old bytes: the first characters come from those replaced, the rest from the last of them.
void put_replacement(std::string_view by, TextSpan old, AlignedText::Rewriting& out) {
  std::size_t source = old.begin, next = old.begin;
  for (std::size_t at = 0; at < by.size();) {
    if (next < old.end) {
      source = next;
      next_code_point(out.from(), next);
    }
    const std::size_t begin = at;
    next_code_point(by, at);
    out.put(by.substr(begin, at - begin), source);
  }
}

void replace(AlignedText& text, const Pattern& pattern, const std::string& content) {
  std::vector<TextSpan> matches;
  pattern.each_match(text.text(), [&](TextSpan span) { matches.push_back(span); });
  if (matches.empty()) return;
  if (matches.size() * content.size() + text.text().size() > kMostBytes)
    fail(ErrorCode::ResourceExhausted, "normalizer: expected at most {} bytes after replacing, got more",
         kMostBytes);
  AlignedText::Rewriting out(text);
  std::uint32_t at = 0;
  for (const TextSpan match : matches) {
    out.keep({at, match.begin});
    put_replacement(content, match, out);
    at = match.end;
  }
  out.keep({at, static_cast<std::uint32_t>(out.from().size())});
  out.finish();
}

void lower(AlignedText& text) {
  if (is_ascii(text.text())) {
    for (std::size_t at = 0; at < text.text().size(); ++at)
      if (const char c = text.text()[at]; c >= 'A' && c <= 'Z')
        text.replace_ascii(at, static_cast<char>(c - 'A' + 'a'));
    return;
  }
  rewrite_each(text, [](char32_t c, std::size_t at, AlignedText::Rewriting& out) {
    if (c == 0x130) {  // the one letter whose lower case is two code points
      out.put(U'i', at);
      out.put(char32_t{0x307}, at);
    } else {
      out.put(lower_case(c), at);
    }
  });
}

void strip_accents(AlignedText& text) {
  if (is_ascii(text.text())) return;
  rewrite_each(text, [](char32_t c, std::size_t at, AlignedText::Rewriting& out) {
    if (category(c) != Category::Mn) out.put(c, at);
  });
}

void strip(AlignedText& text, bool left, bool right) {
  const std::string& bytes = text.text();
  std::size_t begin = bytes.size(), end = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t from = at;
    if (is_white_space(next_code_point(bytes, at))) continue;
    begin = std::min(begin, from);
    end = at;
  }
  if (begin == bytes.size()) end = begin;  // nothing but space
  if (!left) begin = 0;
  if (!right) end = bytes.size();
  if (begin == 0 && end == bytes.size()) return;
  AlignedText::Rewriting out(text);
  out.keep({static_cast<std::uint32_t>(std::min(begin, end)), static_cast<std::uint32_t>(end)});
  out.finish();
}

void prepend(AlignedText& text, const std::string& what) {
  if (text.empty()) return;
  AlignedText::Rewriting out(text);
  out.put(what, 0);
  out.keep({0, static_cast<std::uint32_t>(out.from().size())});
  out.finish();
}

void for_translation(AlignedText& text) {
  rewrite_each(text, [](char32_t c, std::size_t at, AlignedText::Rewriting& out) {
    const bool is_dropped = (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
                            c == 0x8F || c == 0x9F;
    if (is_dropped) return;
    const bool is_space = c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
                          (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                          c == 0xFEFF || c == 0xFFFD;
    out.put(is_space ? U' ' : c, at);
  });
}

/// Where the grapheme that starts at `begin` ends.
std::size_t grapheme_end(const std::string& text, std::size_t begin) {
  std::size_t at = begin;
  std::int32_t state = 0;
  char32_t last = next_code_point(text, at);
  while (at < text.size()) {
    std::size_t after = at;
    const char32_t c = next_code_point(text, after);
    if (grapheme_ends_between(last, c, state)) break;
    last = c;
    at = after;
  }
  return at;
}

void by_charsmap(AlignedText& text, const Charsmap& charsmap) {
  AlignedText::Rewriting out(text);
  const std::string& from = out.from();
  const auto replaced = [&](std::size_t begin, std::size_t end) {
    const auto match = charsmap.shortest(std::string_view(from).substr(begin, end - begin));
    if (match)
      put_replacement(match->by, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, out);
    return match.has_value();
  };
  constexpr std::size_t kLongest = 5;  // bytes of a grapheme that the reference looks up as a whole
  for (std::size_t at = 0; at < from.size();) {
    const std::size_t end = grapheme_end(from, at);
    if (end - at <= kLongest && replaced(at, end)) {
      at = end;
      continue;
    }
    while (at < end) {
      const std::size_t begin = at;
      const char32_t c = next_code_point(from, at);
      if (!replaced(begin, at)) out.put(c, begin);
    }
  }
  out.finish();
}

}  // namespace

Normalizer lower_caser() {
  return lower;
}

Normalizer accent_stripper() {
  return strip_accents;
}

Normalizer stripper(bool left, bool right) {
  return [=](AlignedText& text) { strip(text, left, right); };
}

Normalizer prepender(std::string text) {
  return [what = std::move(text)](AlignedText& into) { prepend(into, what); };
}

Normalizer replacer(Pattern pattern, std::string content) {
  return [pattern = std::move(pattern), content = std::move(content)](AlignedText& text) {
    replace(text, pattern, content);
  };
}

Normalizer nmt_normalizer() {
  return for_translation;
}

Normalizer charsmap_normalizer(Charsmap charsmap) {
  return [charsmap = std::move(charsmap)](AlignedText& text) { by_charsmap(text, charsmap); };
}

}  // namespace atlas
