// tokenizer.json's normalizers and pre-tokenizers.
#include "atlas/base/base64.h"
#include "atlas/pipeline/text/json_parts.h"

namespace atlas {
namespace {

Charsmap charsmap(const Json& json) {
  const std::string& encoded = json.at("precompiled_charsmap").string();
  const std::optional<std::size_t> size = base64_size(encoded);
  require(size.has_value(), "precompiled_charsmap: expected base64");
  std::string blob(*size, '\0');
  require(decode_base64(encoded, std::as_writable_bytes(std::span(blob))),
          "precompiled_charsmap: expected base64");
  return Charsmap(blob);
}

Separators separators(const Json& json) {
  const std::string name = text(json, "behavior", "Isolated");
  if (name == "Removed") return Separators::Removed;
  if (name == "Isolated") return Separators::Isolated;
  if (name == "MergedWithPrevious") return Separators::MergedWithPrevious;
  if (name == "MergedWithNext") return Separators::MergedWithNext;
  if (name == "Contiguous") return Separators::Contiguous;
  unknown_kind("behavior", name, "Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
}

Prepend prepend(const Json& json) {
  if (json.find("prepend_scheme") == nullptr)
    return flag(json, "add_prefix_space", true) ? Prepend::Always : Prepend::Never;
  const std::string& scheme = json.at("prepend_scheme").string();
  if (scheme == "always") return Prepend::Always;
  if (scheme == "first") return Prepend::First;
  if (scheme == "never") return Prepend::Never;
  unknown_kind("prepend_scheme", scheme, "always, first, never");
}

void append_byte_level(const Json& json, std::vector<PreTokenizer>& out) {
  if (flag(json, "add_prefix_space", true)) out.push_back(space_prepender());
  if (flag(json, "use_regex", true))
    out.push_back(pattern_splitter(
        Pattern::regex(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"),
        Separators::Isolated, false));
}

}  // namespace

void append_normalizers(const Json& json, std::vector<Normalizer>& out) {
  const std::string& type = json.at("type").string();
  if (type == "Sequence") {
    each_of_sequence(json, "normalizers", [&](const Json& item) { append_normalizers(item, out); });
  } else if (type == "BertNormalizer") {
    const bool lowercase = flag(json, "lowercase", true);
    out.push_back(bert_normalizer({.clean_text = flag(json, "clean_text", true),
                                   .handle_chinese_chars = flag(json, "handle_chinese_chars", true),
                                   .strip_accents = flag(json, "strip_accents", lowercase),
                                   .lowercase = lowercase}));
  } else if (type == "NFC") {
    out.push_back(normal_form(NormalForm::Nfc));
  } else if (type == "NFD") {
    out.push_back(normal_form(NormalForm::Nfd));
  } else if (type == "NFKC") {
    out.push_back(normal_form(NormalForm::Nfkc));
  } else if (type == "NFKD") {
    out.push_back(normal_form(NormalForm::Nfkd));
  } else if (type == "Lowercase") {
    out.push_back(lower_caser());
  } else if (type == "StripAccents") {
    out.push_back(accent_stripper());
  } else if (type == "Strip") {
    out.push_back(stripper(flag(json, "strip_left", true), flag(json, "strip_right", true)));
  } else if (type == "Prepend") {
    out.push_back(prepender(json.at("prepend").string()));
  } else if (type == "Replace") {
    out.push_back(replacer(pattern(json.at("pattern")), json.at("content").string()));
  } else if (type == "Precompiled") {
    if (json.find("precompiled_charsmap") != nullptr) out.push_back(charsmap_normalizer(charsmap(json)));
  } else if (type == "Nmt") {
    out.push_back(nmt_normalizer());
  } else {
    unknown_kind(
        "normalizer", type,
        "Sequence, BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Prepend, Replace, "
        "Precompiled, Nmt");
  }
}

void append_pre_tokenizers(const Json& json, std::vector<PreTokenizer>& out, bool& byte_level) {
  const std::string& type = json.at("type").string();
  if (byte_level)
    fail(ErrorCode::Unsupported, "pre_tokenizer {}: expected ByteLevel to be the last of them", type);
  if (type == "Sequence") {
    each_of_sequence(json, "pretokenizers",
                     [&](const Json& item) { append_pre_tokenizers(item, out, byte_level); });
  } else if (type == "BertPreTokenizer") {
    out.push_back(bert_pre_tokenizer());
  } else if (type == "ByteLevel") {
    append_byte_level(json, out);
    byte_level = true;
  } else if (type == "Whitespace") {
    out.push_back(word_splitter());
  } else if (type == "WhitespaceSplit") {
    out.push_back(white_space_splitter());
  } else if (type == "Punctuation") {
    out.push_back(punctuation_splitter(separators(json)));
  } else if (type == "Digits") {
    out.push_back(digit_splitter(flag(json, "individual_digits", false)));
  } else if (type == "CharDelimiterSplit") {
    out.push_back(
        pattern_splitter(Pattern::string(json.at("delimiter").string()), Separators::Removed, false));
  } else if (type == "Split") {
    out.push_back(
        pattern_splitter(pattern(json.at("pattern")), separators(json), flag(json, "invert", false)));
  } else if (type == "Metaspace") {
    out.push_back(metaspace(text(json, "replacement", "\u2581"), prepend(json), flag(json, "split", true)));
  } else {
    unknown_kind("pre_tokenizer", type,
                 "Sequence, BertPreTokenizer, ByteLevel, Whitespace, WhitespaceSplit, Punctuation, Digits, "
                 "CharDelimiterSplit, Split, Metaspace");
  }
}

void append_decoders(const Json& json, std::vector<Decoder>& out) {
  const std::string& type = json.at("type").string();
  if (type == "Sequence") {
    each_of_sequence(json, "decoders", [&](const Json& item) { append_decoders(item, out); });
  } else if (type == "ByteLevel") {
    out.push_back(byte_level_decoder());
  } else if (type == "WordPiece") {
    out.push_back(wordpiece_decoder(text(json, "prefix", "##"), flag(json, "cleanup", true)));
  } else if (type == "Metaspace") {
    out.push_back(metaspace_decoder(text(json, "replacement", "\u2581"), prepend(json) != Prepend::Never));
  } else if (type == "BPEDecoder") {
    out.push_back(bpe_decoder(text(json, "suffix", "</w>")));
  } else if (type == "ByteFallback") {
    out.push_back(byte_fallback_decoder());
  } else if (type == "Fuse") {
    out.push_back(fuser());
  } else if (type == "Strip") {
    const auto count = [&](std::string_view key) {
      return static_cast<std::size_t>(json.at(key).integer(0, 1 << 20));
    };
    const std::string& what = json.at("content").string();
    require(!what.empty(), "decoder Strip: expected a character as content, got none");
    out.push_back(strip_decoder(what, count("start"), count("stop")));
  } else if (type == "Replace") {
    out.push_back(replace_decoder(pattern(json.at("pattern")), json.at("content").string()));
  } else {
    unknown_kind("decoder", type,
                 "Sequence, ByteLevel, WordPiece, Metaspace, BPEDecoder, ByteFallback, Fuse, Strip, Replace");
  }
}

}  // namespace atlas
