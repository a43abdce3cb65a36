// Unicode's normalization forms (UAX #15) with the source of each code point kept.
#include <algorithm>

#include "atlas/base/unicode.h"
#include "atlas/pipeline/text/normalizer.h"

namespace atlas {
namespace {

struct Mark {
  char32_t code_point;
  std::size_t at;  // in the text before
  int combining_class;
};

/// Appends the decomposition of one code point, sorting marks behind the starter they belong to. Sources stay
/// in the order of the text, as in the reference.
void append_decomposed(char32_t c, std::size_t at, bool compatible, std::vector<Mark>& out) {
  char32_t parts[32];
  const std::size_t count = decompose(c, compatible, parts);
  for (std::size_t i = 0; i < count; ++i) {
    const Mark mark{parts[i], at, combining_class(parts[i])};
    auto place = out.end();
    while (mark.combining_class != 0 && place != out.begin() &&
           (place - 1)->combining_class > mark.combining_class)
      --place;
    place = out.insert(place, mark);
    for (; place + 1 != out.end(); ++place) std::swap(place->at, (place + 1)->at);
  }
}

/// Composes marks with the last starter before them, unless one of the same or a higher class stands between.
void compose_all(std::vector<Mark>& marks) {
  std::size_t kept = 0, starter = 0;
  bool has_starter = false;
  int last_class = -1;
  for (const Mark& mark : std::vector<Mark>(marks)) {
    const bool is_next = last_class < mark.combining_class;
    if (has_starter && (is_next || kept == starter + 1)) {
      if (const char32_t both = compose(marks[starter].code_point, mark.code_point)) {
        marks[starter].code_point = both;
        // What stands between moves up to the next source, as in the reference.
        for (std::size_t i = starter + 1; i < kept; ++i)
          marks[i].at = i + 1 < kept ? marks[i + 1].at : mark.at;
        continue;
      }
    }
    if (mark.combining_class == 0) {
      starter = kept;
      has_starter = true;
      last_class = -1;
    } else {
      last_class = mark.combining_class;
    }
    marks[kept++] = mark;
  }
  marks.resize(kept);
}

// A hostile run of marks would take quadratic time to sort and much memory at once.
constexpr std::size_t kLongestRun = 4096;

void normalize(AlignedText& text, bool compatible, bool composed) {
  if (is_ascii(text.text())) return;
  std::vector<Mark> run;  // from one starter to the next, or from one ASCII character on
  AlignedText::Rewriting out(text);
  const auto flush = [&] {
    if (composed) compose_all(run);
    for (const Mark& mark : run) out.put(mark.code_point, mark.at);
    run.clear();
  };
  for (std::size_t at = 0; at < out.from().size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(out.from(), at);
    // ASCII composes with nothing before it. Other starters may (Hangul).
    if (c < 0x80 || run.size() > kLongestRun) flush();
    append_decomposed(c, begin, compatible, run);
  }
  flush();
  out.finish();
}

}  // namespace

Normalizer normal_form(NormalForm form) {
  const bool compatible = form == NormalForm::Nfkc || form == NormalForm::Nfkd;
  const bool composed = form == NormalForm::Nfc || form == NormalForm::Nfkc;
  return [=](AlignedText& text) { normalize(text, compatible, composed); };
}

}  // namespace atlas
