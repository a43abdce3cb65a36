// Sums by name on both sides.
#include "atlas/timeline/timeline_diff.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

#include "atlas/timeline/table.h"

namespace atlas {
namespace {

using Changes = std::map<std::string, TimeChange>;

std::vector<TimeChange> by_difference(Changes changes) {
  std::vector<TimeChange> out;
  for (auto& [name, change] : changes) out.push_back(std::move(change));
  std::ranges::stable_sort(out, std::greater{},
                           [](const TimeChange& change) { return std::abs(change.difference_s()); });
  return out;
}

std::string factor(const TimeChange& change) {
  if (change.before_s <= 0) return "new";
  if (change.after_s <= 0) return "gone";
  return fmt::format("x {:.2f}", change.after_s / change.before_s);
}

Json change_json(const TimeChange& change) {
  Json json = Json::object({{"name", change.name}});
  if (!change.op.empty()) json.set("op", change.op);
  return json.set("before_us", change.before_s * 1e6).set("after_us", change.after_s * 1e6);
}

Json changes_json(const std::vector<TimeChange>& changes) {
  Json json = Json::array();
  for (const TimeChange& change : changes) json.add(change_json(change));
  return json;
}

}  // namespace

TimelineDiff diff_timelines(const Timeline& before, const Timeline& after) {
  Changes operators, steps;
  std::map<std::string, std::string> op_before;
  std::set<std::string> nodes[2];
  for (const bool is_after : {false, true})
    for (const Event& event : (is_after ? after : before).events) {
      TimeChange& step = steps[event.node];
      TimeChange& op = operators[event.op];
      step.name = event.node;
      op.name = event.op;
      (is_after ? step.after_s : step.before_s) += event.self_s();
      (is_after ? op.after_s : op.before_s) += event.self_s();
      nodes[is_after].insert(event.node);
      if (!is_after) op_before[event.node] = event.op;
      const auto found = op_before.find(event.node);
      step.op = is_after && found != op_before.end() && found->second != event.op
                    ? fmt::format("{} -> {}", found->second, event.op)
                    : event.op;
    }
  TimelineDiff diff;
  diff.total = {"total", "", before.duration_s(), after.duration_s()};
  for (const std::string& node : nodes[0]) diff.only_before += !nodes[1].contains(node);
  for (const std::string& node : nodes[1]) diff.only_after += !nodes[0].contains(node);
  diff.operators = by_difference(std::move(operators));
  diff.steps = by_difference(std::move(steps));
  return diff;
}

std::string text(const TimelineDiff& diff, std::size_t shown) {
  std::string out;
  const auto line = [&](const TimeChange& change, const std::string& name, const std::string& rest) {
    fmt::format_to(std::back_inserter(out), "{:<28.28} {:>11} {:>11} {:>12} {:>8}{}\n", name,
                   text_of_seconds(change.before_s), text_of_seconds(change.after_s),
                   (change.difference_s() < 0 ? "-" : "+") + text_of_seconds(std::abs(change.difference_s())),
                   factor(change), rest.empty() ? "" : fmt::format("  {:.60}", rest));
  };
  fmt::format_to(std::back_inserter(out), "{:<28} {:>11} {:>11} {:>12} {:>8}\n", "", "before", "after",
                 "difference", "");
  line(diff.total, diff.total.name, "");
  for (const TimeChange& change : diff.operators) line(change, change.name, "");
  if (shown > 0 && !diff.steps.empty()) out += "\nsteps that differ most\n";
  for (std::size_t i = 0; i < std::min(shown, diff.steps.size()); ++i)
    line(diff.steps[i], diff.steps[i].op, diff.steps[i].name);
  if (diff.only_before + diff.only_after > 0)
    fmt::format_to(std::back_inserter(out),
                   "{} nodes are steps before alone, {} after alone: fused or split otherwise\n",
                   diff.only_before, diff.only_after);
  return out;
}

Json timeline_diff_json(const TimelineDiff& diff) {
  return Json::object({{"before_us", diff.total.before_s * 1e6},
                       {"after_us", diff.total.after_s * 1e6},
                       {"only_before", diff.only_before},
                       {"only_after", diff.only_after},
                       {"operators", changes_json(diff.operators)},
                       {"steps", changes_json(diff.steps)}});
}

}  // namespace atlas
