// Formats in which a chip has an engine, by the names that element types have.
#include "cli/chip_roof.h"

#include <algorithm>

namespace atlas::cli {

Roof chip_roof(const Chip& chip) {
  Roof roof;
  roof.source = chip.name;
  for (const auto* engine : {&chip.vector, &chip.matrix})
    for (const auto& [format, rate] : *engine)
      roof.operations_per_s[format] = std::max(roof.operations_per_s[format], rate);
  if (roof.operations_per_s.empty()) return {};
  roof.operations_per_s.try_emplace("f32", chip.product_rate("f32"));
  if (chip.l2_bytes_per_s > chip.dram_bytes_per_s) roof.bandwidth.push_back({0, chip.l2_bytes_per_s});
  roof.bandwidth.push_back({chip.l2_bytes, chip.dram_bytes_per_s});
  return roof;
}

Roof chip_roof(const std::string& machine) {
  const Catalogue catalogue = Catalogue::standard();
  return chip_roof(chip_of(catalogue.at(machine), catalogue));
}

}  // namespace atlas::cli
