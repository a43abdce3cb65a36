// Polynomials over symbols, just rich enough for shapes.
#include "atlas/graph/dim.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "atlas/base/error.h"

namespace atlas {
namespace {

// Beyond this many terms an expression is of no use to anybody; hostile models must not grow it further.
constexpr std::size_t kMaxTerms = 64;

// The one quotient that does not fit; the processor traps on it.
bool overflows(std::int64_t a, std::int64_t b) {
  return b == -1 && a == std::numeric_limits<std::int64_t>::min();
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

bool is_identifier(std::string_view s) {
  if (s.empty() || !(std::isalpha(static_cast<unsigned char>(s[0])) || s[0] == '_')) return false;
  return std::ranges::all_of(s, [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.'; });
}

// A backquote inside is doubled.
std::string in_backquotes(std::string_view symbol) {
  std::string out = "`";
  for (const char c : symbol) out.append(c == '`' ? 2 : 1, c);
  return out + "`";
}

}  // namespace

Dim::Dim(std::int64_t value) {
  if (value != 0) terms_.push_back({value, {}});
}

Dim Dim::symbol(std::string name) {
  Dim out(0);
  out.terms_.push_back({1, {Atom{AtomKind::Symbol, std::move(name), {}}}});
  return out;
}

std::int64_t Dim::value() const {
  ensure(is_constant(), "value of a dim that is no constant");
  return terms_.empty() ? 0 : terms_[0].coefficient;
}

bool Dim::is_non_negative() const {
  const auto factor_is = [](const Atom& factor) {
    if (factor.kind == AtomKind::Symbol) return true;
    const bool a = factor.arguments[0].is_non_negative();
    const bool b = factor.arguments[1].is_non_negative();
    switch (factor.kind) {
      case AtomKind::Mod:
        return b;
      case AtomKind::Max:
        return a || b;
      default:
        return a && b;
    }
  };
  return !unknown_ && std::ranges::all_of(terms_, [&](const Term& term) {
    return term.coefficient > 0 && std::ranges::all_of(term.factors, factor_is);
  });
}

std::string Dim::symbol_name() const {
  if (unknown_ || terms_.size() != 1 || terms_[0].coefficient != 1 || terms_[0].factors.size() != 1)
    return "";
  return terms_[0].factors[0].symbol;
}

void Dim::add(Term term) {
  if (unknown_) return;
  const std::string key = text_of(term.factors);
  const auto at = std::ranges::lower_bound(terms_, key, {}, [](const Term& t) { return text_of(t.factors); });
  if (at == terms_.end() || text_of(at->factors) != key) {
    if (term.coefficient != 0) terms_.insert(at, std::move(term));
  } else if (__builtin_add_overflow(at->coefficient, term.coefficient, &at->coefficient)) {
    *this = Dim();
  } else if (at->coefficient == 0) {
    terms_.erase(at);
  }
  if (terms_.size() > kMaxTerms) *this = Dim();
}

Dim operator+(const Dim& a, const Dim& b) {
  if (a.unknown_ || b.unknown_) return {};
  Dim out = a;
  for (const Dim::Term& term : b.terms_) out.add(term);
  return out;
}

Dim operator-(const Dim& a, const Dim& b) {
  return a + Dim(-1) * b;
}

Dim operator*(const Dim& a, const Dim& b) {
  if (a.unknown_ || b.unknown_) return {};
  Dim out(0);
  for (const Dim::Term& x : a.terms_) {
    for (const Dim::Term& y : b.terms_) {
      Dim::Term term;
      if (__builtin_mul_overflow(x.coefficient, y.coefficient, &term.coefficient)) return {};
      std::ranges::merge(
          x.factors, y.factors, std::back_inserter(term.factors), {},
          [](const Dim::Atom& f) { return Dim::text_of(f); },
          [](const Dim::Atom& f) { return Dim::text_of(f); });
      if (term.factors.size() > kMaxTerms) return {};
      out.add(std::move(term));
    }
  }
  return out;
}

Dim Dim::atom(AtomKind kind, const Dim& a, const Dim& b) {
  // Maximum and minimum do not care for the order: one order makes equal ones compare equal.
  const bool swap = (kind == AtomKind::Max || kind == AtomKind::Min) && b.text() < a.text();
  Dim out(0);
  out.terms_.push_back({1, {Atom{kind, "", swap ? std::vector<Dim>{b, a} : std::vector<Dim>{a, b}}}});
  // Nested quotients grow; past a bound they help nobody.
  return out.text().size() > 1024 ? Dim() : out;
}

Dim floor_div(const Dim& a, const Dim& b) {
  if (a.unknown_ || b.unknown_ || b.terms_.empty()) return {};
  if (a.is_constant() && b.is_constant())
    return overflows(a.value(), b.value()) ? Dim() : Dim(floor_divide(a.value(), b.value()));
  if (b == Dim(1)) return a;
  if (a == b) return 1;
  if (b.terms_.size() == 1) {
    // Exact where every term of `a` holds the one term of `b`.
    const Dim::Term& divisor = b.terms_[0];
    Dim quotient(0);
    bool exact = true;
    for (const Dim::Term& term : a.terms_) {
      Dim::Term part{0, term.factors};
      exact = exact && !overflows(term.coefficient, divisor.coefficient) &&
              term.coefficient % divisor.coefficient == 0;
      for (const Dim::Atom& factor : divisor.factors) {
        const auto at = std::ranges::find(part.factors, Dim::text_of(factor),
                                          [](const Dim::Atom& f) { return Dim::text_of(f); });
        if (at == part.factors.end()) {
          exact = false;
          break;
        }
        part.factors.erase(at);
      }
      if (!exact) break;
      part.coefficient = term.coefficient / divisor.coefficient;
      quotient.add(std::move(part));
    }
    if (exact) return quotient;
  }
  return Dim::atom(Dim::AtomKind::FloorDiv, a, b);
}

Dim ceil_div(const Dim& a, const Dim& b) {
  return Dim(0) - floor_div(Dim(0) - a, b);
}

Dim mod(const Dim& a, const Dim& b) {
  if (a.unknown_ || b.unknown_ || b.terms_.empty()) return {};
  if (a.is_constant() && b.is_constant() && !overflows(a.value(), b.value()))
    return a.value() - floor_divide(a.value(), b.value()) * b.value();
  if (b == Dim(1) || a == b) return 0;
  return Dim::atom(Dim::AtomKind::Mod, a, b);
}

Dim max(const Dim& a, const Dim& b) {
  if (a.unknown_ || b.unknown_) return {};
  if ((a - b).is_non_negative()) return a;
  if ((b - a).is_non_negative()) return b;
  return Dim::atom(Dim::AtomKind::Max, a, b);
}

Dim min(const Dim& a, const Dim& b) {
  if (a.unknown_ || b.unknown_) return {};
  if ((a - b).is_non_negative()) return b;
  if ((b - a).is_non_negative()) return a;
  return Dim::atom(Dim::AtomKind::Min, a, b);
}

bool operator==(const Dim& a, const Dim& b) {
  return !a.unknown_ && !b.unknown_ && a.text() == b.text();
}

std::optional<std::int64_t> Dim::evaluate_atom(const Atom& atom, const SymbolTable& symbols) {
  if (atom.kind == AtomKind::Symbol) {
    const auto found = symbols.find(atom.symbol);
    return found == symbols.end() ? std::nullopt : std::optional(found->second);
  }
  const auto a = atom.arguments[0].evaluate(symbols);
  const auto b = atom.arguments[1].evaluate(symbols);
  if (!a || !b) return std::nullopt;
  switch (atom.kind) {
    case AtomKind::Max:
      return std::max(*a, *b);
    case AtomKind::Min:
      return std::min(*a, *b);
    default:
      break;
  }
  if (*b == 0 || overflows(*a, *b)) return std::nullopt;
  const std::int64_t quotient = floor_divide(*a, *b);
  return atom.kind == AtomKind::FloorDiv ? quotient : *a - quotient * *b;
}

std::optional<std::int64_t> Dim::evaluate(const SymbolTable& symbols) const {
  if (unknown_) return std::nullopt;
  std::int64_t sum = 0;
  for (const Term& term : terms_) {
    std::int64_t value = term.coefficient;
    for (const Atom& factor : term.factors) {
      const auto f = evaluate_atom(factor, symbols);
      if (!f || __builtin_mul_overflow(value, *f, &value)) return std::nullopt;
    }
    if (__builtin_add_overflow(sum, value, &sum)) return std::nullopt;
  }
  return sum;
}

void Dim::visit_symbols(const std::function<void(const std::string&)>& visit) const {
  for (const Term& term : terms_) {
    for (const Atom& factor : term.factors) {
      if (factor.kind == AtomKind::Symbol) visit(factor.symbol);
      for (const Dim& argument : factor.arguments) argument.visit_symbols(visit);
    }
  }
}

std::string Dim::text_of(const Atom& atom) {
  const auto call = [&](const char* function) {
    return fmt::format("{}({},{})", function, atom.arguments[0].text(), atom.arguments[1].text());
  };
  switch (atom.kind) {
    case AtomKind::Symbol:
      return is_identifier(atom.symbol) ? atom.symbol : in_backquotes(atom.symbol);
    case AtomKind::FloorDiv:
      return call("floor_div");
    case AtomKind::Mod:
      return call("mod");
    case AtomKind::Max:
      return call("max");
    case AtomKind::Min:
      return call("min");
  }
  return "";
}

std::string Dim::text_of(const std::vector<Atom>& factors) {
  std::string out;
  for (const Atom& factor : factors) {
    if (!out.empty()) out += '*';
    out += text_of(factor);
  }
  return out;
}

std::string Dim::text() const {
  if (unknown_) return "?";
  if (terms_.empty()) return "0";
  std::string out;
  // The constant term sorts first (no factors) and reads better last.
  const std::size_t constants = terms_[0].factors.empty() ? 1 : 0;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    const Term& term = terms_[(i + constants) % terms_.size()];
    const std::string factors = text_of(term.factors);
    if (term.coefficient >= 0 && !out.empty()) out += '+';
    if (factors.empty()) {
      out += std::to_string(term.coefficient);
    } else if (term.coefficient == -1) {
      out += "-" + factors;
    } else if (term.coefficient == 1) {
      out += factors;
    } else {
      out += std::to_string(term.coefficient) + "*" + factors;
    }
  }
  return out;
}

/// Recursive descent over the grammar that `text()` writes.
class DimParser {
 public:
  explicit DimParser(std::string_view text) : text_(text) {}

  Dim whole() {
    Dim out = sum(0);
    skip_space();
    require(at_ == text_.size(), "dimension '{}': unexpected text at column {}", text_, at_ + 1);
    return out;
  }

 private:
  Dim sum(int depth) {
    require(depth < 32, "dimension '{}': nested too deeply", text_);
    Dim out = take('-') ? Dim(0) - term(depth) : term(depth);
    while (true) {
      if (take('+')) {
        out = out + term(depth);
      } else if (take('-')) {
        out = out - term(depth);
      } else {
        return out;
      }
    }
  }

  Dim term(int depth) {
    Dim out = factor(depth);
    while (take('*')) out = out * factor(depth);
    return out;
  }

  Dim factor(int depth) {
    skip_space();
    if (take('?')) return {};
    if (take('(')) {
      Dim out = sum(depth + 1);
      expect(')');
      return out;
    }
    if (take('`')) {
      std::string symbol;
      while (true) {
        require(at_ < text_.size(), "dimension '{}': expected a closing backquote", text_);
        const char c = text_[at_++];
        if (c == '`') {
          if (at_ == text_.size() || text_[at_] != '`') break;
          ++at_;
        }
        symbol += c;
      }
      return Dim::symbol(std::move(symbol));
    }
    std::size_t end = at_;
    while (end < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[end])) || text_[end] == '_' || text_[end] == '.'))
      ++end;
    const std::string word(text_.substr(at_, end - at_));
    require(!word.empty(), "dimension '{}': expected a number or a name at column {}", text_, at_ + 1);
    at_ = end;
    if (std::isdigit(static_cast<unsigned char>(word[0]))) return number(word);
    if (!take('(')) return Dim::symbol(word);
    const Dim a = sum(depth + 1);
    expect(',');
    const Dim b = sum(depth + 1);
    expect(')');
    if (word == "floor_div") return floor_div(a, b);
    if (word == "mod") return mod(a, b);
    if (word == "max") return max(a, b);
    if (word == "min") return min(a, b);
    fail(ErrorCode::InvalidArgument, "dimension '{}': unknown function '{}'", text_, word);
  }

  Dim number(const std::string& word) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    require(error == std::errc() && end == word.data() + word.size(), "dimension '{}': '{}' is no number",
            text_, word);
    return value;
  }

  void skip_space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) { require(take(c), "dimension '{}': expected '{}' at column {}", text_, c, at_ + 1); }

  std::string_view text_;
  std::size_t at_ = 0;
};

Dim Dim::parse(std::string_view text) {
  return DimParser(text).whole();
}

Dim product(const Dims& dims) {
  Dim out(1);
  for (const Dim& dim : dims) out = out * dim;
  return out;
}

Dims dims_of(const std::vector<std::int64_t>& shape) {
  return Dims(shape.begin(), shape.end());
}

std::optional<std::vector<std::int64_t>> constant_shape(const Dims& dims) {
  std::vector<std::int64_t> shape;
  for (const Dim& dim : dims) {
    if (!dim.is_constant()) return std::nullopt;
    shape.push_back(dim.value());
  }
  return shape;
}

std::string text(const Dims& dims) {
  std::string out = "[";
  for (std::size_t i = 0; i < dims.size(); ++i) out += (i ? "," : "") + dims[i].text();
  return out + "]";
}

}  // namespace atlas
