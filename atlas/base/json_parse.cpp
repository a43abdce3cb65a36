// Reads JSON by nlohmann's parser, which calls back for each value and does not recurse.
#include <nlohmann/json.hpp>

#include "atlas/base/error.h"
#include "atlas/base/json.h"

namespace atlas {

/// Puts values where they belong as they are met, and keeps the bounds.
class Json::Reader {
 public:
  using Event = nlohmann::json;

  Reader(const std::string& where, Json& root) : where_(where), root_(root) {}

  bool null() { return put({}); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(std::int64_t value) { return put(value); }
  bool number_unsigned(std::uint64_t value) {
    return value <= std::uint64_t{INT64_MAX} ? put(static_cast<std::int64_t>(value))
                                             : put(static_cast<double>(value));
  }
  bool number_float(double value, const std::string&) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(Event::binary_t&) { return false; }

  bool start_object(std::size_t) { return open(object()); }
  bool key(std::string& value) {
    key_ = std::move(value);
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(array()); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    std::string reason = error.what();
    if (const auto end = reason.find("] "); end != std::string::npos) reason.erase(0, end + 2);
    fail(ErrorCode::InvalidArgument, "{}: expected JSON, got something else at byte {} ({})", where_,
         position, reason);
  }

 private:
  Json* add(Json value) {
    constexpr std::size_t kMostValues = std::size_t{1} << 24;
    if (++count_ > kMostValues)
      fail(ErrorCode::ResourceExhausted, "{}: expected at most {} values, got more", where_, kMostValues);
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (auto* members = std::get_if<Members>(&open_.back()->value_))
      return &members->emplace_back(std::move(key_), std::move(value)).second;
    return &std::get<Items>(open_.back()->value_).emplace_back(std::move(value));
  }

  bool put(Json value) {
    add(std::move(value));
    return true;
  }

  bool open(Json value) {
    constexpr std::size_t kDeepest = 128;
    if (open_.size() == kDeepest)
      fail(ErrorCode::InvalidArgument, "{}: expected nesting of at most {}, got more", where_, kDeepest);
    open_.push_back(add(std::move(value)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const std::string& where_;
  Json& root_;
  std::string key_;
  std::vector<Json*> open_;  // a value moves only while those inside it are closed
  std::size_t count_ = 0;
};

Json Json::parse(std::string_view text, const std::string& where) {
  Json root;
  Reader reader(where, root);
  nlohmann::json::sax_parse(text.begin(), text.end(), &reader);
  return root;
}

}  // namespace atlas
