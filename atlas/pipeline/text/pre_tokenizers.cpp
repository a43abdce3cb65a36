// Each finds separators in each word and hands them to one function that cuts.
#include <algorithm>

#include "atlas/base/unicode.h"
#include "atlas/pipeline/text/pre_tokenizer.h"

namespace atlas {
namespace {

struct Part {
  TextSpan span;
  bool is_separator;
};

/// Appends the words that `parts`, which cover one word, leave. Empty parts are dropped.
void append_words(std::vector<Part>& parts, Separators separators, std::vector<TextSpan>& out) {
  const std::size_t first = out.size();
  bool last_was_separator = false;
  const auto add = [&](const Part& part, bool joins) {
    if (joins && out.size() > first) {
      out.back() = {std::min(out.back().begin, part.span.begin), std::max(out.back().end, part.span.end)};
    } else if (part.span.size() > 0) {
      out.push_back(part.span);
    }
    last_was_separator = part.is_separator;
  };
  switch (separators) {
    case Separators::Removed:
      for (const Part& part : parts)
        if (!part.is_separator) add(part, false);
      break;
    case Separators::Isolated:
      for (const Part& part : parts) add(part, false);
      break;
    case Separators::Contiguous:
      for (const Part& part : parts) add(part, part.is_separator == last_was_separator);
      break;
    case Separators::MergedWithPrevious:
      for (const Part& part : parts) add(part, part.is_separator && !last_was_separator);
      break;
    case Separators::MergedWithNext:
      std::ranges::reverse(parts);
      for (const Part& part : parts) add(part, part.is_separator && !last_was_separator);
      std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
      break;
  }
}

/// Cuts each word. `find(word, found)` calls `found(begin, end)` for each separator, counted from the word's
/// first byte; `invert` swaps separators and what is between.
template <typename Find>
void cut(Words& words, Separators separators, bool invert, Find find) {
  std::vector<TextSpan> out;
  out.reserve(words.spans.size() + words.text.text().size() / 4);
  std::vector<Part> parts;
  for (const TextSpan word : words.spans) {
    parts.clear();
    std::uint32_t at = word.begin;
    find(words.text.part(word), [&](std::size_t begin, std::size_t end) {
      const TextSpan match{word.begin + static_cast<std::uint32_t>(begin),
                           word.begin + static_cast<std::uint32_t>(end)};
      if (match.begin > at) parts.push_back({{at, match.begin}, invert});
      parts.push_back({match, !invert});
      at = match.end;
    });
    if (at < word.end) parts.push_back({{at, word.end}, invert});
    append_words(parts, separators, out);
  }
  words.spans = std::move(out);
}

/// Each character for which `is_separator` holds is a separator of its own.
template <typename IsSeparator>
void cut_at(Words& words, Separators separators, IsSeparator is_separator) {
  cut(words, separators, false, [&](std::string_view word, auto found) {
    for (std::size_t at = 0; at < word.size();) {
      const std::size_t begin = at;
      if (is_separator(next_code_point(word, at))) found(begin, at);
    }
  });
}

bool is_ascii_punctuation(char32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

bool is_separate(char32_t c) {
  return c < 0x80 ? is_ascii_punctuation(c) : is_punctuation(category(c));
}

void cut_for_bert(Words& words) {
  std::vector<TextSpan> out;
  out.reserve(words.spans.size() + words.text.text().size() / 4);
  const std::string& text = words.text.text();
  for (const TextSpan word : words.spans) {
    std::uint32_t begin = word.begin;
    for (std::size_t at = word.begin; at < word.end;) {
      const auto from = static_cast<std::uint32_t>(at);
      const char32_t c = next_code_point(text, at);
      const bool separate = is_separate(c);
      if (!separate && !is_white_space(c)) continue;
      if (from > begin) out.push_back({begin, from});
      begin = static_cast<std::uint32_t>(at);
      if (separate) out.push_back({from, begin});
    }
    if (word.end > begin) out.push_back({begin, word.end});
  }
  words.spans = std::move(out);
}

/// Rebuilds the text word by word: `visit(word, rewriting)` puts what stands in its place.
template <typename Visit>
void rewrite_words(Words& words, Visit visit) {
  AlignedText::Rewriting out(words.text);
  for (TextSpan& word : words.spans) {
    const auto begin = static_cast<std::uint32_t>(out.size());
    visit(word, out);
    word = {begin, static_cast<std::uint32_t>(out.size())};
  }
  out.finish();
}

void prepend_spaces(Words& words) {
  rewrite_words(words, [](TextSpan word, AlignedText::Rewriting& out) {
    if (out.from()[word.begin] != ' ') out.put(U' ', word.begin);
    out.keep(word);
  });
}

void mark_spaces(Words& words, std::string_view mark, Prepend prepend) {
  const auto starts_marked = [&](const std::string& text, TextSpan word) {
    return text[word.begin] == ' ' ||
           std::string_view(text).substr(word.begin, word.size()).starts_with(mark);
  };
  std::vector<bool> prepended;
  for (const TextSpan word : words.spans)
    prepended.push_back(prepend != Prepend::Never && !starts_marked(words.text.text(), word) &&
                        (prepend == Prepend::Always || words.text.source(word.begin).begin == 0));
  std::size_t index = 0;
  rewrite_words(words, [&](TextSpan word, AlignedText::Rewriting& out) {
    if (prepended[index++]) out.put(mark, word.begin);
    for (std::uint32_t at = word.begin; at < word.end;) {
      std::uint32_t end = at;
      while (end < word.end && out.from()[end] != ' ') ++end;
      out.keep({at, end});
      if (end < word.end) out.put(mark, end);
      at = end + 1;
    }
  });
}

}  // namespace

PreTokenizer bert_pre_tokenizer() {
  return cut_for_bert;
}

PreTokenizer white_space_splitter() {
  return [](Words& words) { cut_at(words, Separators::Removed, is_white_space); };
}

PreTokenizer word_splitter() {
  return pattern_splitter(Pattern::regex(R"(\w+|[^\w\s]+)"), Separators::Removed, true);
}

PreTokenizer punctuation_splitter(Separators separators) {
  return [=](Words& words) { cut_at(words, separators, is_separate); };
}

PreTokenizer digit_splitter(bool individual) {
  const Separators separators = individual ? Separators::Isolated : Separators::Contiguous;
  return [=](Words& words) { cut_at(words, separators, [](char32_t c) { return is_number(category(c)); }); };
}

PreTokenizer pattern_splitter(Pattern pattern, Separators separators, bool invert) {
  return [pattern = std::move(pattern), separators, invert](Words& words) {
    cut(words, separators, invert, [&](std::string_view word, auto found) {
      pattern.each_match(word, [&](TextSpan match) { found(match.begin, match.end); });
    });
  };
}

PreTokenizer space_prepender() {
  return prepend_spaces;
}

PreTokenizer metaspace(std::string mark, Prepend prepend, bool split) {
  PreTokenizer splitter;
  if (split) splitter = pattern_splitter(Pattern::string(mark), Separators::MergedWithNext, false);
  return [mark = std::move(mark), prepend, splitter = std::move(splitter)](Words& words) {
    mark_spaces(words, mark, prepend);
    if (splitter) splitter(words);
  };
}

}  // namespace atlas
