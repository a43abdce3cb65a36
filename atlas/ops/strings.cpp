// Strings, element by element: concatenation, splitting, matching, clean-up.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>

#include "atlas/base/letter_case.h"
#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/result_limit.h"

namespace atlas::ops {
namespace {

using Strings = std::vector<std::string>;

Strings broadcast_strings(const ReferenceContext& context, std::size_t i, const Shape& to) {
  const auto values = context.input(i).values<std::string>();
  return broadcast_values(Strings(values.begin(), values.end()), context.shape(i), to);
}

void string_concat(ReferenceContext& context) {
  const Shape shape = broadcast_inputs(context);
  Strings out = broadcast_strings(context, 0, shape);
  const Strings tails = broadcast_strings(context, 1, shape);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += tails[i];
  context.set_output(0, Tensor::of<std::string>(shape, out));
}

// Bytes of the white-space character (Unicode's White_Space) that `text` begins with, 0 where it begins with
// another.
std::size_t leading_space(std::string_view text) {
  constexpr std::array<std::string_view, 19> kWide = {
      "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
      "\u2007", "\u2008", "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};
  if (text.empty()) return 0;
  if (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r')) return 1;
  for (const std::string_view space : kWide)
    if (text.starts_with(space)) return space.size();
  return 0;
}

void drop_leading_space(std::string_view& text) {
  while (const std::size_t size = leading_space(text)) text.remove_prefix(size);
}

// Python's str.split without a separator.
Strings split_at_space(std::string_view text, std::size_t most_splits) {
  Strings out;
  drop_leading_space(text);
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size() && (out.size() >= most_splits || leading_space(text.substr(end)) == 0)) ++end;
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
    drop_leading_space(text);
  }
  return out;
}

Strings split_at(std::string_view text, std::string_view delimiter, std::size_t most_splits) {
  Strings out;
  while (out.size() < most_splits) {
    const std::size_t at = text.find(delimiter);
    if (at == std::string_view::npos) break;
    out.emplace_back(text.substr(0, at));
    text.remove_prefix(at + delimiter.size());
  }
  out.emplace_back(text);
  return out;
}

void infer_string_split(InferContext& context) {
  std::optional<Dims> parts = context.dims(0);
  if (parts) parts->push_back(Dim());
  context.set_output(0, DType::String, parts);
  context.set_output(1, DType::I64, context.dims(0));
}

void string_split(ReferenceContext& context) {
  const std::string delimiter = context.string("delimiter");
  const auto most_splits = static_cast<std::size_t>(context.integer("maxsplit", -1));  // negative: no limit
  std::vector<Strings> parts;
  std::vector<std::int64_t> counts;
  for (const std::string& text : context.input(0).values<std::string>()) {
    parts.push_back(delimiter.empty() ? split_at_space(text, most_splits)
                                      : split_at(text, delimiter, most_splits));
    counts.push_back(static_cast<std::int64_t>(parts.back().size()));
  }
  Shape shape = context.shape(0);
  const std::int64_t width = counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
  shape.push_back(width);
  check_result_size(context, shape);
  Tensor out(DType::String, shape);
  const auto to = out.values_mutable<std::string>();
  for (std::size_t i = 0; i < parts.size(); ++i)
    std::move(parts[i].begin(), parts[i].end(), to.begin() + static_cast<std::int64_t>(i) * width);
  context.set_output(0, std::move(out));
  context.set_integers(1, DType::I64, context.shape(0), counts);
}

void infer_regex_full_match(InferContext& context) {
  context.set_output(0, DType::Bool, context.dims(0));
}

void regex_full_match(ReferenceContext& context) {
  const std::string pattern = context.string("pattern");
  const RE2 regex(pattern, RE2::Quiet);
  context.check(regex.ok(), "attribute 'pattern' is '{}', which is no regular expression: {}", pattern,
                regex.error());
  std::vector<std::int64_t> matches;
  for (const std::string& text : context.input(0).values<std::string>())
    matches.push_back(RE2::FullMatch(text, regex));
  context.set_integers(0, DType::Bool, context.shape(0), matches);
}

template <typename Context>
void check_normalizer_shape(const Context& context, std::size_t rank, bool one_row) {
  context.check(rank == 1 || (rank == 2 && one_row), "expected strings of shape [C] or [1,C]");
}

void infer_string_normalizer(InferContext& context) {
  if (!context.dims(0)) return context.set_output(0, DType::String, std::nullopt);
  const Dims& dims = *context.dims(0);
  const bool one_row = dims.size() == 2 && (!dims[0].is_constant() || dims[0] == Dim(1));
  check_normalizer_shape(context, dims.size(), one_row);
  context.set_output(0, DType::String, dims.size() == 1 ? Dims{Dim()} : Dims{Dim(1), Dim()});
}

std::string in_case(const std::string& action, const std::string& text) {
  return action == "UPPER" ? to_upper(text) : action == "LOWER" ? to_lower(text) : text;
}

// Case follows Unicode whatever attribute 'locale' says.
void string_normalizer(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  check_normalizer_shape(context, shape.size(), shape.size() == 2 && shape[0] == 1);
  const std::string action = context.string("case_change_action");
  context.check(action == "NONE" || action == "LOWER" || action == "UPPER",
                "attribute 'case_change_action' is '{}', expected NONE, LOWER or UPPER", action);
  const bool sensitive = context.integer("is_case_sensitive") != 0;
  const auto compared = [&](const std::string& text) { return sensitive ? text : to_lower(text); };

  std::set<std::string> stopwords;
  for (const std::string& word : context.strings("stopwords")) stopwords.insert(compared(word));
  Strings out;
  for (const std::string& text : context.input(0).values<std::string>())
    if (stopwords.empty() || !stopwords.contains(compared(text))) out.push_back(in_case(action, text));
  if (out.empty()) out.emplace_back();
  Shape out_shape = shape;
  out_shape.back() = static_cast<std::int64_t>(out.size());
  context.set_output(0, Tensor::of<std::string>(out_shape, out));
}

}  // namespace

std::vector<OpDef> strings() {
  using types::kString;
  return {
      {.name = "StringConcat",
       .schema = {"X:T, Y:T -> Z:T", {{"T", kString}}},
       .infer = infer_broadcast,
       .reference = string_concat},
      {.name = "StringSplit",
       .schema = {"X:T1 -> Y:T2, Z:T3",
                  {{"T1", kString}, {"T2", kString}, {"T3", {DType::I64}}},
                  {{"delimiter", AttributeKind::String}, {"maxsplit", AttributeKind::Integer}}},
       .infer = infer_string_split,
       .reference = string_split},
      {.name = "RegexFullMatch",
       .schema = {"X:T1 -> Y:T2",
                  {{"T1", kString}, {"T2", types::kBool}},
                  {{"pattern", AttributeKind::String}}},
       .infer = infer_regex_full_match,
       .reference = regex_full_match},
      {.name = "StringNormalizer",
       .schema = {"X:string -> Y:string",
                  {},
                  {{"stopwords", AttributeKind::Strings},
                   {"locale", AttributeKind::String},
                   {"is_case_sensitive", 0},
                   {"case_change_action", "NONE"}}},
       .infer = infer_string_normalizer,
       .reference = string_normalizer},
  };
}

}  // namespace atlas::ops
