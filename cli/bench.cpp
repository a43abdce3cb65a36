// `atlas bench MODEL`: load time, first run, and the spread of a steady run.
#include <fmt/core.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/json.h"
#include "atlas/base/stopwatch.h"
#include "atlas/run/compiled_model.h"
#include "cli/error_line.h"
#include "cli/limit_options.h"
#include "cli/model_inputs.h"
#include "cli/model_run.h"
#include "cli/session_options.h"

namespace atlas::cli {
namespace {

// Of sorted values.
double quantile(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1) + 0.5)];
}

}  // namespace

int bench(Arguments arguments) {
  std::string model;
  std::string json;
  InputOptions input_options;
  SessionOptions options;
  LimitOptions limits;
  double seconds = 3;
  std::size_t runs = 0;
  CommandLine line("bench", "Time a model: loading, the first run, and a steady run.");
  line.add_option("MODEL", model, "An ONNX file, a compiled file, or the text form of a graph (.txt)")
      ->required();
  input_options.add_to(line);
  add_session_options(line, options);
  line.add_option("--seconds", seconds, "How long to run")->capture_default_str()->check(CLI::PositiveNumber);
  line.add_option("--runs", runs, "How many runs instead");
  line.add_option("--json", json, "Write the figures to this file");
  limits.add_to(line);
  if (!line.read(arguments)) return 0;
  options.limits = limits.limits();
  if (!input_options.random_seed) input_options.random_seed = 0;

  const Stopwatch load_watch;
  const Registry registry = standard_registry();
  const auto name_model = [&] { return model; };
  const OpenedSession opened = open_session(model, registry, options, shape_change(input_options));
  const Session& session = opened.session;
  const double load_ms = load_watch.milliseconds();
  print_notice(opened.notice);
  const std::vector<Datum> inputs = read_inputs(session.inputs(), input_options);

  const Stopwatch first_watch;
  within(name_model, [&] { return session.run(inputs); });
  const double first_ms = first_watch.milliseconds();

  std::vector<double> times;
  const Stopwatch steady;
  while (runs > 0 ? times.size() < runs : times.size() < 3 || steady.milliseconds() < seconds * 1000) {
    const Stopwatch watch;
    session.run(inputs);
    times.push_back(watch.milliseconds());
  }
  std::ranges::sort(times);
  const std::uint64_t peak = peak_resident_bytes();
  fmt::print(
      "load {:.2f} ms, first run {:.2f} ms\n{} runs: min {:.3f} ms, median {:.3f} ms, p90 {:.3f} ms\n"
      "peak memory {:.1f} MiB\n",
      load_ms, first_ms, times.size(), times.front(), quantile(times, 0.5), quantile(times, 0.9),
      static_cast<double>(peak) / (1 << 20));
  if (!session.fallbacks().empty())
    fmt::print("{} nodes ran by their reference\n", session.fallbacks().size());
  if (!json.empty())
    write_text(json, Json::object({{"load_ms", load_ms},
                                   {"first_ms", first_ms},
                                   {"min_ms", times.front()},
                                   {"median_ms", quantile(times, 0.5)},
                                   {"p90_ms", quantile(times, 0.9)},
                                   {"peak_bytes", static_cast<std::int64_t>(peak)},
                                   {"runs", times.size()},
                                   {"fallbacks", session.fallbacks().size()}})
                         .text());
  return 0;
}

}  // namespace atlas::cli
