// One writer per option.
#include "cli/timeline_exports.h"

#include "atlas/base/file.h"
#include "atlas/timeline/report.h"
#include "atlas/timeline/trace.h"
#include "cli/chip_roof.h"

namespace atlas::cli {

void TimelineExports::add_to(CommandLine& line) {
  line.add_option("--trace", trace,
                  "Where the timeline goes as a trace for Perfetto or Chrome: .json or .json.gz");
  line.add_option("--report", report, "Where the timeline goes as a page for browsers, one file: .html");
}

void TimelineExports::add_tables_to(CommandLine& line) {
  line.add_option("--csv", csv, "Where the timeline goes as a table, a row per step");
  line.add_option("--json", json, "Where the timeline goes as JSON, for programs and for `atlas compare`");
}

void TimelineExports::write(const Timeline& timeline) const {
  if (!trace.empty()) write_trace(trace, timeline);
  if (!report.empty()) write_text(report, report_page(timeline));
  if (!csv.empty()) write_text(csv, timeline_csv(timeline).text());
  if (!json.empty()) write_text(json, timeline_json(timeline).text());
}

void TimelineExports::write_prediction(Timeline timeline, const Chip& chip, const std::string& format) const {
  for (Event& event : timeline.events)
    if (event.format.empty() && event.operations > 0) event.format = format.empty() ? "f32" : format;
  set_roof(timeline, chip_roof(chip));
  write(timeline);
}

}  // namespace atlas::cli
