// Regular expressions by PCRE2: tokenizer files use look-ahead, which RE2 lacks.
#include "atlas/pipeline/text/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* pointer) const {
    release(pointer);
  }
};

using CompileContext = std::unique_ptr<pcre2_compile_context, Release<pcre2_compile_context_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Release<pcre2_match_context_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Release<pcre2_match_data_free>>;

std::string reason(int code) {
  PCRE2_UCHAR text[128];
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

// PCRE2's \s and \w differ from Unicode's properties, which tokenizers mean, in a few code points.
constexpr std::string_view kSpaces =
    "\\t-\\r \\x85\\xA0\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}";
constexpr std::string_view kWord =
    "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{200C}\\x{200D}\\x{24B6}-\\x{24E9}\\x{1F130}-\\x{1F149}"
    "\\x{1F150}-\\x{1F169}\\x{1F170}-\\x{1F189}";

/// `expression` with \s, \w and, outside of classes, their complements spelled out.
std::string with_unicode_classes(std::string_view expression) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '\\' && i + 1 < expression.size()) {
      const char escaped = expression[++i];
      const bool is_complement = escaped == 'S' || escaped == 'W';
      const bool is_space = escaped == 's' || escaped == 'S';
      if ((is_space || escaped == 'w' || escaped == 'W') && !(in_class && is_complement)) {
        if (!in_class) out += is_complement ? "[^" : "[";
        out += is_space ? kSpaces : kWord;
        if (!in_class) out += ']';
      } else {
        out += c;
        out += escaped;
      }
      continue;
    }
    if (c == '[' && !in_class) {
      in_class = true;
      out += c;
      // A bracket that stands first in a class is itself.
      if (i + 1 < expression.size() && expression[i + 1] == '^') out += expression[++i];
      if (i + 1 < expression.size() && expression[i + 1] == ']') out += expression[++i];
      continue;
    }
    if (c == ']') in_class = false;
    out += c;
  }
  return out;
}

}  // namespace

struct Pattern::Code {
  std::unique_ptr<pcre2_code, Release<pcre2_code_free>> code;
  MatchContext limits;
};

Pattern Pattern::string(std::string text) {
  require(!text.empty(), "pattern: expected a string of one character or more");
  Pattern pattern;
  pattern.text_ = std::move(text);
  return pattern;
}

Pattern Pattern::regex(const std::string& expression) {
  constexpr std::size_t kLongest = 16384;
  if (expression.size() > kLongest)
    fail(ErrorCode::Unsupported, "regular expression: expected at most {} bytes, got {}", kLongest,
         expression.size());
  const CompileContext context(pcre2_compile_context_create(nullptr));
  pcre2_set_parens_nest_limit(context.get(), 50);
  const std::string spelled = with_unicode_classes(expression);
  int error = 0;
  PCRE2_SIZE at = 0;
  auto code = std::make_shared<Code>();
  code->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(spelled.data()), spelled.size(),
                                 PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &error, &at,
                                 context.get()));
  if (!code->code) fail(ErrorCode::InvalidArgument, "regular expression '{}': {}", expression, reason(error));
  pcre2_jit_compile(code->code.get(), PCRE2_JIT_COMPLETE);  // where that fails, matches are interpreted
  code->limits.reset(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(code->limits.get(), 10'000'000);
  pcre2_set_heap_limit(code->limits.get(), 64 << 10);  // KiB
  Pattern pattern;
  pattern.text_ = expression;
  pattern.code_ = std::move(code);
  return pattern;
}

void Pattern::each_match(std::string_view text, FunctionRef<void(TextSpan)> found) const {
  const auto report = [&](std::size_t begin, std::size_t end) {
    found({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  };
  if (!code_) {
    for (std::size_t at = text.find(text_); at != std::string_view::npos;
         at = text.find(text_, at + text_.size()))
      report(at, at + text_.size());
    return;
  }
  const MatchData data(pcre2_match_data_create(1, nullptr));
  for (std::size_t at = 0; at < text.size();) {
    const int count = pcre2_match(code_->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                  at, PCRE2_NO_UTF_CHECK, data.get(), code_->limits.get());
    if (count == PCRE2_ERROR_NOMATCH) return;
    if (count < 0)
      fail(ErrorCode::ResourceExhausted, "regular expression '{}': gave up on a text of {} bytes: {}", text_,
           text.size(), reason(count));
    const PCRE2_SIZE* match = pcre2_get_ovector_pointer(data.get());
    if (match[1] > match[0]) report(match[0], match[1]);
    at = match[1];
    if (match[1] <= match[0] && at < text.size()) next_code_point(text, at);
  }
}

}  // namespace atlas
