// Timelines as text for people: limits, and where the time went.
#pragma once

#include <string>
#include <vector>

#include "atlas/timeline/timeline.h"

namespace atlas {

/// All events of one operator.
struct OperatorShare {
  std::string op;
  std::size_t count = 0;
  double seconds = 0;  // without nested events
  double operations = 0;
  double bytes = 0;
  double roof_s = 0;
};

/// The one that takes the most time first.
std::vector<OperatorShare> shares_by_operator(const Timeline& timeline);

/// "12.3 us", "4.56 ms", "1.2 s"
std::string text_of_seconds(double seconds);
/// "1.23 G", "45 k", "7": with a unit behind it, "1.23 GB/s"
std::string text_of_amount(double amount, const std::string& unit = "");

/// The summary, the operators and the `shown` slowest steps, as a terminal shows them.
std::string timeline_text(const Timeline& timeline, std::size_t shown);

}  // namespace atlas
