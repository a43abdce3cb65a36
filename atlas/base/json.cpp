// Builds Json values, hands out what they hold and turns them into text (RFC 8259).
#include "atlas/base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/base/utf8.h"

namespace atlas {
namespace {

void write_string(std::string& out, const std::string& text) {
  const bool is_utf8 = decode_utf8(text).has_value();
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else if (byte >= 0x80 && !is_utf8) {
      append_utf8(out, 0xFFFD);
    } else {
      out += c;
    }
  }
  out += '"';
}

void break_line(std::string& out, int indent) {
  out += '\n';
  out.append(static_cast<std::size_t>(indent) * 2, ' ');
}

}  // namespace

Json Json::object(Members members) {
  Json json;
  json.value_ = std::move(members);
  return json;
}

Json Json::array(Items items) {
  Json json;
  json.value_ = std::move(items);
  return json;
}

Json& Json::set(std::string key, Json value) {
  auto* members = std::get_if<Members>(&value_);
  ensure(members != nullptr, "Json::set on a value that is no object");
  members->emplace_back(std::move(key), std::move(value));
  return *this;
}

Json& Json::add(Json value) {
  auto* items = std::get_if<Items>(&value_);
  ensure(items != nullptr, "Json::add on a value that is no array");
  items->push_back(std::move(value));
  return *this;
}

bool Json::is_plain() const {
  return !std::holds_alternative<Items>(value_) && !std::holds_alternative<Members>(value_);
}

void Json::write(std::string& out, int indent) const {
  if (const auto* boolean = std::get_if<bool>(&value_)) {
    out += *boolean ? "true" : "false";
  } else if (const auto* integer = std::get_if<std::int64_t>(&value_)) {
    fmt::format_to(std::back_inserter(out), "{}", *integer);
  } else if (const auto* real = std::get_if<double>(&value_); real && std::isfinite(*real)) {
    fmt::format_to(std::back_inserter(out), "{}", *real);
  } else if (const auto* string = std::get_if<std::string>(&value_)) {
    write_string(out, *string);
  } else if (const auto* items = std::get_if<Items>(&value_)) {
    const bool one_line =
        std::all_of(items->begin(), items->end(), [](const Json& j) { return j.is_plain(); });
    out += '[';
    for (std::size_t i = 0; i < items->size(); ++i) {
      if (i > 0) out += one_line ? ", " : ",";
      if (!one_line) break_line(out, indent + 1);
      (*items)[i].write(out, indent + 1);
    }
    if (!one_line) break_line(out, indent);
    out += ']';
  } else if (const auto* members = std::get_if<Members>(&value_)) {
    out += '{';
    for (std::size_t i = 0; i < members->size(); ++i) {
      if (i > 0) out += ',';
      break_line(out, indent + 1);
      write_string(out, (*members)[i].first);
      out += ": ";
      (*members)[i].second.write(out, indent + 1);
    }
    if (!members->empty()) break_line(out, indent);
    out += '}';
  } else {
    out += "null";
  }
}

const Json* Json::find(std::string_view key) const {
  const Members& all = members();
  const auto found = std::find_if(all.rbegin(), all.rend(), [&](const auto& m) { return m.first == key; });
  return found == all.rend() || found->second.is_null() ? nullptr : &found->second;
}

const Json& Json::at(std::string_view key) const {
  const Json* found = find(key);
  if (found == nullptr) fail(ErrorCode::InvalidArgument, "expected a member '{}'", key);
  return *found;
}

/// What an error shows of a value that is not what was expected.
std::string Json::shown() const {
  if (is_array()) return "an array";
  if (is_object()) return "an object";
  std::string out;
  write(out, 0);
  return out.size() <= 40 ? out : out.substr(0, 40) + "...";
}

const Json::Members& Json::members() const {
  const auto* held = std::get_if<Members>(&value_);
  if (held == nullptr) fail(ErrorCode::InvalidArgument, "expected an object, got {}", shown());
  return *held;
}

const Json::Items& Json::items() const {
  const auto* held = std::get_if<Items>(&value_);
  if (held == nullptr) fail(ErrorCode::InvalidArgument, "expected an array, got {}", shown());
  return *held;
}

const std::string& Json::string() const {
  const auto* held = std::get_if<std::string>(&value_);
  if (held == nullptr) fail(ErrorCode::InvalidArgument, "expected a string, got {}", shown());
  return *held;
}

bool Json::boolean() const {
  const auto* held = std::get_if<bool>(&value_);
  if (held == nullptr) fail(ErrorCode::InvalidArgument, "expected true or false, got {}", shown());
  return *held;
}

std::int64_t Json::integer(std::int64_t least, std::int64_t most) const {
  const auto* held = std::get_if<std::int64_t>(&value_);
  if (held == nullptr || *held < least || *held > most)
    fail(ErrorCode::InvalidArgument, "expected an integer from {} to {}, got {}", least, most, shown());
  return *held;
}

double Json::number() const {
  if (const auto* integer = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*integer);
  const auto* held = std::get_if<double>(&value_);
  if (held == nullptr) fail(ErrorCode::InvalidArgument, "expected a number, got {}", shown());
  return *held;
}

std::string Json::text() const {
  std::string out;
  write(out, 0);
  out += '\n';
  return out;
}

}  // namespace atlas
