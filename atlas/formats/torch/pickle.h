// Python's pickle as plain data, without running any of it: the part that PyTorch's checkpoints need.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlas {

/// A value among others of one pickle; `items` are numbers of those.
struct PickleValue {
  enum class Kind : std::uint8_t {
    None,
    Bool,        // integer
    Integer,     // integer
    Real,        // real
    Text,        // text
    Tuple,       // items
    List,        // items
    Dict,        // items: key, value, key, value, ...
    Global,      // text: "module name"; a name and nothing else
    Call,        // items: a Global and a Tuple of arguments; nothing is called
    Persistent,  // items: what stands for something kept elsewhere
  };
  Kind kind = Kind::None;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<std::uint32_t> items;
};

class Pickle {
 public:
  /// Reads the pickle that starts at `at` and moves `at` behind it. Globals are those of `allowed` ("module
  /// name"), "collections OrderedDict" among which makes a Dict; state given to objects is dropped. Throws
  /// InvalidArgument on damage and on every other opcode or global, ResourceExhausted beyond a million values
  /// or 64 MiB of text.
  Pickle(std::span<const std::uint8_t> bytes, std::size_t& at, std::span<const std::string_view> allowed,
         std::string_view where);

  const PickleValue& root() const { return values_[root_]; }
  const PickleValue& operator[](std::uint32_t number) const { return values_[number]; }
  /// Visits every value, in the order in which they were made.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const PickleValue& value : values_) visit(value);
  }

 private:
  friend class PickleMachine;

  std::vector<PickleValue> values_;
  std::uint32_t root_ = 0;
};

}  // namespace atlas
