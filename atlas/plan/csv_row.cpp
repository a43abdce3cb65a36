// Numbers are checked where they are read.
#include "atlas/plan/csv_row.h"

#include <fmt/core.h>

#include <charconv>

#include "atlas/base/error.h"

namespace atlas {

std::string CsvRow::text(std::string_view column) const {
  const std::optional<std::size_t> at = table_.column(column);
  return at ? table_.rows[index_][*at] : std::string();
}

std::string CsvRow::text_or(std::string_view column, std::string otherwise) const {
  std::string value = text(column);
  return value.empty() ? otherwise : value;
}

std::string CsvRow::where() const {
  return fmt::format("{}: row {}", table_.where, index_ + 1);
}

double CsvRow::number(std::string_view column, double least) const {
  const std::string value = text(column);
  double out = 0;
  const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  require(error == std::errc{} && stop == value.data() + value.size() && out >= least && out <= 1e15,
          "{}: {}: expected a number from {} to 1e15, got '{:.40}'", where(), column, least, value);
  return out;
}

double CsvRow::number_or(std::string_view column, double otherwise, double least) const {
  return has(column) ? number(column, least) : otherwise;
}

}  // namespace atlas
