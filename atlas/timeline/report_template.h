// report.html, report.css and report.js, as the build put them into the program.
#pragma once

#include <string_view>

namespace atlas {

struct ReportTemplate {
  std::string_view page;  // with places for the other two and for the data
  std::string_view style;
  std::string_view script;
};

ReportTemplate report_template();

}  // namespace atlas
