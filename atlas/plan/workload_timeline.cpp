// Each step takes its model's time, times the factor that its kind has in networks, and the gap behind it.
#include "atlas/plan/workload_timeline.h"

#include <algorithm>

#include "atlas/plan/step_prices.h"

namespace atlas {
namespace {

class Maker {
 public:
  Maker(const Chip& chip, Timeline& timeline) : chip_(chip), timeline_(timeline) {}

  void add(Event event) {
    event.start_s = now_;
    event.energy_j = energy_of(chip_, event.duration_s, event.operations, event.bytes);
    now_ += event.duration_s;
    timeline_.events.push_back(std::move(event));
  }
  double now() const { return now_; }

 private:
  const Chip& chip_;
  Timeline& timeline_;
  double now_ = 0;
};

}  // namespace

Timeline workload_timeline(const Workload& workload, const Chip& chip, const Constants& constants,
                           const std::string& source) {
  const Operator whole = run_of(workload, chip, constants);
  const auto& run = std::get<Run>(whole.sizes);
  const std::span<const double> factors = constants.at(whole.key);
  const double total = predict_run(chip, factors, run).seconds;
  const StepPrices prices(chip, constants);
  Timeline timeline{workload.model, chip.name, source, {}};
  Maker maker(chip, timeline);
  const RunSteps steps = steps_of(workload, chip);
  for (const Step& step : steps.steps) {
    const Estimate one = prices.of(step);
    Event event;
    event.node = step.name;
    event.op = step.op;
    event.limit = name(one.limit);
    event.duration_s = step.count * (one.seconds * run_factor(factors, part_of(step)) + run_gap_s(factors));
    event.bytes = step.count * one.bytes;
    event.operations = step.count * one.operations;
    maker.add(std::move(event));
  }
  const double exchange = pace_of(factors, run).last_s;
  const double host = total - maker.now() - exchange;
  if (host > 0)
    maker.add({.node = "host", .op = "wait", .limit = std::string(name(Limit::Launch)), .duration_s = host});
  for (const Step& step : steps.exchange)
    maker.add(
        {.node = step.name,
         .op = step.op,
         .limit = std::string(name(Limit::Link)),
         .duration_s = step.count * prices.of(step).seconds * exchange_factor(factors, leaves_node(step))});
  return timeline;
}

}  // namespace atlas
