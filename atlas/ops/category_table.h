// Categories of ai.onnx.ml: where an element stands in a list of keys, and what stands there in a list of
// values.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "atlas/ops/node_attributes.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

/// Finds elements among keys: strings, integers, or numbers with one NaN and one zero.
class CategoryTable {
 public:
  CategoryTable() = default;
  explicit CategoryTable(const Tensor& keys);

  /// Of the keys.
  DType dtype() const { return dtype_; }
  std::size_t size() const { return size_; }
  /// For each element of `elements`, strings, integers or reals as the keys are, its place (the last of equal
  /// keys), or `size()` where it is not there.
  std::vector<std::size_t> places(const Tensor& elements) const;

 private:
  DType dtype_ = DType::Undefined;
  std::size_t size_ = 0;
  std::unordered_map<std::string, std::size_t> strings_;
  std::unordered_map<std::int64_t, std::size_t> numbers_;
};

/// What LabelEncoder and CategoryMapper do: keys to values.
class CategoryMap {
 public:
  /// `input`: the type of the elements to come. Throws InvalidArgument where the attributes do not fit it.
  static CategoryMap read(const NodeAttributes& node, DType input);

  DType dtype() const { return values_.dtype(); }
  Tensor map(const Tensor& elements) const;

 private:
  CategoryTable keys_;
  Tensor values_;  // one more than there are keys: the last is for what is none of them
};

/// What OneHotEncoder does: a row with a 1 at the category's place, in f32.
class CategoryRows {
 public:
  static CategoryRows read(const NodeAttributes& node, DType input);

  std::size_t width() const { return keys_.size(); }
  /// Places of the elements; `width()` is a row of zeros. Throws InvalidArgument where an element is none of
  /// the categories and the node does not allow that.
  std::vector<std::size_t> places(const Tensor& elements) const;

 private:
  CategoryTable keys_;
  bool zeros_ = true;
  std::string where_;
};

}  // namespace atlas
