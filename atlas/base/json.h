// JSON documents: built up and written as reports for other programs, or read from files.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace atlas {

/// A value of a document, built up and then turned into text. Members stay in the order in which they were
/// set.
class Json {
 public:
  using Members = std::vector<std::pair<std::string, Json>>;
  using Items = std::vector<Json>;

  Json() = default;  // null
  Json(bool value) : value_(value) {}
  template <std::integral T>
  Json(T value) : value_(static_cast<std::int64_t>(value)) {}
  Json(double value) : value_(value) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}

  static Json object(Members members = {});
  static Json array(Items items = {});
  template <typename Range>
  static Json array_of(const Range& range) {
    Json json = array();
    for (const auto& element : range) json.add(element);
    return json;
  }

  /// Adds a member to an object; a key must be set only once.
  Json& set(std::string key, Json value);
  /// Adds an element to an array.
  Json& add(Json value);

  /// The document, indented by two spaces, arrays of plain values on one line, closed by a newline. Numbers
  /// are written so that they read back exactly; those that JSON lacks (infinity, NaN) become null. In a
  /// string that is not UTF-8, every byte beyond ASCII becomes U+FFFD.
  std::string text() const;

  /// A document out of its text. `where` names it in messages. Of members given twice, both are kept.
  /// Integers beyond 64 bits become doubles. Throws InvalidArgument on bad syntax, bytes that are no UTF-8,
  /// nesting beyond 128 or more than 16,777,216 values.
  static Json parse(std::string_view text, const std::string& where);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Items>(value_); }
  bool is_object() const { return std::holds_alternative<Members>(value_); }

  /// The member of an object, the last of that name; throws InvalidArgument where there is none.
  const Json& at(std::string_view key) const;
  /// The member of an object, or nullptr where there is none or it is null.
  const Json* find(std::string_view key) const;
  /// What these hold; each throws InvalidArgument "expected X, got Y" of another kind of value.
  const Members& members() const;
  const Items& items() const;
  const std::string& string() const;
  bool boolean() const;
  std::int64_t integer(std::int64_t least, std::int64_t most) const;
  double number() const;

 private:
  class Reader;

  bool is_plain() const;
  std::string shown() const;
  void write(std::string& out, int indent) const;

  std::variant<std::monostate, bool, std::int64_t, double, std::string, Items, Members> value_;
};

}  // namespace atlas
