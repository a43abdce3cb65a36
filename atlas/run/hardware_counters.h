// What the processor counts of this process: cycles, instructions, misses.
#pragma once

#include <string>
#include <vector>

namespace atlas {

/// Counts for this thread and all that it starts while this lives, in user mode. On kernels and virtual
/// machines that do not allow it nothing is counted, and `why_not` says so.
class HardwareCounters {
 public:
  HardwareCounters();
  ~HardwareCounters();
  HardwareCounters(const HardwareCounters&) = delete;
  HardwareCounters& operator=(const HardwareCounters&) = delete;

  const std::vector<std::string>& names() const { return names_; }
  /// "" where all that Atlas asks for is counted.
  const std::string& why_not() const { return why_not_; }
  /// Since it was made, in the order of `names`; scaled up where the processor took turns.
  std::vector<double> read() const;

 private:
  std::vector<std::string> names_;
  std::vector<int> files_;
  std::string why_not_;
};

}  // namespace atlas
