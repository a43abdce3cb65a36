// Figures measured on the spot, written with their units and "(measured)" as their source.
#include "cli/machine_calibrate.h"

#include <fmt/core.h>

#include <algorithm>

#include "atlas/base/cpu_info.h"
#include "atlas/machine/machine_reader.h"
#include "atlas/machine/quantity.h"
#include "atlas/targets/cpu/host_figures.h"
#include "atlas/targets/cpu/kernels/isa.h"

namespace atlas::cli {
namespace {

constexpr double kMemorySet = 256e6;  // beyond the caches of one core, and of most processors

std::string measured(double value, Dimension dimension) {
  return format_quantity(value, dimension) + " (measured)";
}

// Of all threads together, each in a set that the level holds well: half of its share.
double bandwidth_of(const Roof& roof, double share_bytes, double threads) {
  double best = roof.bandwidth.front().bytes_per_s;
  for (const Bandwidth& level : roof.bandwidth)
    if (level.set_bytes / threads <= share_bytes / 2) best = level.bytes_per_s;
  return best;
}

// Data caches, the largest first.
std::vector<CpuCache> data_caches(const CpuInfo& info) {
  std::vector<CpuCache> out;
  for (const CpuCache& cache : info.caches)
    if (cache.kind != 'i' && cache.bytes > 0) out.push_back(cache);
  std::ranges::stable_sort(out, std::greater{}, &CpuCache::level);
  return out;
}

}  // namespace

std::string calibrated_machine(std::size_t threads) {
  const CpuInfo info = read_cpu_info();
  ThreadPool pool(threads);
  const double cores = static_cast<double>(pool.size());
  const std::vector<CpuCache> caches = data_caches(info);
  std::vector<double> sets = {kMemorySet};
  for (const CpuCache& cache : caches) sets.push_back(static_cast<double>(cache.bytes) / 2);
  const cpu::HostFigures figures = cpu::measure_host(pool, sets);

  std::string out =
      fmt::format("# One thread alone: f32 {}, i8 {}, memory {}.\n",
                  format_quantity(figures.one_thread.operations_rate("f32"), Dimension::Ops),
                  format_quantity(figures.one_thread.operations_rate("i8"), Dimension::Ops),
                  format_quantity(figures.one_thread.bandwidth.back().bytes_per_s, Dimension::Bandwidth));
  out += fmt::format("title: This host, {} threads\n", pool.size());
  out += "vendor: unknown\nfamily: host\n";
  out += fmt::format(
      "sources:\n  measured: 'atlas machine calibrate, instruction set {}; 8-bit products as the kernels do "
      "them'\n",
      cpu::name(cpu::active_isa()));
  out += fmt::format("compute:\n  cores: {} (measured)\n  clock:\n    peak: {}\n", cores,
                     measured(figures.clock_hz, Dimension::Frequency));
  out += "  engines:\n    - name: vector\n      dense:\n";
  for (const auto& [format, rate] : figures.all_threads.operations_per_s)
    out += fmt::format("        {}: {}\n", format, measured(rate, Dimension::Ops));
  const auto level = [&](const std::string& name, const char* shared, double bytes, double bandwidth,
                         double latency) {
    out += fmt::format("  - name: {}\n    shared: {}\n    capacity: {}\n    bandwidth: {}\n    latency: {}\n",
                       name, shared, measured(bytes, Dimension::Bytes),
                       measured(bandwidth, Dimension::Bandwidth), measured(latency, Dimension::Time));
  };
  out += "memories:\n";
  level("dram", "chip", static_cast<double>(std::min(info.memory_bytes, info.memory_limit_bytes)),
        figures.all_threads.bandwidth.back().bytes_per_s, figures.latencies[0].seconds);
  for (std::size_t i = 0; i < caches.size(); ++i) {
    // Two threads of one core share what is the core's own.
    const bool shared = caches[i].level >= 3;
    const double bytes = static_cast<double>(caches[i].bytes);
    level(fmt::format("l{}", caches[i].level), shared ? "chip" : "core", bytes,
          bandwidth_of(figures.all_threads, shared ? bytes / cores : bytes, cores),
          figures.latencies[i + 1].seconds);
  }
  out += fmt::format("launch:\n  kernel: {}\n  barrier: {}\n", measured(figures.launch_s, Dimension::Time),
                     measured(figures.launch_s, Dimension::Time));
  parse_machine(out, "the description of this host");
  return out;
}

}  // namespace atlas::cli
