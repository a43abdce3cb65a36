// Text in ASCII, most of what models for English see, is changed in place.
#include "atlas/base/unicode.h"
#include "atlas/pipeline/text/normalizer.h"

namespace atlas {
namespace {

bool is_ideograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

bool is_dropped(char32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  if (c == 0 || c == 0xFFFD) return true;
  const Category kind = category(c);
  return kind == Category::Cc || kind == Category::Cf || kind == Category::Co;
}

void clean(AlignedText& text) {
  rewrite_each(text, [](char32_t c, std::size_t at, AlignedText::Rewriting& out) {
    if (is_dropped(c)) return;
    out.put(is_white_space(c) ? U' ' : c, at);
  });
}

void space_ideographs(AlignedText& text) {
  rewrite_each(text, [](char32_t c, std::size_t at, AlignedText::Rewriting& out) {
    const bool apart = is_ideograph(c);
    if (apart) out.put(U' ', at);
    out.put(c, at);
    if (apart) out.put(U' ', at);
  });
}

/// False where the text holds more than ASCII's printable characters and white space.
bool normalize_ascii(AlignedText& text, const BertNormalizerOptions& options) {
  for (const char byte : text.text()) {
    const auto c = static_cast<unsigned char>(byte);
    if (c >= 0x7F || (c < ' ' && c != '\t' && c != '\n' && c != '\r')) return false;
  }
  for (std::size_t at = 0; at < text.text().size(); ++at) {
    const char c = text.text()[at];
    if (options.clean_text && c < ' ') text.replace_ascii(at, ' ');
    if (options.lowercase && c >= 'A' && c <= 'Z') text.replace_ascii(at, static_cast<char>(c - 'A' + 'a'));
  }
  return true;
}

}  // namespace

Normalizer bert_normalizer(BertNormalizerOptions options) {
  return [options, decompose = normal_form(NormalForm::Nfd), strip = accent_stripper(),
          lower = lower_caser()](AlignedText& text) {
    if (normalize_ascii(text, options)) return;
    if (options.clean_text) clean(text);
    if (options.handle_chinese_chars) space_ideographs(text);
    if (options.strip_accents) {
      decompose(text);
      strip(text);
    }
    if (options.lowercase) lower(text);
  };
}

}  // namespace atlas
