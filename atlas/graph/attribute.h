// Named constants of a node: everything ONNX lets an attribute be.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "atlas/base/box.h"
#include "atlas/graph/type.h"
#include "atlas/tensor/datum.h"

namespace atlas {

class Graph;

/// Inside a function's body: the attribute of that name of the calling node.
struct AttributeReference {
  std::string name;
  int kind = -1;  // which alternative of Attribute it stands for; -1 where nothing says
};

using Attribute =
    std::variant<std::int64_t, float, std::string, Tensor, Box<Graph>, Type, std::vector<std::int64_t>,
                 std::vector<float>, std::vector<std::string>, std::vector<Tensor>, std::vector<Graph>,
                 std::vector<Type>, SparseTensor, AttributeReference>;

/// Attributes by name, in order of their names. A handful per node: a sorted vector.
class Attributes {
 public:
  using Entry = std::pair<std::string, Attribute>;

  Attributes();
  Attributes(std::initializer_list<Entry> entries);
  Attributes(const Attributes&);
  Attributes(Attributes&&) noexcept;
  Attributes& operator=(const Attributes&);
  Attributes& operator=(Attributes&&) noexcept;
  ~Attributes();

  const Attribute* find(std::string_view name) const;
  Attribute* find(std::string_view name);
  bool has(std::string_view name) const { return find(name) != nullptr; }
  void set(std::string name, Attribute value);
  void erase(std::string_view name);

  /// The attribute as a T, nothing where it is absent. Throws InvalidArgument where it is of another kind.
  template <typename T>
  const T* get(std::string_view name) const;

  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  float real(std::string_view name, float otherwise) const;
  std::string string(std::string_view name, std::string_view otherwise) const;
  std::vector<std::int64_t> integers(std::string_view name) const;  // empty where absent
  std::vector<float> reals(std::string_view name) const;
  std::vector<std::string> strings(std::string_view name) const;

  std::vector<Entry>::const_iterator begin() const;
  std::vector<Entry>::const_iterator end() const;
  std::vector<Entry>::iterator begin();
  std::vector<Entry>::iterator end();
  std::size_t size() const;

 private:
  std::vector<Entry> entries_;
};

/// "an integer", "a real", "integers", ...
const char* kind_name(const Attribute& attribute);

}  // namespace atlas
