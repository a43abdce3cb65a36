// The page is put together of its files and the data.
#include "atlas/timeline/report.h"

#include "atlas/base/error.h"
#include "atlas/timeline/report_template.h"

namespace atlas {
namespace {

void fill(std::string& page, std::string_view place, std::string_view content) {
  const std::size_t at = page.find(place);
  ensure(at != std::string::npos, "report.html lacks a place for what belongs into it");
  page.replace(at, place.size(), content);
}

// A "<" inside the data could end the script that holds them.
std::string without_tags(const std::string& json) {
  std::string out;
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string report_page(const Timeline& timeline) {
  const ReportTemplate parts = report_template();
  std::string page(parts.page);
  fill(page, "/*style*/", parts.style);
  fill(page, "/*script*/", parts.script);
  fill(page, "/*timeline*/", without_tags(timeline_json(timeline).text()));
  return page;
}

}  // namespace atlas
