// A YAML document as plain values that remember file and line, so that a wrong one can be named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atlas {

/// A node of a document. Every check that fails throws InvalidArgument with
/// "file:line: path: expected X, got Y".
class Yaml {
 public:
  using Members = std::vector<std::pair<std::string, Yaml>>;

  /// `where` names the document in messages. Throws InvalidArgument on bad syntax, keys given twice,
  /// nesting beyond 64 or more than 200,000 nodes (aliases count each time they are used).
  static Yaml parse(const std::string& text, const std::string& where);
  static Yaml read(const std::filesystem::path& path);

  bool is_null() const { return kind_ == Kind::Null; }
  bool is_scalar() const { return kind_ == Kind::Scalar; }
  bool is_list() const { return kind_ == Kind::List; }
  bool is_map() const { return kind_ == Kind::Map; }

  /// The member of a map; throws where there is none.
  const Yaml& at(std::string_view key) const;
  /// The member of a map, or nullptr.
  const Yaml* find(std::string_view key) const;
  const Members& members() const;
  /// The elements of a list.
  const std::vector<Yaml>& items() const;
  /// Throws where the map has a key that is not among `keys`: catches misspelt ones.
  void allow_only(std::span<const std::string_view> keys) const;
  void allow_only(std::initializer_list<std::string_view> keys) const {
    allow_only(std::span(keys.begin(), keys.size()));
  }

  const std::string& text() const;
  bool boolean() const;
  std::int64_t integer(std::int64_t least, std::int64_t most) const;
  double number(double least, double most) const;
  /// `count` numbers.
  std::vector<double> numbers(std::size_t count) const;

  /// Throws InvalidArgument "file:line: path: expected ..., got ...".
  [[noreturn]] void expected(std::string_view what) const;

 private:
  enum class Kind : unsigned char { Null, Scalar, List, Map };
  struct Reader;

  Kind kind_ = Kind::Null;
  int line_ = 0;
  std::shared_ptr<const std::string> document_;
  std::string path_;
  std::string scalar_;
  std::vector<Yaml> items_;
  Members members_;
};

}  // namespace atlas
