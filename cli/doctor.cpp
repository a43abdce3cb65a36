// `atlas doctor`: this machine as Atlas sees it, on one page.
#include <fmt/core.h>

#include "atlas/base/cpu_info.h"
#include "atlas/base/version.h"
#include "cli/command_line.h"

namespace atlas::cli {

int doctor(Arguments arguments) {
  CommandLine line("doctor", "Describe this machine, and what is missing on it.");
  if (!line.read(arguments)) return 0;
  const CpuInfo cpu = read_cpu_info();
  fmt::print("atlas      {}\nprocessor  {}, {} of {} usable\n", version(), cpu.model, cpu.available_cpus,
             cpu.online_cpus);
  return 0;
}

}  // namespace atlas::cli
