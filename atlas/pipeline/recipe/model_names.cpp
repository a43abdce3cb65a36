// Python's dict of numbers and strings, read as what it is: nothing is evaluated.
#include "atlas/pipeline/recipe/model_names.h"

#include <charconv>
#include <string_view>

namespace atlas {
namespace {

constexpr std::size_t kMostNames = 100'000;

class DictReader {
 public:
  explicit DictReader(std::string_view text) : text_(text) {}

  /// Nothing where the text is another.
  std::vector<std::string> names() {
    std::vector<std::string> out;
    if (!take('{')) return {};
    while (!take('}')) {
      std::size_t number = 0;
      std::string name;
      if (!read_number(number) || number != out.size() || number >= kMostNames || !take(':') ||
          !read_string(name))
        return {};
      out.push_back(std::move(name));
      if (!take(',') && !(at_ < text_.size() && text_[at_] == '}')) return {};
    }
    return out;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    skip_space();
    return true;
  }
  bool read_number(std::size_t& to) {
    const char* end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data() + at_, end, to);
    at_ = static_cast<std::size_t>(stop - text_.data());
    return error == std::errc{};
  }
  /// In either kind of quotes; a backslash keeps what follows it.
  bool read_string(std::string& to) {
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return false;
    const char quote = text_[at_++];
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && ++at_ == text_.size()) return false;
      to += text_[at_];
    }
    return at_++ < text_.size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<std::string> names_in(const std::map<std::string, std::string>& metadata) {
  const auto found = metadata.find("names");
  return found == metadata.end() ? std::vector<std::string>{} : DictReader(found->second).names();
}

}  // namespace atlas
