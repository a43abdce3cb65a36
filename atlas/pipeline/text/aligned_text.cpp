// Sources are kept per byte only once a text differs from its original.
#include "atlas/pipeline/text/aligned_text.h"

#include <cstring>

namespace atlas {
namespace {

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

TextSpan AlignedText::source(std::size_t at) const {
  if (!sources_.empty()) return sources_[at];
  std::size_t begin = at, end = at + 1;
  while (begin > 0 && is_continuation(text_[begin])) --begin;
  while (end < text_.size() && is_continuation(text_[end])) ++end;
  return {static_cast<std::uint32_t>(offset_ + begin), static_cast<std::uint32_t>(offset_ + end)};
}

AlignedText::Rewriting::Rewriting(AlignedText& text) : from_(text) {
  text_.reserve(text.text_.size() + 16);
  sources_.reserve(text.text_.size() + 16);
}

void AlignedText::Rewriting::keep(TextSpan span) {
  text_.append(from_.part(span));
  for (std::size_t at = span.begin; at < span.end; ++at) sources_.push_back(from_.source(at));
}

void AlignedText::Rewriting::put(char32_t code_point, std::size_t at) {
  append_utf8(text_, code_point);
  align(from_.source(at));
}

void AlignedText::Rewriting::put(std::string_view bytes, std::size_t at) {
  text_.append(bytes);
  align(from_.source(at));
}

void AlignedText::Rewriting::align(TextSpan source) {
  sources_.resize(text_.size(), source);
}

void AlignedText::Rewriting::finish() {
  from_.text_ = std::move(text_);
  from_.sources_ = std::move(sources_);
}

bool is_ascii(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if ((word & 0x8080808080808080u) != 0) return false;
  }
  for (; at < text.size(); ++at)
    if (static_cast<unsigned char>(text[at]) >= 0x80) return false;
  return true;
}

}  // namespace atlas
