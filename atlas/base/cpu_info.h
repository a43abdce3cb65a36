// What the machine under this process is: processors it may use, instruction sets, caches, memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace atlas {

struct CpuCache {
  int level = 0;
  char kind = 'u';  // 'd' data, 'i' instructions, 'u' both
  size_t bytes = 0;
  size_t shared_by = 1;  // processors that share one such cache
};

struct CpuInfo {
  std::string model;                // "AMD EPYC 9B14", or empty where the system does not say
  size_t online_cpus = 1;           // processors of the machine
  size_t available_cpus = 1;        // see available_cpus()
  std::vector<std::string> isa;     // "avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512dq",
                                    // "avx512vnni", "avx512bf16", "avxvnni", "neon", ...: those present
  std::vector<CpuCache> caches;     // of the first processor, as the system lists them
  uint64_t memory_bytes = 0;        // physical memory of the machine
  uint64_t memory_limit_bytes = 0;  // the cgroup's limit, or memory_bytes where there is none below it
};

/// Reads the description anew; whatever the system does not tell keeps its default.
CpuInfo read_cpu_info();

/// Processors that this process may keep busy: the smallest of its affinity mask and its cgroup quota
/// (v1 or v2, every level up to the root), where a quota of 1.5 processors counts as 1 (rounded down, so
/// that the pool is not throttled), and at least 1.
size_t available_cpus();

/// Limits that a cgroup tree sets on one process; 0 where it sets none.
struct CgroupLimits {
  double cpus = 0;
  uint64_t memory_bytes = 0;
};

/// Reads the limits from `cgroup_file` (the text of /proc/self/cgroup) and the hierarchy mounted at `root`
/// (/sys/fs/cgroup): v2 `cpu.max` and `memory.max`, v1 `cpu/cpu.cfs_quota_us`, `cpu.cfs_period_us` and
/// `memory/memory.limit_in_bytes`. The strictest level between the process's group and the root counts.
CgroupLimits read_cgroup_limits(const std::string& cgroup_file, const std::filesystem::path& root);

}  // namespace atlas
