// Turns figures into rates under load; derives what is not described.
#include "atlas/plan/chip.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {
namespace {

// Where a format has no rate of its own, it is computed in the next one that holds its numbers.
std::string_view wider(std::string_view format) {
  if (format == "f4" || format == "f6") return "f8";
  if (format == "i4") return "i8";
  if (format == "f8" || format == "i8" || format == "bf16") return "f16";
  if (format == "f16") return "bf16";
  return "";
}

double shared_cache(const Machine& machine, double& bandwidth) {
  double bytes = 0;
  for (std::size_t i = 1; i < machine.memories.size(); ++i) {
    const Memory& memory = machine.memories[i];
    if (memory.shared != "chip" || memory.capacity.value <= bytes) continue;
    bytes = memory.capacity.value;
    bandwidth = memory.bandwidth.value_or(0);
  }
  return bytes;
}

// In the format that data sheets lead with: f16, or the nearest to it.
double energy_of_operation(const Machine& machine, const Chip& chip) {
  for (const Engine& engine : machine.compute.engines)
    for (const Rate& energy : engine.energy)
      if (energy.format == "f16" || energy.format == "f32") return energy.rate.value;
  return std::max(0.0, chip.tdp_w - chip.idle_w) * 0.6 / chip.product_rate("f16");
}

}  // namespace

double Chip::product_rate(std::string_view format) const {
  std::string_view at = format;
  for (int step = 0; step < 4 && !at.empty(); ++step, at = wider(at))
    if (const auto found = matrix.find(at); found != matrix.end()) return found->second;
  if (!matrix.empty() && format != "f32" && format != "f64")
    return std::ranges::min_element(matrix, {}, [](const auto& rate) { return rate.second; })->second;
  return vector_rate(format);
}

double Chip::vector_rate(std::string_view format) const {
  if (const auto found = vector.find(format); found != vector.end()) return found->second;
  if (const auto found = vector.find("f32"); found != vector.end()) return found->second;
  if (!vector.empty()) return vector.begin()->second;
  if (!matrix.empty()) {
    const double widest =
        std::ranges::min_element(matrix, {}, [](const auto& rate) { return rate.second; })->second;
    return widest / 16;
  }
  fail(ErrorCode::Unsupported, "{}: expected an engine that computes {}, got none", name, format);
}

double energy_of(const Chip& chip, double seconds, double operations, double bytes) {
  const double moving =
      chip.idle_w * seconds + operations * chip.joules_per_operation + bytes * 8 * chip.dram_joules_per_bit;
  return chip.tdp_w > 0 ? std::min(moving, chip.tdp_w * seconds) : moving;
}

Chip chip_of(const Machine& machine, const Catalogue& catalogue) {
  if (machine.is_node()) {
    Chip chip = chip_of(catalogue.at(machine.chips.chip), catalogue);
    chip.chips = machine.chips.count;
    for (const Link& link : machine.links) {
      if (link.name == "network") {
        chip.network_bytes_per_s = link.bandwidth.value;
        chip.network_latency_s = link.latency.value_or(5e-6);
      } else if (chip.link_bytes_per_s == 0) {
        chip.link_bytes_per_s = link.bandwidth.value;
        chip.link_latency_s = link.latency.value_or(2e-6);
        chip.topology = link.topology;
      }
    }
    return chip;
  }
  Chip chip;
  chip.name = machine.name;
  chip.family = machine.family;
  chip.cores = machine.compute.cores.value;
  const Clock& clock = machine.compute.clock;
  const double peak = clock.peak.value_or(clock.boost.value_or(1e9));
  const double under_products = clock.sustained.value_or(peak) / peak;
  const double under_vectors = clock.sustained_vector.value_or(peak) / peak;
  if (const Engine* engine = machine.compute.engine("matrix"))
    for (const Rate& rate : engine->dense) chip.matrix[rate.format] = rate.rate.value * under_products;
  if (const Engine* engine = machine.compute.engine("vector"))
    for (const Rate& rate : engine->dense) chip.vector[rate.format] = rate.rate.value * under_vectors;
  const Memory& dram = machine.memories.front();
  chip.dram_bytes = dram.capacity.value;
  chip.dram_bytes_per_s = dram.bandwidth.value_or(64 * chip.cores * peak / 4);
  chip.l2_bytes = shared_cache(machine, chip.l2_bytes_per_s);
  const Memory* l1 = machine.memory("l1");
  chip.l1_bytes = l1 ? l1->capacity.value : 64 * 1024;
  if (chip.l2_bytes == 0) chip.l2_bytes = std::max(1.0 * (1 << 20), chip.cores * chip.l1_bytes / 8);
  if (chip.l2_bytes_per_s == 0)
    chip.l2_bytes_per_s = std::max(64 * chip.cores * peak, 2 * chip.dram_bytes_per_s);
  chip.exponentials_per_s = 16 * chip.cores * peak;
  chip.tdp_w = machine.power.tdp.value_or(0);
  chip.idle_w = machine.power.idle.value_or(chip.tdp_w / 10);
  chip.dram_joules_per_bit = dram.energy.value_or(5e-12);
  chip.joules_per_operation = energy_of_operation(machine, chip);
  return chip;
}

}  // namespace atlas
