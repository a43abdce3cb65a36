// One extent of a shape that may not be known yet: a number, a symbol, or an expression of symbols.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlas {

/// Values of symbols, by name.
using SymbolTable = std::map<std::string, std::int64_t, std::less<>>;

/// Kept as a polynomial in canonical form, so that equal expressions compare equal:
/// a sum of products of integers, symbols and opaque quotients, remainders, maxima and minima.
/// A default Dim is unknown; unknown Dims never compare equal, and whatever is computed from one is unknown.
class Dim {
 public:
  Dim() : unknown_(true) {}
  Dim(std::int64_t value);
  static Dim symbol(std::string name);

  /// Reads what `text()` writes, with + - * ( ) floor_div(a,b) mod(a,b) max(a,b) min(a,b). Throws
  /// InvalidArgument on anything else.
  static Dim parse(std::string_view text);

  bool is_unknown() const { return unknown_; }
  bool is_constant() const {
    return !unknown_ && (terms_.empty() || (terms_.size() == 1 && terms_[0].factors.empty()));
  }
  /// Certainly not below 0, whatever extents (0 or more) its symbols stand for.
  bool is_non_negative() const;
  /// The number. Only where `is_constant()`.
  std::int64_t value() const;
  /// The name where this is one symbol and nothing else, else "".
  std::string symbol_name() const;

  /// The number under these symbols; nothing where one is missing, unknown, or the arithmetic overflows.
  std::optional<std::int64_t> evaluate(const SymbolTable& symbols) const;
  /// Calls `visit` with the name of every symbol in the expression.
  void visit_symbols(const std::function<void(const std::string&)>& visit) const;

  friend Dim operator+(const Dim& a, const Dim& b);
  friend Dim operator-(const Dim& a, const Dim& b);
  friend Dim operator*(const Dim& a, const Dim& b);
  /// Rounded towards minus infinity. Unknown where `b` is the constant 0.
  friend Dim floor_div(const Dim& a, const Dim& b);
  friend Dim ceil_div(const Dim& a, const Dim& b);
  /// Remainder with the sign of `b`.
  friend Dim mod(const Dim& a, const Dim& b);
  friend Dim max(const Dim& a, const Dim& b);
  friend Dim min(const Dim& a, const Dim& b);
  friend bool operator==(const Dim& a, const Dim& b);

  /// "3", "N", "2*N+1", "floor_div(H-1,2)"; unknown is "?". Symbols that are no identifiers stand in
  /// backquotes, a backquote inside doubled.
  std::string text() const;

 private:
  enum class AtomKind : std::uint8_t { Symbol, FloorDiv, Mod, Max, Min };
  struct Atom {
    AtomKind kind = AtomKind::Symbol;
    std::string symbol;
    std::vector<Dim> arguments;
  };
  struct Term {
    std::int64_t coefficient = 0;
    std::vector<Atom> factors;  // sorted by their text
  };
  friend class DimParser;

  static Dim atom(AtomKind kind, const Dim& a, const Dim& b);
  static std::string text_of(const Atom& atom);
  static std::string text_of(const std::vector<Atom>& factors);
  static std::optional<std::int64_t> evaluate_atom(const Atom& atom, const SymbolTable& symbols);
  void add(Term term);

  bool unknown_ = false;
  std::vector<Term> terms_;  // sorted by the text of their factors, no coefficient 0
};

using Dims = std::vector<Dim>;

/// Product of the dims; 1 for none.
Dim product(const Dims& dims);

/// Constant dims of a shape.
Dims dims_of(const std::vector<std::int64_t>& shape);

/// The shape, where every dim is a constant.
std::optional<std::vector<std::int64_t>> constant_shape(const Dims& dims);

/// "[N,3,224,224]"
std::string text(const Dims& dims);

}  // namespace atlas
