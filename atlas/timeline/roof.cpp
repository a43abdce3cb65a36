// Lookups in a roof.
#include "atlas/timeline/roof.h"

#include <algorithm>

namespace atlas {

double Roof::operations_rate(std::string_view format) const {
  if (operations_per_s.empty()) return 0;
  const std::string_view sibling = format == "u8" ? "i8" : "f32";
  for (const std::string_view name : {format, sibling})
    if (const auto found = operations_per_s.find(name); found != operations_per_s.end()) return found->second;
  return std::ranges::min_element(operations_per_s, {}, [](const auto& rate) { return rate.second; })->second;
}

double Roof::bytes_rate(double set_bytes) const {
  double rate = 0;
  for (const Bandwidth& level : bandwidth)
    if (rate == 0 || level.set_bytes <= set_bytes) rate = level.bytes_per_s;
  return rate;
}

double Roof::seconds(double operations, std::string_view format, double bytes) const {
  if (!is_known()) return 0;
  return std::max(operations / operations_rate(format), bytes / bytes_rate(bytes));
}

}  // namespace atlas
