// A text that was rewritten and still knows where each part of it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/base/utf8.h"

namespace atlas {

/// Bytes [begin, end) of a text.
struct TextSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  std::uint32_t size() const { return end - begin; }
  bool operator==(const TextSpan&) const = default;
};

/// UTF-8, always well-formed. Every byte has a source: the bytes of the original's character that it came
/// from.
class AlignedText {
 public:
  AlignedText() = default;
  /// A part of an original that starts at byte `offset` of it.
  AlignedText(std::string_view part, std::size_t offset)
      : text_(part), offset_(static_cast<std::uint32_t>(offset)) {}

  const std::string& text() const { return text_; }
  std::string_view part(TextSpan span) const {
    return std::string_view(text_).substr(span.begin, span.size());
  }
  bool empty() const { return text_.empty(); }

  /// The bytes of the original that the byte `at` came from.
  TextSpan source(std::size_t at) const;
  /// From the first byte's source to the last byte's. `span` must not be empty.
  TextSpan source(TextSpan span) const { return {source(span.begin).begin, source(span.end - 1).end}; }

  /// Puts another byte in place of one below 0x80; must be below 0x80 too.
  void replace_ascii(std::size_t at, char byte) { text_[at] = byte; }

  class Rewriting;

 private:
  std::string text_;
  std::vector<TextSpan>
      sources_;  // one per byte; none where the text is, character by character, the original
  std::uint32_t offset_ = 0;
};

/// Builds the text anew, front to back, out of parts of the old one and of what replaces them.
class AlignedText::Rewriting {
 public:
  explicit Rewriting(AlignedText& text);

  const std::string& from() const { return from_.text_; }
  std::size_t size() const { return text_.size(); }

  /// Appends old bytes as they are.
  void keep(TextSpan span);
  /// Appends a code point, or some text, that comes from what old byte `at` came from.
  void put(char32_t code_point, std::size_t at);
  void put(std::string_view bytes, std::size_t at);

  /// Makes the new text the text.
  void finish();

 private:
  void align(TextSpan source);

  AlignedText& from_;
  std::string text_;
  std::vector<TextSpan> sources_;
};

/// Rewrites a text code point by code point: `visit(code_point, at, rewriting)` puts what stands in its
/// place.
template <typename Visit>
void rewrite_each(AlignedText& text, Visit visit) {
  AlignedText::Rewriting rewriting(text);
  for (std::size_t at = 0; at < rewriting.from().size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(rewriting.from(), at);
    visit(c, begin, rewriting);
  }
  rewriting.finish();
}

/// Whether all bytes are below 0x80.
bool is_ascii(std::string_view text);

}  // namespace atlas
