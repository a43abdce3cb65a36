// A row of a CSV by the names of its columns.
#pragma once

#include <string>
#include <string_view>

#include "atlas/base/csv.h"

namespace atlas {

class CsvRow {
 public:
  CsvRow(const Csv& table, std::size_t index) : table_(table), index_(index) {}

  /// "" where there is no such column.
  std::string text(std::string_view column) const;
  std::string text_or(std::string_view column, std::string otherwise) const;
  bool has(std::string_view column) const { return !text(column).empty(); }
  /// From `least` to 1e15; throws InvalidArgument "file: row N: column: expected ...".
  double number(std::string_view column, double least = 1) const;
  double number_or(std::string_view column, double otherwise, double least = 1) const;
  /// "file: row N"
  std::string where() const;

 private:
  const Csv& table_;
  std::size_t index_;
};

}  // namespace atlas
