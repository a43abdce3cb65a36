// The members of a recipe, declared once: read strictly from YAML, or listed for documentation.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atlas/base/function_ref.h"
#include "atlas/base/yaml.h"

namespace atlas {

/// A key, and what its value means in one line.
struct Field {
  std::string_view key;
  std::string_view about;
  bool is_optional = false;  // then what the variable holds beforehand is the default
};

/// A line of a task's documentation.
struct FieldDoc {
  std::string path;       // "detect.threshold"
  std::string form;       // "number from 0 to 1"
  std::string otherwise;  // "required", or the default
  std::string about;
};

/// Each call declares a member. While reading it sets its variable and throws InvalidArgument
/// "file:line: path: expected X, got Y" on missing and wrong values; while listing it leaves it alone.
class Fields {
 public:
  using Declare = FunctionRef<void(Fields&)>;

  /// Reads a map; a key that `declare` does not name is an error.
  static void read(const Yaml& yaml, Declare declare);
  static std::vector<FieldDoc> list(Declare declare);

  void boolean(const Field& field, bool& to);
  void integer(const Field& field, std::int64_t& to, std::int64_t least, std::int64_t most);
  void number(const Field& field, float& to, double least, double most);
  /// Exactly as many numbers as `to` has.
  void numbers(const Field& field, std::span<float> to, double least, double most);
  /// 1 to `most_count` whole numbers.
  void integers(const Field& field, std::vector<std::int64_t>& to, std::int64_t least, std::int64_t most,
                std::size_t most_count);
  /// 1 to `most_count` numbers.
  void reals(const Field& field, std::vector<float>& to, double least, double most, std::size_t most_count);
  void text(const Field& field, std::string& to);
  /// A file that RecipeFiles finds.
  void file(const Field& field, std::string& to);
  /// One of some words.
  template <typename T>
  void choice(const Field& field, T& to, std::initializer_list<std::pair<std::string_view, T>> choices);
  /// A map with members of its own. One that is optional may be left out whole.
  void section(const Field& field, Declare declare);

 private:
  enum class Mode { Keys, Read, List };

  Fields(Mode mode, const Yaml* yaml, std::vector<FieldDoc>* docs, std::string prefix)
      : mode_(mode), yaml_(yaml), docs_(docs), prefix_(std::move(prefix)) {}

  /// The value to read, or nullptr where there is nothing to be read.
  const Yaml* member(const Field& field, std::string_view form, std::string_view otherwise);
  /// Position of the word among `words`; -1 where there is nothing to be read.
  int word(const Field& field, const std::vector<std::string_view>& words, std::size_t otherwise);

  Mode mode_;
  const Yaml* yaml_;
  std::vector<FieldDoc>* docs_;
  std::string prefix_;
  std::vector<std::string_view> keys_;
};

template <typename T>
void Fields::choice(const Field& field, T& to,
                    std::initializer_list<std::pair<std::string_view, T>> choices) {
  std::vector<std::string_view> words;
  std::size_t otherwise = 0;
  for (const auto& [word, value] : choices) {
    if (value == to) otherwise = words.size();
    words.push_back(word);
  }
  if (const int chosen = word(field, words, otherwise); chosen >= 0) to = (choices.begin() + chosen)->second;
}

}  // namespace atlas
