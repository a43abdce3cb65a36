// Machines by name, with the constants that hold for them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "atlas/plan/chip.h"
#include "atlas/plan/fits.h"

namespace atlas::cli {

struct Device {
  Chip chip;
  ChosenConstants chosen;
};

class Devices {
 public:
  /// `fit`: a file of constants, "" for those that Atlas brings along; `level`: data-sheet, transferred or
  /// calibrated, "" for the best there is. Throws InvalidArgument on other levels.
  Devices(Catalogue catalogue, std::string fit, const std::string& level);

  /// Made once per name or alias; nullptr where the catalogue has no such machine.
  const Device* at(const std::string& name);

  const Catalogue& catalogue() const { return catalogue_; }

 private:
  Device make(const Machine& machine) const;

  Catalogue catalogue_;
  std::string fit_;
  std::optional<Level> level_;
  std::map<std::string, std::optional<Device>> devices_;
};

}  // namespace atlas::cli
