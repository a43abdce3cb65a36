// Reads /proc, /sys, the affinity mask and the compiler's view of CPUID.
#include "atlas/base/cpu_info.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <bitset>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace atlas {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string first_line(const fs::path& path) {
  const std::string text = read_text(path);
  return text.substr(0, text.find('\n'));
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

template <typename T>
void keep_smallest(T& limit, double value) {
  if (value <= 0) return;
  if (limit == 0 || value < static_cast<double>(limit)) limit = static_cast<T>(value);
}

void read_v2_level(const fs::path& folder, CgroupLimits& limits) {
  const std::string cpu = first_line(folder / "cpu.max");  // "150000 100000" or "max 100000"
  const size_t space = cpu.find(' ');
  if (space != std::string::npos) {
    const auto quota = number(cpu.substr(0, space));
    const auto period = number(cpu.substr(space + 1));
    if (quota && period && *period > 0) keep_smallest(limits.cpus, *quota / *period);
  }
  if (const auto bytes = number(first_line(folder / "memory.max")))
    keep_smallest(limits.memory_bytes, *bytes);
}

void read_v1_cpu_level(const fs::path& folder, CgroupLimits& limits) {
  const auto quota = number(first_line(folder / "cpu.cfs_quota_us"));  // -1 without a limit
  const auto period = number(first_line(folder / "cpu.cfs_period_us"));
  if (quota && period && *quota > 0 && *period > 0) keep_smallest(limits.cpus, *quota / *period);
}

void read_v1_memory_level(const fs::path& folder, CgroupLimits& limits) {
  constexpr double no_limit = 9e18;  // the kernel writes the largest multiple of a page
  const auto bytes = number(first_line(folder / "memory.limit_in_bytes"));
  if (bytes && *bytes < no_limit) keep_smallest(limits.memory_bytes, *bytes);
}

/// Calls `read` for `group` below `root` and each group above it. Inside a container the path that /proc
/// shows may not exist below the mount; then the levels that do exist count.
template <typename Read>
void for_each_level(const fs::path& root, const std::string& group, Read read, CgroupLimits& limits) {
  fs::path folder = fs::path(group).relative_path();
  for (;;) {
    read(root / folder, limits);
    if (folder.empty()) break;
    folder = folder.parent_path();
  }
}

bool listed(std::string_view list, std::string_view item) {
  std::stringstream in{std::string(list)};
  for (std::string part; std::getline(in, part, ',');)
    if (part == item) return true;
  return false;
}

std::string model_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("model name")) continue;
    const size_t colon = line.find(": ");
    return colon == std::string::npos ? "" : line.substr(colon + 2);
  }
  return "";
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> isa;
#if defined(__x86_64__)
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line.substr(line.find(':') + 1));
    const std::vector<std::string> flags{std::istream_iterator<std::string>(words), {}};
    static constexpr struct {
      const char *flag, *name;
    } known[] = {{"sse4_2", "sse4.2"},
                 {"avx", "avx"},
                 {"f16c", "f16c"},
                 {"avx2", "avx2"},
                 {"fma", "fma"},
                 {"avx_vnni", "avxvnni"},
                 {"avx512f", "avx512f"},
                 {"avx512bw", "avx512bw"},
                 {"avx512vl", "avx512vl"},
                 {"avx512dq", "avx512dq"},
                 {"avx512_vnni", "avx512vnni"},
                 {"avx512_bf16", "avx512bf16"},
                 {"avx512_fp16", "avx512fp16"},
                 {"amx_tile", "amx"}};
    for (const auto& [flag, name] : known)
      if (std::find(flags.begin(), flags.end(), flag) != flags.end()) isa.emplace_back(name);
    break;
  }
#elif defined(__aarch64__)
  const unsigned long bits = getauxval(AT_HWCAP);
  if (bits & HWCAP_ASIMD) isa.emplace_back("neon");
  if (bits & HWCAP_ASIMDDP) isa.emplace_back("dotprod");
  if (bits & HWCAP_ASIMDHP) isa.emplace_back("fp16");
  if (bits & HWCAP_SVE) isa.emplace_back("sve");
#endif
  return isa;
}

size_t bytes_of(const std::string& size) {  // "48K", "1024K", "32M"
  const double value = number(size).value_or(0);
  const char unit = size.empty() ? ' ' : size.back();
  return static_cast<size_t>(value * (unit == 'K' ? 1024.0 : unit == 'M' ? 1024.0 * 1024 : 1.0));
}

std::vector<CpuCache> caches_of_first_cpu() {
  std::vector<CpuCache> caches;
  for (int index = 0;; ++index) {
    const fs::path folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index);
    const std::string level = first_line(folder / "level");
    if (level.empty()) return caches;
    const std::string type = first_line(folder / "type");
    CpuCache cache;
    cache.level = static_cast<int>(number(level).value_or(0));
    cache.kind = type == "Data" ? 'd' : type == "Instruction" ? 'i' : 'u';
    cache.bytes = bytes_of(first_line(folder / "size"));
    size_t shared_by = 0;  // set bits of a list of hexadecimal words
    for (const char digit : first_line(folder / "shared_cpu_map")) {
      const int value = digit >= '0' && digit <= '9'   ? digit - '0'
                        : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                                       : 0;
      shared_by += std::bitset<4>(static_cast<unsigned>(value)).count();
    }
    cache.shared_by = std::max<size_t>(1, shared_by);
    caches.push_back(cache);
  }
}

size_t affinity_cpus() {
  for (int cpus = CPU_SETSIZE; cpus <= 1 << 16; cpus *= 2) {  // the kernel refuses a mask too short for it
    cpu_set_t* mask = CPU_ALLOC(cpus);
    if (!mask) break;
    const size_t bytes = CPU_ALLOC_SIZE(cpus);
    const int refused = sched_getaffinity(0, bytes, mask);
    const int count = refused ? 0 : CPU_COUNT_S(bytes, mask);
    CPU_FREE(mask);
    if (count > 0) return static_cast<size_t>(count);
  }
  return static_cast<size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

CgroupLimits own_cgroup_limits() {
  return read_cgroup_limits(read_text("/proc/self/cgroup"), "/sys/fs/cgroup");
}

}  // namespace

CgroupLimits read_cgroup_limits(const std::string& cgroup_file, const fs::path& root) {
  CgroupLimits limits;
  std::istringstream lines(cgroup_file);
  for (std::string line; std::getline(lines, line);) {  // "ID:controllers:/group"
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) for_each_level(root, group, read_v2_level, limits);
    if (listed(controllers, "cpu")) {
      const bool joint = fs::exists(root / "cpu,cpuacct") && !fs::exists(root / "cpu");
      for_each_level(root / (joint ? "cpu,cpuacct" : "cpu"), group, read_v1_cpu_level, limits);
    }
    if (listed(controllers, "memory")) for_each_level(root / "memory", group, read_v1_memory_level, limits);
  }
  return limits;
}

size_t available_cpus() {
  const size_t allowed = affinity_cpus();
  const double quota = own_cgroup_limits().cpus;
  if (quota <= 0 || quota >= static_cast<double>(allowed)) return allowed;
  return std::max<size_t>(1, static_cast<size_t>(quota));
}

CpuInfo read_cpu_info() {
  CpuInfo info;
  info.model = model_name();
  info.online_cpus = static_cast<size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  info.available_cpus = available_cpus();
  info.isa = instruction_sets();
  info.caches = caches_of_first_cpu();
  info.memory_bytes = static_cast<uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES))) *
                      static_cast<uint64_t>(std::max(0L, sysconf(_SC_PAGE_SIZE)));
  const uint64_t limit = own_cgroup_limits().memory_bytes;
  info.memory_limit_bytes = limit ? std::min(limit, info.memory_bytes) : info.memory_bytes;
  return info;
}

}  // namespace atlas
