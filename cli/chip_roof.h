// The roof of a machine of the catalogue.
#pragma once

#include <string>

#include "atlas/plan/chip.h"
#include "atlas/timeline/roof.h"

namespace atlas::cli {

/// Of a chip as the operator models see it: products of each format, its shared cache and its memory.
Roof chip_roof(const Chip& chip);

/// Of a machine by name or alias. Throws NotFound.
Roof chip_roof(const std::string& machine);

}  // namespace atlas::cli
