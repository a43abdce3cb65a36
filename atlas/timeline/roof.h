// What a machine reaches at best: the limits that steps of a timeline are held against.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace atlas {

/// The most that can be read per second where `set_bytes` or more are in use at once.
struct Bandwidth {
  double set_bytes = 0;
  double bytes_per_s = 0;
};

struct Roof {
  std::string source;                                           // "measured at start", or a machine's name
  std::map<std::string, double, std::less<>> operations_per_s;  // by number format: "f32", "bf16", "i8"
  std::vector<Bandwidth> bandwidth;  // by set_bytes, which grow; the last is memory's

  bool is_known() const { return !operations_per_s.empty() && !bandwidth.empty(); }
  /// Of a format that is not listed: of u8 that of i8, else that of f32, else the lowest there is. 0 where
  /// nothing is known.
  double operations_rate(std::string_view format) const;
  /// Of the largest set that is not more than this, or the first: no cache that is faster holds all of it.
  double bytes_rate(double set_bytes) const;
  /// The least time for a step: it neither computes nor moves faster than this. 0 where nothing is known.
  double seconds(double operations, std::string_view format, double bytes) const;
};

}  // namespace atlas
