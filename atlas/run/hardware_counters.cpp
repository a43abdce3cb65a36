// perf_event_open(2), one file per counter: inherited counters cannot be grouped.
#include "atlas/run/hardware_counters.h"

#include <fmt/core.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>

namespace atlas {
namespace {

struct Counted {
  const char* name;
  std::uint64_t config;
};

constexpr Counted kCounted[] = {
    {"cycles", PERF_COUNT_HW_CPU_CYCLES},
    {"instructions", PERF_COUNT_HW_INSTRUCTIONS},
    {"cache misses", PERF_COUNT_HW_CACHE_MISSES},
    {"branch misses", PERF_COUNT_HW_BRANCH_MISSES},
};

int open_counter(std::uint64_t config) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.config = config;
  attributes.inherit = 1;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

std::string reason(int error) {
  if (error == ENOENT) return "this processor or virtual machine does not count them";
  if (error == EACCES || error == EPERM)
    return "not allowed (as root: sysctl kernel.perf_event_paranoid=1; in a container: allow "
           "perf_event_open)";
  return std::strerror(error);
}

}  // namespace

HardwareCounters::HardwareCounters() {
  std::map<std::string, std::string> missing;  // names by reason
  for (const Counted& counted : kCounted) {
    const int file = open_counter(counted.config);
    if (file < 0) {
      missing[reason(errno)] += std::string(missing[reason(errno)].empty() ? "" : ", ") + counted.name;
      continue;
    }
    names_.emplace_back(counted.name);
    files_.push_back(file);
  }
  for (const auto& [why, names] : missing)
    why_not_ += fmt::format("{}{}: {}", why_not_.empty() ? "" : "; ", names, why);
}

HardwareCounters::~HardwareCounters() {
  for (const int file : files_) close(file);
}

std::vector<double> HardwareCounters::read() const {
  std::vector<double> values;
  for (const int file : files_) {
    std::uint64_t read_out[3] = {};  // value, time enabled, time running
    const bool is_read = ::read(file, read_out, sizeof read_out) == sizeof read_out && read_out[2] > 0;
    values.push_back(is_read ? static_cast<double>(read_out[0]) * static_cast<double>(read_out[1]) /
                                   static_cast<double>(read_out[2])
                             : 0);
  }
  return values;
}

}  // namespace atlas
