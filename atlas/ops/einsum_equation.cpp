// Reads equations.
#include "atlas/ops/einsum_equation.h"

#include <algorithm>
#include <map>

#include "atlas/base/error.h"

namespace atlas::ops {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// `ellipsis` axes stand for "...".
Labels read_term(const Node& node, std::string_view term, std::size_t ellipsis) {
  Labels out;
  bool seen = false;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (is_letter(term[i])) {
      out.push_back(term[i]);
      continue;
    }
    require(term.substr(i, 3) == "..." && !seen, "{}: expected letters and at most one '...', got '{}'",
            describe(node), term);
    seen = true;
    for (std::size_t k = ellipsis; k > 0; --k) out.push_back(-static_cast<Label>(k));
    i += 2;
  }
  return out;
}

}  // namespace

Equation read_equation(const Node& node, const std::vector<std::size_t>& ranks) {
  std::string equation = node.attributes.string("equation", "");
  std::erase(equation, ' ');
  const std::size_t arrow = equation.find("->");
  const std::string left = equation.substr(0, arrow);
  std::vector<std::string> terms(1);
  for (const char c : left) {
    if (c == ',') {
      terms.emplace_back();
    } else {
      terms.back() += c;
    }
  }
  require(terms.size() == ranks.size(), "{}: expected an equation for {} inputs, got '{}'", describe(node),
          ranks.size(), equation);
  Equation out;
  std::size_t widest = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const std::size_t letters = static_cast<std::size_t>(std::ranges::count_if(terms[i], is_letter));
    const bool open = terms[i].find("...") != std::string::npos;
    require(open ? letters <= ranks[i] : letters == ranks[i],
            "{}: term '{}' does not fit an input of rank {}", describe(node), terms[i], ranks[i]);
    out.inputs.push_back(read_term(node, terms[i], ranks[i] - letters));
    if (open) widest = std::max(widest, ranks[i] - letters);
  }
  if (arrow != std::string::npos) {
    out.output = read_term(node, equation.substr(arrow + 2), widest);
  } else {
    std::map<Label, int> uses;
    for (const Labels& term : out.inputs)
      for (const Label label : term) ++uses[label];
    for (const auto& [label, count] : uses)
      if (label < 0 || count == 1) out.output.push_back(label);
  }
  for (const Label label : out.output) {
    const bool known = std::ranges::any_of(
        out.inputs, [&](const Labels& term) { return std::ranges::count(term, label) > 0; });
    require(known && std::ranges::count(out.output, label) == 1,
            "{}: expected each output label once and among the inputs, got '{}'", describe(node), equation);
  }
  return out;
}

}  // namespace atlas::ops
