// What the kernel counts for this process.
#include "cli/model_run.h"

#include <charconv>

#include "atlas/base/error.h"
#include "atlas/base/file.h"

namespace atlas::cli {

// Not getrusage: its figure starts from that of the program that started this one.
std::uint64_t peak_resident_bytes() {
  constexpr std::string_view kKey = "VmHWM:";
  const std::string status = read_text("/proc/self/status");
  std::size_t at = status.find(kKey);
  ensure(at != status.npos, "/proc/self/status has no VmHWM");
  at = status.find_first_not_of(" \t", at + kKey.size());
  std::uint64_t kilobytes = 0;
  std::from_chars(status.data() + at, status.data() + status.size(), kilobytes);
  return kilobytes * 1024;
}

}  // namespace atlas::cli
