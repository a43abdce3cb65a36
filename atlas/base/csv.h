// Tables as comma-separated values: a header of column names, then rows of text.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlas {

struct Csv {
  std::string where;  // names the table in messages
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // each as long as `columns`

  /// Fields may stand in double quotes, as RFC 4180 says. Throws InvalidArgument "file:line: ..." on rows of
  /// another length than the header, quotes that do not end, column names given twice or no header;
  /// ResourceExhausted beyond 2 million rows or 256 columns.
  static Csv parse(std::string_view text, const std::string& where);
  static Csv read(const std::filesystem::path& path);

  std::optional<std::size_t> column(std::string_view name) const;
  std::string text() const;
};

}  // namespace atlas
