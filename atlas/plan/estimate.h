// What a model says of one operator.
#pragma once

#include <string_view>

namespace atlas {

/// The part of a machine that decides the time.
enum class Limit { Launch, Compute, Memory, Cache, Latency, Link };

constexpr std::string_view name(Limit limit) {
  constexpr std::string_view kNames[] = {"launch", "compute", "memory", "cache", "latency", "link"};
  return kNames[static_cast<int>(limit)];
}

struct Estimate {
  double seconds = 0;
  Limit limit = Limit::Launch;
  double operations = 0;
  double bytes = 0;  // that must cross the memory interface at least once
};

/// Collects the terms of which the longest decides.
struct Longest {
  double seconds = 0;
  Limit limit = Limit::Launch;
  double sum = 0;  // of all terms

  void add(double term, Limit of) {
    sum += term;
    if (term <= seconds) return;
    seconds = term;
    limit = of;
  }
};

}  // namespace atlas
