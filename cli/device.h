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
  /// Without `runs`, which reads most of the files, devices have the constants of operators alone.
  Devices(Catalogue catalogue, std::string fit, const std::string& level, bool runs = true);

  /// Made once per name or alias; nullptr where the catalogue has no such machine.
  const Device* at(const std::string& name);

  const Catalogue& catalogue() const { return catalogue_; }

 private:
  Device make(const Machine& machine);

  Catalogue catalogue_;
  std::string fit_;
  std::optional<Level> level_;
  bool runs_;
  Fits fits_ = Fits::standard();
  std::map<std::string, std::optional<Device>> devices_;
};

}  // namespace atlas::cli
