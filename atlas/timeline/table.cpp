// Columns of fixed width; names are cut, never wrapped.
#include "atlas/timeline/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

namespace atlas {
namespace {

std::string percent(double part, double whole) {
  return whole > 0 ? fmt::format("{:.1f} %", 100 * part / whole) : "";
}

std::string rate(double amount, double seconds, const char* unit) {
  return amount > 0 && seconds > 0 ? text_of_amount(amount / seconds, unit) : "";
}

using Out = std::back_insert_iterator<std::string>;

// " (96.1 % i8, 3.9 % f32)", the most first; "" where all are of one format.
std::string shares_by_format(const Timeline& timeline) {
  std::map<std::string, double> operations;
  for (const Event& event : timeline.events)
    if (event.operations > 0 && !event.format.empty()) operations[event.format] += event.operations;
  if (operations.size() < 2) return "";
  std::vector<std::pair<std::string, double>> shares(operations.begin(), operations.end());
  std::ranges::stable_sort(shares, std::greater{}, [](const auto& share) { return share.second; });
  std::string out;
  for (const auto& [format, amount] : shares)
    out += fmt::format("{}{} {}", out.empty() ? " (" : ", ", percent(amount, timeline.operations()), format);
  return out + ")";
}

void write_summary(Out out, const Timeline& timeline) {
  const double total = timeline.duration_s();
  fmt::format_to(out, "{} on {}, {}\n", timeline.graph, timeline.machine, timeline.source);
  fmt::format_to(out, "{:<12} {}, {:.1f} per second\n", "time", text_of_seconds(total),
                 total > 0 ? 1 / total : 0.0);
  fmt::format_to(out, "{:<12} {} operations{}, {} moved\n", "work", text_of_amount(timeline.operations()),
                 shares_by_format(timeline), text_of_amount(timeline.bytes(), "B"));
  if (timeline.roof.is_known()) {
    fmt::format_to(out, "{:<12} {} at the roof of each step, {} of the time\n", "at least",
                   text_of_seconds(timeline.roof_s()), percent(timeline.roof_s(), total));
    std::string limits;
    for (const auto& [format, operations] : timeline.roof.operations_per_s)
      limits += fmt::format("{} {}, ", text_of_amount(operations, "op/s"), format);
    fmt::format_to(out, "{:<12} {}memory {} ({})\n", "roof", limits,
                   text_of_amount(timeline.roof.bandwidth.back().bytes_per_s, "B/s"), timeline.roof.source);
  }
  double most = 0;
  for (const MemorySample& sample : timeline.memory)
    most = std::max(most, sample.arena_bytes + sample.buffer_bytes);
  if (most > 0)
    fmt::format_to(out, "{:<12} {} at most, constants not counted\n", "memory", text_of_amount(most, "B"));
  for (const std::string& note : timeline.notes) fmt::format_to(out, "{:<12} {}\n", "", note);
}

void write_operators(Out out, const Timeline& timeline) {
  const double total = timeline.duration_s();
  fmt::format_to(out, "\n{:<28} {:>6} {:>10} {:>8} {:>13} {:>12} {:>9}\n", "operator", "steps", "time",
                 "of all", "operations", "moved", "of roof");
  for (const OperatorShare& share : shares_by_operator(timeline))
    fmt::format_to(out, "{:<28.28} {:>6} {:>10} {:>8} {:>13} {:>12} {:>9}\n", share.op, share.count,
                   text_of_seconds(share.seconds), percent(share.seconds, total),
                   rate(share.operations, share.seconds, "op/s"), rate(share.bytes, share.seconds, "B/s"),
                   share.roof_s > 0 ? percent(share.roof_s, share.seconds) : "");
}

void write_steps(Out out, const Timeline& timeline, std::size_t shown) {
  std::vector<const Event*> slowest;
  for (const Event& event : timeline.events) slowest.push_back(&event);
  std::ranges::stable_sort(slowest, std::greater{}, [](const Event* event) { return event->self_s(); });
  if (slowest.size() > shown) slowest.resize(shown);
  if (slowest.empty()) return;
  fmt::format_to(out, "\n{:>10} {:>8} {:>9} {:<8} {:<6} {:<24} {}\n", "time", "of all", "of roof", "limit",
                 "format", "operator", "node");
  for (const Event* event : slowest)
    fmt::format_to(out, "{:>10} {:>8} {:>9} {:<8} {:<6} {:<24.24} {:.60} {}\n",
                   text_of_seconds(event->self_s()), percent(event->self_s(), timeline.duration_s()),
                   event->roof_s > 0 ? percent(event->roof_s, event->self_s()) : "", event->limit,
                   event->format, event->op, event->node, event->shape);
}

}  // namespace

std::vector<OperatorShare> shares_by_operator(const Timeline& timeline) {
  std::map<std::string, OperatorShare> by_op;
  for (const Event& event : timeline.events) {
    OperatorShare& share = by_op[event.op];
    share.op = event.op;
    ++share.count;
    share.seconds += event.self_s();
    share.operations += event.operations;
    share.bytes += event.bytes;
    share.roof_s += event.roof_s;
  }
  std::vector<OperatorShare> shares;
  for (auto& [op, share] : by_op) shares.push_back(std::move(share));
  std::ranges::stable_sort(shares, std::greater{}, &OperatorShare::seconds);
  return shares;
}

std::string text_of_seconds(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.1f} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.3f} ms", seconds * 1e3);
  return fmt::format("{:.3f} s", seconds);
}

std::string text_of_amount(double amount, const std::string& unit) {
  constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  std::size_t power = 0;
  while (amount >= 999.5 && power + 1 < std::size(kPrefixes)) {
    amount /= 1000;
    ++power;
  }
  const std::string suffix = kPrefixes[power] + unit;
  const int digits = power == 0 || amount >= 100 ? 0 : amount >= 10 ? 1 : 2;
  return fmt::format("{:.{}f}{}{}", amount, digits, suffix.empty() ? "" : " ", suffix);
}

std::string timeline_text(const Timeline& timeline, std::size_t shown) {
  std::string text;
  const Out out(text);
  write_summary(out, timeline);
  write_operators(out, timeline);
  write_steps(out, timeline, shown);
  return text;
}

}  // namespace atlas
