// YAML by yaml-cpp, copied into plain values under limits.
#include "atlas/base/yaml.h"

#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>

#include "atlas/base/error.h"
#include "atlas/base/file.h"

namespace atlas {

struct Yaml::Reader {
  static constexpr int kMostNodes = 200'000;
  static constexpr int kMostDepth = 64;

  std::shared_ptr<const std::string> document;
  int nodes = 0;

  Yaml read(const YAML::Node& node, std::string path, int depth) {
    Yaml out;
    out.document_ = document;
    out.line_ = node.Mark().line + 1;
    out.path_ = std::move(path);
    if (++nodes > kMostNodes || depth > kMostDepth)
      out.expected(fmt::format("at most {} nodes, nested at most {} deep", kMostNodes, kMostDepth));
    if (node.IsScalar()) {
      out.kind_ = Kind::Scalar;
      out.scalar_ = node.Scalar();
    } else if (node.IsSequence()) {
      out.kind_ = Kind::List;
      for (const YAML::Node& item : node)
        out.items_.push_back(read(item, fmt::format("{}[{}]", out.path_, out.items_.size()), depth + 1));
    } else if (node.IsMap()) {
      out.kind_ = Kind::Map;
      for (const auto& member : node) {
        if (!member.first.IsScalar()) out.expected("keys that are plain words");
        const std::string& key = member.first.Scalar();
        if (out.find(key)) out.expected(fmt::format("key '{}' once", key));
        out.members_.emplace_back(
            key, read(member.second, out.path_.empty() ? key : out.path_ + "." + key, depth + 1));
      }
    }
    return out;
  }
};

Yaml Yaml::parse(const std::string& text, const std::string& where) {
  Reader reader{std::make_shared<const std::string>(where)};
  YAML::Node root;
  try {
    root = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    fail(ErrorCode::InvalidArgument, "{}:{}: expected YAML, got {}", where, error.mark.line + 1, error.msg);
  }
  return reader.read(root, "", 0);
}

Yaml Yaml::read(const std::filesystem::path& path) {
  return parse(read_text(path), path.string());
}

const Yaml* Yaml::find(std::string_view key) const {
  if (!is_map()) expected("a map");
  const auto found = std::ranges::find(members_, key, &Members::value_type::first);
  return found == members_.end() ? nullptr : &found->second;
}

const Yaml& Yaml::at(std::string_view key) const {
  const Yaml* found = find(key);
  if (!found) expected(fmt::format("a member '{}'", key));
  return *found;
}

const Yaml::Members& Yaml::members() const {
  if (!is_map()) expected("a map");
  return members_;
}

const std::vector<Yaml>& Yaml::items() const {
  if (!is_list()) expected("a list");
  return items_;
}

void Yaml::allow_only(std::span<const std::string_view> keys) const {
  for (const auto& [key, value] : members())
    if (std::ranges::find(keys, key) == keys.end())
      fail(ErrorCode::InvalidArgument, "{}:{}: expected one of {}, got the key '{}'", *document_, value.line_,
           fmt::join(keys, ", "), key);
}

const std::string& Yaml::text() const {
  if (!is_scalar()) expected("text");
  return scalar_;
}

bool Yaml::boolean() const {
  if (!is_scalar() || (scalar_ != "true" && scalar_ != "false")) expected("true or false");
  return scalar_ == "true";
}

std::int64_t Yaml::integer(std::int64_t least, std::int64_t most) const {
  std::int64_t value = 0;
  const char* end = scalar_.data() + scalar_.size();
  const auto [stop, error] = std::from_chars(scalar_.data(), end, value);
  if (!is_scalar() || error != std::errc{} || stop != end || value < least || value > most)
    expected(fmt::format("a whole number from {} to {}", least, most));
  return value;
}

double Yaml::number(double least, double most) const {
  double value = 0;
  const char* end = scalar_.data() + scalar_.size();
  const auto [stop, error] = std::from_chars(scalar_.data(), end, value);
  if (!is_scalar() || error != std::errc{} || stop != end || !(value >= least && value <= most))
    expected(fmt::format("a number from {} to {}", least, most));
  return value;
}

std::vector<double> Yaml::numbers(std::size_t count) const {
  if (!is_list() || items_.size() != count) expected(fmt::format("a list of {} numbers", count));
  std::vector<double> values;
  for (const Yaml& item : items_) values.push_back(item.number(-1e300, 1e300));
  return values;
}

void Yaml::expected(std::string_view what) const {
  std::string got;
  switch (kind_) {
    case Kind::Null:
      got = "nothing";
      break;
    case Kind::Scalar:
      got = fmt::format("'{:.60}'", scalar_);
      break;
    case Kind::List:
      got = fmt::format("a list of {}", items_.size());
      break;
    case Kind::Map:
      got = fmt::format("a map of {}", members_.size());
      break;
  }
  fail(ErrorCode::InvalidArgument, "{}:{}: {}expected {}, got {}", document_ ? *document_ : "?", line_,
       path_.empty() ? "" : path_ + ": ", what, got);
}

}  // namespace atlas
