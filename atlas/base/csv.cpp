// One pass over the text; quotes are written where a field needs them.
#include "atlas/base/csv.h"

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/file.h"

namespace atlas {
namespace {

constexpr std::size_t kMostRows = 2'000'000;
constexpr std::size_t kMostColumns = 256;

class Scanner {
 public:
  Scanner(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  bool at_end() const { return at_ >= text_.size(); }
  std::size_t line() const { return line_; }

  // The fields up to the end of a line.
  std::vector<std::string> record() {
    std::vector<std::string> fields(1);
    for (;;) {
      if (!at_end() && text_[at_] == '"')
        quoted(fields.back());
      else
        while (!at_end() && text_[at_] != ',' && text_[at_] != '\n') fields.back() += text_[at_++];
      if (at_end() || text_[at_] == '\n') break;
      require(text_[at_] == ',', "{}:{}: expected a comma behind a quoted field, got '{}'", where_, line_,
              text_[at_]);
      ++at_;
      if (fields.size() == kMostColumns)
        fail(ErrorCode::ResourceExhausted, "{}:{}: expected at most {} columns, got more", where_, line_,
             kMostColumns);
      fields.emplace_back();
    }
    ++at_;
    ++line_;
    if (fields.back().ends_with('\r')) fields.back().pop_back();
    return fields;
  }

 private:
  void quoted(std::string& field) {
    const std::size_t started = line_;
    for (++at_;; ++at_) {
      require(!at_end(), "{}:{}: expected the quote to end, got the end of the file", where_, started);
      if (text_[at_] == '"' && (++at_ >= text_.size() || text_[at_] != '"')) break;
      if (text_[at_] == '\n') ++line_;
      field += text_[at_];
    }
    if (!at_end() && text_[at_] == '\r') ++at_;
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

std::string escaped(const std::string& field) {
  if (field.find_first_of(",\"\n\r") == std::string::npos) return field;
  std::string out = "\"";
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
  return out;
}

void append(std::string& out, const std::vector<std::string>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    out += escaped(fields[i]);
  }
  out += '\n';
}

}  // namespace

Csv Csv::parse(std::string_view text, const std::string& where) {
  Scanner scanner(text, where);
  Csv csv;
  csv.where = where;
  require(!scanner.at_end(), "{}:1: expected a header of column names, got nothing", where);
  csv.columns = scanner.record();
  for (std::size_t i = 0; i < csv.columns.size(); ++i)
    require(std::find(csv.columns.begin(), csv.columns.begin() + static_cast<std::ptrdiff_t>(i),
                      csv.columns[i]) == csv.columns.begin() + static_cast<std::ptrdiff_t>(i),
            "{}:1: expected column '{}' once", where, csv.columns[i]);
  while (!scanner.at_end()) {
    const std::size_t line = scanner.line();
    std::vector<std::string> row = scanner.record();
    if (row.size() == 1 && row[0].empty()) continue;
    require(row.size() == csv.columns.size(), "{}:{}: expected {} fields, got {}", where, line,
            csv.columns.size(), row.size());
    if (csv.rows.size() == kMostRows)
      fail(ErrorCode::ResourceExhausted, "{}:{}: expected at most {} rows, got more", where, line, kMostRows);
    csv.rows.push_back(std::move(row));
  }
  return csv;
}

Csv Csv::read(const std::filesystem::path& path) {
  return parse(read_text(path, std::size_t{1} << 28), path.string());
}

std::optional<std::size_t> Csv::column(std::string_view name) const {
  const auto found = std::ranges::find(columns, name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::string Csv::text() const {
  std::string out;
  append(out, columns);
  for (const std::vector<std::string>& row : rows) append(out, row);
  return out;
}

}  // namespace atlas
