// Tokens of the text forms: reading with a place for every error, and quoting.
#include "atlas/graph/text_cursor.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "atlas/base/utf8.h"

namespace atlas {
namespace {

bool opens_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool continues_word(char c) {
  return opens_word(c) || is_digit(c) || c == '.';
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Words that open a statement or stand for something else where a name may stand.
constexpr std::array<std::string_view, 8> kReserved = {"_",     "graph",  "meta",  "function",
                                                       "input", "output", "const", "capture"};

}  // namespace

std::string TextCursor::here() const {
  const std::string_view before = text_.substr(0, at_);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t start = before.rfind('\n');
  const std::size_t column = start == std::string_view::npos ? at_ + 1 : at_ - start;
  return fmt::format("{}:{}:{}", where_, line, column);
}

void TextCursor::expected(std::string_view what) {
  skip_space();
  if (at_ == text_.size()) fail_here("expected {}, got the end of the text", what);
  const std::string_view rest = text_.substr(at_, 20);
  fail_here("expected {}, got '{}'", what, rest.substr(0, rest.find('\n')));
}

void TextCursor::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      ++at_;
    } else {
      return;
    }
  }
}

bool TextCursor::at_end() {
  skip_space();
  return at_ == text_.size();
}

char TextCursor::peek() {
  return at_end() ? '\0' : text_[at_];
}

bool TextCursor::take(char punctuation) {
  if (peek() != punctuation || at_ == text_.size()) return false;
  ++at_;
  return true;
}

void TextCursor::expect(char punctuation) {
  if (!take(punctuation)) expected(fmt::format("'{}'", punctuation));
}

std::string_view TextCursor::peek_word() {
  skip_space();
  std::size_t end = at_;
  if (end < text_.size() && opens_word(text_[end]))
    while (end < text_.size() && continues_word(text_[end])) ++end;
  return text_.substr(at_, end - at_);
}

bool TextCursor::take_word(std::string_view word) {
  if (peek_word() != word) return false;
  at_ += word.size();
  return true;
}

void TextCursor::expect_word(std::string_view word) {
  if (!take_word(word)) expected(fmt::format("'{}'", word));
}

std::string TextCursor::name(const char* what) {
  if (peek() == '"') return quoted(what);
  const std::string_view word = peek_word();
  if (word.empty()) expected(what);
  at_ += word.size();
  return std::string(word);
}

std::string TextCursor::quoted(const char* what) {
  if (!take('"')) expected(what);
  std::string out;
  while (true) {
    if (at_ == text_.size()) fail_here("expected a closing '\"'");
    const char c = text_[at_++];
    if (c == '"') return out;
    if (c != '\\') {
      out += c;
      continue;
    }
    const char escape = at_ < text_.size() ? text_[at_++] : '\0';
    if (escape == 'n') {
      out += '\n';
    } else if (escape == 't') {
      out += '\t';
    } else if (escape == '"' || escape == '\\') {
      out += escape;
    } else if (escape == 'x' && text_.size() - at_ >= 2 && hex_digit(text_[at_]) >= 0 &&
               hex_digit(text_[at_ + 1]) >= 0) {
      out += static_cast<char>(hex_digit(text_[at_]) * 16 + hex_digit(text_[at_ + 1]));
      at_ += 2;
    } else {
      fail_here("expected one of the escapes \\n \\t \\\" \\\\ \\xNN");
    }
  }
}

std::string_view TextCursor::raw_quoted(const char* what) {
  if (!take('"')) expected(what);
  const std::size_t end = text_.find('"', at_);
  if (end == std::string_view::npos) fail_here("expected a closing '\"'");
  const std::string_view out = text_.substr(at_, end - at_);
  at_ = end + 1;
  return out;
}

std::string_view TextCursor::number(const char* what) {
  skip_space();
  const std::size_t start = at_;
  std::size_t end = start;
  if (end < text_.size() && text_[end] == '-') ++end;
  while (end < text_.size()) {
    const char c = text_[end];
    const bool exponent_sign = (c == '-' || c == '+') && end > start && (text_[end - 1] | 0x20) == 'e';
    if (!is_digit(c) && !(c >= 'a' && c <= 'z') && c != 'E' && c != '.' && !exponent_sign) break;
    ++end;
  }
  if (text_.substr(start, end - start) == "nan" && text_.substr(end, 3) == "(0x") {
    end = text_.find(')', end);
    if (end == std::string_view::npos) fail_here("expected a closing ')'");
    ++end;
  }
  if (end == start) expected(what);
  at_ = end;
  return text_.substr(start, end - start);
}

std::int64_t TextCursor::integer(const char* what) {
  skip_space();
  const std::size_t start = at_;
  const std::string_view digits = number(what);
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    at_ = start;
    fail_here("expected {}, got '{}'", what, digits);
  }
  return out;
}

std::string_view TextCursor::dimension() {
  skip_space();
  const std::size_t start = at_;
  int depth = 0;
  bool symbol = false;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '`') symbol = !symbol;
    if (symbol) continue;
    if (depth == 0 && (c == ',' || c == ']')) break;
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
  }
  if (at_ == text_.size()) {
    at_ = start;
    fail_here("expected a closing ']'");
  }
  return text_.substr(start, at_ - start);
}

std::string quoted_text(std::string_view text) {
  const bool utf8 = decode_utf8(text).has_value();
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (code < 0x20 || code == 0x7f || (code >= 0x80 && !utf8)) {
      out += fmt::format("\\x{:02x}", code);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string name_text(std::string_view text) {
  const bool bare = !text.empty() && opens_word(text[0]) && std::ranges::all_of(text, continues_word) &&
                    std::ranges::find(kReserved, text) == kReserved.end();
  return bare ? std::string(text) : quoted_text(text);
}

}  // namespace atlas
