// A declaration runs twice over a map: once for the keys that it knows, once to read them.
#include "atlas/pipeline/recipe/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace atlas {
namespace {

constexpr std::size_t kMostText = 4096;

std::string range(std::string_view what, double least, double most) {
  return fmt::format("{} from {} to {}", what, least, most);
}

}  // namespace

void Fields::read(const Yaml& yaml, Declare declare) {
  Fields keys(Mode::Keys, nullptr, nullptr, "");
  declare(keys);
  yaml.allow_only(keys.keys_);
  Fields reading(Mode::Read, &yaml, nullptr, "");
  declare(reading);
}

std::vector<FieldDoc> Fields::list(Declare declare) {
  std::vector<FieldDoc> docs;
  Fields listing(Mode::List, nullptr, &docs, "");
  declare(listing);
  return docs;
}

const Yaml* Fields::member(const Field& field, std::string_view form, std::string_view otherwise) {
  switch (mode_) {
    case Mode::Keys:
      keys_.push_back(field.key);
      return nullptr;
    case Mode::List:
      docs_->push_back({prefix_ + std::string(field.key), std::string(form),
                        std::string(field.is_optional ? otherwise : "required"), std::string(field.about)});
      return nullptr;
    case Mode::Read:
      break;
  }
  return field.is_optional ? yaml_->find(field.key) : &yaml_->at(field.key);
}

void Fields::boolean(const Field& field, bool& to) {
  if (const Yaml* yaml = member(field, "true or false", to ? "true" : "false")) to = yaml->boolean();
}

void Fields::integer(const Field& field, std::int64_t& to, std::int64_t least, std::int64_t most) {
  const std::string form = fmt::format("whole number from {} to {}", least, most);
  if (const Yaml* yaml = member(field, form, fmt::format("{}", to))) to = yaml->integer(least, most);
}

void Fields::number(const Field& field, float& to, double least, double most) {
  if (const Yaml* yaml = member(field, range("number", least, most), fmt::format("{}", to)))
    to = static_cast<float>(yaml->number(least, most));
}

void Fields::numbers(const Field& field, std::span<float> to, double least, double most) {
  const std::string form = range(fmt::format("{} numbers", to.size()), least, most);
  const Yaml* yaml = member(field, form, fmt::format("[{}]", fmt::join(to, ", ")));
  if (!yaml) return;
  if (!yaml->is_list() || yaml->items().size() != to.size()) yaml->expected(form);
  for (std::size_t i = 0; i < to.size(); ++i)
    to[i] = static_cast<float>(yaml->items()[i].number(least, most));
}

void Fields::integers(const Field& field, std::vector<std::int64_t>& to, std::int64_t least,
                      std::int64_t most, std::size_t most_count) {
  const std::string form = fmt::format("1 to {} whole numbers from {} to {}", most_count, least, most);
  const Yaml* yaml = member(field, form, fmt::format("[{}]", fmt::join(to, ", ")));
  if (!yaml) return;
  if (!yaml->is_list() || yaml->items().empty() || yaml->items().size() > most_count) yaml->expected(form);
  to.clear();
  for (const Yaml& item : yaml->items()) to.push_back(item.integer(least, most));
}

void Fields::reals(const Field& field, std::vector<float>& to, double least, double most,
                   std::size_t most_count) {
  const std::string form = range(fmt::format("1 to {} numbers", most_count), least, most);
  const Yaml* yaml = member(field, form, fmt::format("[{}]", fmt::join(to, ", ")));
  if (!yaml) return;
  if (!yaml->is_list() || yaml->items().empty() || yaml->items().size() > most_count) yaml->expected(form);
  to.clear();
  for (const Yaml& item : yaml->items()) to.push_back(static_cast<float>(item.number(least, most)));
}

void Fields::text(const Field& field, std::string& to) {
  const Yaml* yaml = member(field, "text", to.empty() ? "none" : to);
  if (!yaml) return;
  if (yaml->text().size() > kMostText) yaml->expected(fmt::format("text of at most {} bytes", kMostText));
  to = yaml->text();
}

void Fields::file(const Field& field, std::string& to) {
  const Yaml* yaml = member(field, "file", to.empty() ? "none" : to);
  if (!yaml) return;
  if (yaml->text().empty() || yaml->text().size() > kMostText) yaml->expected("the name of a file");
  to = yaml->text();
}

int Fields::word(const Field& field, const std::vector<std::string_view>& words, std::size_t otherwise) {
  const std::string form =
      words.size() == 1
          ? std::string(words.front())
          : fmt::format("{} or {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
  const Yaml* yaml = member(field, form, words[otherwise]);
  if (!yaml) return -1;
  const auto found = std::ranges::find(words, yaml->text());
  if (found == words.end()) yaml->expected(form);
  return static_cast<int>(found - words.begin());
}

void Fields::section(const Field& field, Declare declare) {
  const Yaml* yaml = member(field, "map", "none");
  if (mode_ == Mode::List) {
    Fields listing(Mode::List, nullptr, docs_, prefix_ + std::string(field.key) + ".");
    declare(listing);
  }
  if (yaml) read(*yaml, declare);
}

}  // namespace atlas
