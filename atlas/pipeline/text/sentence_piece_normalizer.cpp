// One pass from the left: what is replaced, then what becomes of spaces.
#include "atlas/base/error.h"
#include "atlas/pipeline/text/sentence_piece.h"

namespace atlas {
namespace {

struct Rules {
  std::optional<Charsmap> charsmap;
  PrefixTrie kept;  // pieces that users define stay as they are
  std::string space;
  bool add_dummy_prefix, remove_extra_whitespaces, space_as_suffix;

  /// What the start of `text` becomes.
  Charsmap::Match next(std::string_view text) const {
    if (const std::size_t length = kept.longest_prefix(text).first) return {length, text.substr(0, length)};
    if (charsmap)
      if (const auto match = charsmap->longest(text)) return *match;
    std::size_t length = 0;
    next_code_point(text, length);
    return {length, text.substr(0, length)};
  }
};

void normalize(AlignedText& text, const Rules& rules) {
  AlignedText::Rewriting out(text);
  const std::string_view from = out.from();
  std::size_t at = 0;
  while (rules.remove_extra_whitespaces && at < from.size()) {
    const Charsmap::Match match = rules.next(from.substr(at));
    if (match.by != " ") break;
    at += match.length;
  }
  if (at < from.size() && rules.add_dummy_prefix && !rules.space_as_suffix) out.put(rules.space, at);
  const bool is_blank = at == from.size();
  bool after_space = rules.remove_extra_whitespaces;
  // Spaces are held back until something follows: those at the end go.
  std::vector<std::size_t> held;
  std::size_t last = at;
  const auto put_spaces = [&] {
    for (const std::size_t source : held) out.put(rules.space, source);
    held.clear();
  };
  while (at < from.size()) {
    const Charsmap::Match match = rules.next(from.substr(at));
    std::string_view by = match.by;
    while (after_space && by.starts_with(' ')) by.remove_prefix(1);
    after_space = by.empty() ? after_space : by.ends_with(' ') && rules.remove_extra_whitespaces;
    for (std::size_t i = 0; i < by.size();) {
      const std::size_t begin = i;
      next_code_point(by, i);
      if (by[begin] == ' ') {
        held.push_back(at);
        if (!rules.remove_extra_whitespaces) put_spaces();
      } else if (rules.remove_extra_whitespaces && by.substr(begin, i - begin) == rules.space) {
        held.push_back(at);  // a mark in the text counts as a space at the end
      } else {
        put_spaces();
        out.put(by.substr(begin, i - begin), at);
      }
    }
    last = at;
    at += match.length;
  }
  if (!is_blank && rules.add_dummy_prefix && rules.space_as_suffix) out.put(rules.space, last);
  out.finish();
}

}  // namespace

Normalizer sentence_piece_normalizer(const SentencePieceModel& model) {
  Rules rules{.charsmap = std::nullopt,
              .kept = {},
              .space = model.escape_whitespaces ? "\u2581" : " ",
              .add_dummy_prefix = model.add_dummy_prefix,
              .remove_extra_whitespaces = model.remove_extra_whitespaces,
              .space_as_suffix = model.space_as_suffix};
  if (!model.charsmap.empty()) rules.charsmap.emplace(model.charsmap);
  std::vector<PrefixTrie::Entry> kept;
  for (const SentencePiece& piece : model.pieces)
    if (piece.kind == PieceKind::UserDefined) kept.emplace_back(piece.text, 0);
  rules.kept = PrefixTrie(std::move(kept));
  return [rules = std::move(rules)](AlignedText& text) { normalize(text, rules); };
}

}  // namespace atlas
