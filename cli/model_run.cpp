// What the system says of this process.
#include "cli/model_run.h"

#include <sys/resource.h>

namespace atlas::cli {

std::uint64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace atlas::cli
