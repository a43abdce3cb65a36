// `atlas profile MODEL`: where the time of a run goes, step by step, against what the machine could do.
#include "atlas/run/profile.h"

#include <fmt/core.h>

#include "atlas/base/cpu_info.h"
#include "atlas/base/error.h"
#include "atlas/run/compiled_model.h"
#include "atlas/timeline/table.h"
#include "cli/chip_roof.h"
#include "cli/error_line.h"
#include "cli/model_inputs.h"
#include "cli/session_options.h"
#include "cli/timeline_exports.h"

namespace atlas::cli {

int profile(Arguments arguments) {
  std::string model;
  std::string on;
  InputOptions input_options;
  SessionOptions session_options;
  ProfileOptions options;
  TimelineExports exports;
  std::size_t shown = 20;
  CommandLine line("profile", "Measure where the time of a run goes, step by step.");
  line.add_option("MODEL", model, "An ONNX file, a compiled file, or the text form of a graph (.txt)")
      ->required();
  input_options.add_to(line);
  add_session_options(line, session_options);
  line.add_option("--seconds", options.seconds, "How long to record")->check(CLI::PositiveNumber);
  line.add_option("--runs", options.runs, "How many runs to record instead");
  line.add_option("--on", on,
                  "Hold steps against this machine of the catalogue (default: measured at start)");
  line.add_option("--top", shown, "How many of the slowest steps are shown");
  exports.add_to(line);
  exports.add_tables_to(line);
  if (!line.read(arguments)) return 0;
  if (!input_options.random_seed) input_options.random_seed = 0;

  const HardwareCounters counters;
  options.counters = &counters;
  options.run.seed = *input_options.random_seed;
  const auto name_model = [&] { return model; };
  const Registry registry = standard_registry();
  const OpenedSession opened = open_session(model, registry, session_options, shape_change(input_options));
  const Session& session = opened.session;
  print_notice(opened.notice);
  const std::vector<Datum> inputs =
      within(name_model, [&] { return read_inputs(session.inputs(), input_options); });
  Timeline timeline =
      within(name_model, [&] { return atlas::profile(session, registry.ops, inputs, options).timeline; });
  timeline.graph = opened.graph_name;
  timeline.machine = read_cpu_info().model;
  set_roof(timeline, on.empty() ? session.measure_roof() : chip_roof(on));
  fmt::print("{}", timeline_text(timeline, shown));
  exports.write(timeline);
  return 0;
}

}  // namespace atlas::cli
