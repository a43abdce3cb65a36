// One function per kind.
#include <algorithm>

#include "atlas/base/utf8.h"
#include "atlas/pipeline/text/byte_level.h"
#include "atlas/pipeline/text/byte_tokens.h"
#include "atlas/pipeline/text/decoder.h"

namespace atlas {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// How many bytes a decoder that replaces bad UTF-8 takes for one U+FFFD: the longest start of a character,
/// or 1.
std::size_t bad_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u; };
  const unsigned lead = at(0);
  std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                       : lead >= 0xE0 && lead <= 0xEF ? 3
                       : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                      : 1;
  const unsigned least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (length == 1 || at(1) < least || at(1) > most) return 1;
  std::size_t taken = 2;
  while (taken < length && at(taken) >= 0x80 && at(taken) <= 0xBF) ++taken;
  return taken;
}

std::string with_replacements(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t good = utf8_prefix(bytes);
    out += bytes.substr(0, good);
    bytes.remove_prefix(good);
    if (bytes.empty()) break;
    out += kReplacement;
    bytes.remove_prefix(bad_length(bytes));
  }
  return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  if (what.empty()) return;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

void fuse(std::vector<std::string>& pieces) {
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  pieces.assign(1, std::move(whole));
}

void decode_byte_level(std::vector<std::string>& pieces) {
  std::string bytes;
  for (const std::string& piece : pieces) bytes += bytes_of_token(piece).value_or(piece);
  pieces.assign(1, with_replacements(bytes));
}

void clean_up(std::string& text) {
  constexpr std::pair<std::string_view, std::string_view> kChanges[] = {
      {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
      {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto& [what, by] : kChanges) replace_all(text, what, by);
}

void decode_wordpiece(std::vector<std::string>& pieces, const std::string& prefix, bool cleanup) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) {
      if (pieces[i].starts_with(prefix)) {
        pieces[i].erase(0, prefix.size());
      } else {
        pieces[i].insert(0, 1, ' ');
      }
    }
    if (cleanup) clean_up(pieces[i]);
  }
}

void decode_metaspace(std::vector<std::string>& pieces, const std::string& mark, bool drops_first) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i == 0 && drops_first) {
      replace_all(pieces[i], mark, "");
    } else {
      replace_all(pieces[i], mark, " ");
    }
  }
}

void decode_byte_tokens(std::vector<std::string>& pieces) {
  std::vector<std::string> out;
  std::string bytes;
  const auto flush = [&] {
    if (bytes.empty()) return;
    if (utf8_prefix(bytes) == bytes.size()) {
      out.push_back(bytes);
    } else {
      for (std::size_t i = 0; i < bytes.size(); ++i) out.emplace_back(kReplacement);
    }
    bytes.clear();
  };
  for (std::string& piece : pieces) {
    if (const auto byte = byte_of_token(piece)) {
      bytes.push_back(static_cast<char>(*byte));
    } else {
      flush();
      out.push_back(std::move(piece));
    }
  }
  flush();
  pieces = std::move(out);
}

void strip(std::string& piece, const std::string& what, std::size_t left, std::size_t right) {
  for (std::size_t i = 0; i < left && piece.starts_with(what); ++i) piece.erase(0, what.size());
  for (std::size_t i = 0; i < right && piece.ends_with(what); ++i) piece.erase(piece.size() - what.size());
}

}  // namespace

Decoder byte_level_decoder() {
  return decode_byte_level;
}

Decoder wordpiece_decoder(std::string prefix, bool cleanup) {
  return [=](std::vector<std::string>& pieces) { decode_wordpiece(pieces, prefix, cleanup); };
}

Decoder metaspace_decoder(std::string mark, bool drops_first) {
  return [=](std::vector<std::string>& pieces) { decode_metaspace(pieces, mark, drops_first); };
}

Decoder bpe_decoder(std::string suffix) {
  return [=](std::vector<std::string>& pieces) {
    for (std::size_t i = 0; i < pieces.size(); ++i)
      replace_all(pieces[i], suffix, i + 1 < pieces.size() ? " " : "");
  };
}

Decoder byte_fallback_decoder() {
  return decode_byte_tokens;
}

Decoder fuser() {
  return fuse;
}

Decoder strip_decoder(std::string what, std::size_t left, std::size_t right) {
  return [=](std::vector<std::string>& pieces) {
    for (std::string& piece : pieces) strip(piece, what, left, right);
  };
}

Decoder replace_decoder(Pattern pattern, std::string content) {
  return [pattern = std::move(pattern), content = std::move(content)](std::vector<std::string>& pieces) {
    for (std::string& piece : pieces) {
      std::string out;
      std::size_t at = 0;
      pattern.each_match(piece, [&](TextSpan match) {
        out.append(piece, at, match.begin - at).append(content);
        at = match.end;
      });
      piece = out.append(piece, at);
    }
  };
}

}  // namespace atlas
