// The point in time that a number of seconds from now is.
#pragma once

#include <chrono>
#include <optional>

namespace atlas {

/// Nothing where `seconds` is beyond what the clock can count; negative ones have passed.
inline std::optional<std::chrono::steady_clock::time_point> deadline_in(double seconds) {
  constexpr double kForever = 1e9;  // the clock ends some time after it
  if (!(seconds < kForever)) return std::nullopt;
  return std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                std::chrono::duration<double>(seconds));
}

}  // namespace atlas
