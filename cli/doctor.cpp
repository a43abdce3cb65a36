// `atlas doctor`: this machine as Atlas sees it, on one page.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "atlas/base/cpu_info.h"
#include "atlas/base/json.h"
#include "atlas/base/process.h"
#include "atlas/base/version.h"
#include "cli/command_line.h"

namespace atlas::cli {
namespace {

// A program that some command calls, and what cannot be done without it.
struct Tool {
  const char* program;
  const char* purpose;
};

constexpr Tool kTools[] = {
    {"pip", "zoo fetch: packages of PyPI"},
    {"npm", "zoo fetch: packages of npm"},
    {"apt-get", "zoo fetch: packages of Debian"},
    {"dpkg-deb", "zoo fetch: packages of Debian"},
};

std::string binary_size(std::uint64_t bytes) {
  if (bytes >= std::uint64_t{1} << 30)
    return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1 << 30));
  if (bytes >= std::uint64_t{1} << 20) return fmt::format("{} MiB", bytes >> 20);
  return fmt::format("{} KiB", bytes >> 10);
}

struct Gpus {
  std::vector<std::string> names;  // "NVIDIA H100 80GB HBM3, 81559 MiB, 550.54.15"
  std::string remark;              // why there are none
};

Gpus find_gpus() {
  if (!std::filesystem::exists("/proc/driver/nvidia/version")) return {{}, "no NVIDIA driver is loaded"};
  if (!find_program("nvidia-smi")) return {{}, "an NVIDIA driver is loaded, but nvidia-smi is missing"};
  const ProcessResult result =
      run_process({"nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"},
                  {.limit = std::chrono::seconds(20)});
  if (!result.succeeded()) return {{}, "an NVIDIA driver is loaded, but nvidia-smi fails"};
  Gpus gpus;
  for (std::size_t at = 0; at < result.output.size();) {
    const std::size_t end = std::min(result.output.find('\n', at), result.output.size());
    if (end > at) gpus.names.push_back(result.output.substr(at, end - at));
    at = end + 1;
  }
  return gpus;
}

struct Report {
  CpuInfo cpu = read_cpu_info();
  Gpus gpus = find_gpus();
  std::vector<Tool> missing;

  Report() {
    for (const Tool& tool : kTools)
      if (!find_program(tool.program)) missing.push_back(tool);
  }
};

std::string describe(const CpuCache& cache) {
  std::string text = fmt::format("L{}{} {}", cache.level, cache.kind == 'u' ? "" : std::string(1, cache.kind),
                                 binary_size(cache.bytes));
  if (cache.shared_by > 1) text += fmt::format(" per {} processors", cache.shared_by);
  return text;
}

void row(const char* label, const std::string& text) {
  fmt::print("{:<13} {}\n", label, text);
}

void print_page(const Report& report) {
  const CpuInfo& cpu = report.cpu;
  row("atlas", fmt::format("{}, built by {} ({})", version(), ATLAS_COMPILER, ATLAS_BUILD_TYPE));
  row("libraries", ATLAS_LIBRARIES);
  row("processor", cpu.model.empty() ? "unknown" : cpu.model);
  row("cores", fmt::format("{} online, {} for this process (affinity and cgroup quota)", cpu.online_cpus,
                           cpu.available_cpus));
  row("instructions",
      cpu.isa.empty() ? "none beyond the baseline" : fmt::format("{}", fmt::join(cpu.isa, " ")));
  std::vector<std::string> caches;
  for (const CpuCache& cache : cpu.caches) caches.push_back(describe(cache));
  row("caches", caches.empty() ? "not told by the system" : fmt::format("{}", fmt::join(caches, ", ")));
  row("memory", cpu.memory_limit_bytes < cpu.memory_bytes
                    ? fmt::format("{}, of which the cgroup allows {}", binary_size(cpu.memory_bytes),
                                  binary_size(cpu.memory_limit_bytes))
                    : fmt::format("{}, no cgroup limit", binary_size(cpu.memory_bytes)));
  if (report.gpus.names.empty()) row("gpu", "none: " + report.gpus.remark);
  for (const std::string& gpu : report.gpus.names) row("gpu", gpu);
  for (const Tool& tool : report.missing) row("missing", fmt::format("{} ({})", tool.program, tool.purpose));
  if (report.missing.empty()) row("missing", "nothing");
}

Json to_json(const Report& report) {
  const CpuInfo& cpu = report.cpu;
  Json caches = Json::array();
  for (const CpuCache& cache : cpu.caches)
    caches.add(Json::object({{"level", cache.level},
                             {"kind", std::string(1, cache.kind)},
                             {"bytes", cache.bytes},
                             {"shared_by", cache.shared_by}}));
  Json missing = Json::array();
  for (const Tool& tool : report.missing)
    missing.add(Json::object({{"program", tool.program}, {"purpose", tool.purpose}}));
  return Json::object({
      {"version", version()},
      {"compiler", ATLAS_COMPILER},
      {"build_type", ATLAS_BUILD_TYPE},
      {"libraries", ATLAS_LIBRARIES},
      {"cpu", Json::object({{"model", cpu.model},
                            {"online_cpus", cpu.online_cpus},
                            {"available_cpus", cpu.available_cpus},
                            {"isa", Json::array_of(cpu.isa)},
                            {"caches", std::move(caches)}})},
      {"memory", Json::object({{"bytes", cpu.memory_bytes}, {"limit_bytes", cpu.memory_limit_bytes}})},
      {"gpus", Json::array_of(report.gpus.names)},
      {"missing", std::move(missing)},
  });
}

}  // namespace

int doctor(Arguments arguments) {
  CommandLine line("doctor", "Describe this machine, and what is missing on it.");
  bool as_json = false;
  line.add_flag("--json", as_json, "As JSON");
  if (!line.read(arguments)) return 0;
  const Report report;
  if (as_json)
    fmt::print("{}", to_json(report).text());
  else
    print_page(report);
  return 0;
}

}  // namespace atlas::cli
