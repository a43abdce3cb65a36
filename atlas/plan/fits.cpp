// Picks files by their names.
#include "atlas/plan/fits.h"

#include <vector>

#include "atlas/base/error.h"
#include "atlas/zoo/data_folder.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> families_of(const Constants& constants, const Catalogue& catalogue) {
  std::vector<std::string> out;
  for (const std::string& name : constants.fitted_on) {
    const Machine* machine = catalogue.find(name);
    out.push_back(machine ? machine->family : std::string());
  }
  return out;
}

}  // namespace

ChosenConstants constants_from(const fs::path& file, const Machine& chip, const Catalogue& catalogue) {
  ChosenConstants chosen;
  chosen.constants = read_constants(file);
  chosen.provenance =
      provenance_of(chosen.constants, chip.name, chip.family, families_of(chosen.constants, catalogue));
  return chosen;
}

Fits Fits::standard() {
  return Fits(data_folder() / "machines" / "fits");
}

ChosenConstants Fits::choose(const Machine& chip, const Catalogue& catalogue,
                             std::optional<Level> level) const {
  const fs::path own = folder_ / (chip.name + ".yaml");
  if (level.value_or(Level::Calibrated) == Level::Calibrated && fs::exists(own))
    return constants_from(own, chip, catalogue);
  if (level == Level::Calibrated)
    fail(ErrorCode::NotFound,
         "{}: expected {} (fit constants with `atlas machine fit` and give them by --fit)", chip.name,
         own.string());
  if (level == Level::Transferred) {
    for (const Machine& other : catalogue.machines()) {
      const fs::path file = folder_ / (other.name + ".yaml");
      if (other.name != chip.name && other.family == chip.family && fs::exists(file))
        return constants_from(file, chip, catalogue);
    }
    fail(ErrorCode::NotFound,
         "{}: expected a chip of family {} that was measured, got none (use --level data-sheet)", chip.name,
         chip.family);
  }
  for (const fs::path& file : {folder_ / ("without-" + chip.name + ".yaml"), folder_ / "general.yaml"})
    if (fs::exists(file)) return constants_from(file, chip, catalogue);
  return {};
}

}  // namespace atlas
