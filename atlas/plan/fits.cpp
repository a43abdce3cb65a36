// Picks files by their names.
#include "atlas/plan/fits.h"

#include <vector>

#include "atlas/base/error.h"
#include "atlas/plan/run_model.h"
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

Provenance provenance_in(const Constants& constants, const Machine& chip, const Catalogue& catalogue) {
  return provenance_of(constants, chip.name, chip.family, families_of(constants, catalogue));
}

// The best file there is, or what the level asks for; empty where there is none.
fs::path file_of(const fs::path& folder, const Machine& chip, const Catalogue& catalogue, Level level) {
  const fs::path own = folder / (chip.name + ".yaml");
  if (level == Level::Calibrated) return fs::exists(own) ? own : fs::path();
  if (level == Level::Transferred) {
    for (const Machine& other : catalogue.machines()) {
      const fs::path file = folder / (other.name + ".yaml");
      if (other.name != chip.name && other.family == chip.family && fs::exists(file)) return file;
    }
    return {};
  }
  for (const fs::path& file : {folder / ("without-" + chip.name + ".yaml"), folder / "general.yaml"})
    if (fs::exists(file)) return file;
  return {};
}

}  // namespace

ChosenConstants constants_from(const fs::path& file, const Machine& chip, const Catalogue& catalogue) {
  ChosenConstants chosen;
  chosen.constants = read_constants(file);
  chosen.provenance = provenance_in(chosen.constants, chip, catalogue);
  for (const auto& [key, values] : chosen.constants.values)
    if (family_of(key) == kRunFamily.name) chosen.runs = chosen.provenance;
  return chosen;
}

Fits Fits::standard() {
  return Fits(data_folder() / "machines" / "fits");
}

const Constants& Fits::read(const fs::path& file) {
  const auto [entry, added] = files_.try_emplace(file);
  if (added) entry->second = read_constants(file);
  return entry->second;
}

// The file's constants, and those of the data-sheet level where it has none.
Constants Fits::completed(const fs::path& folder, const fs::path& file, const Machine& chip,
                          const Catalogue& catalogue) {
  Constants constants = read(file);
  const fs::path base = file_of(folder, chip, catalogue, Level::DataSheet);
  if (!base.empty() && base != file)
    for (const auto& [key, values] : read(base).values) constants.values.try_emplace(key, values);
  return constants;
}

ChosenConstants Fits::choose_operators(const Machine& chip, const Catalogue& catalogue,
                                       std::optional<Level> level) {
  fs::path file = file_of(folder_, chip, catalogue, level.value_or(Level::Calibrated));
  if (file.empty() && level == Level::Calibrated)
    fail(ErrorCode::NotFound,
         "{}: expected {} (fit constants with `atlas machine fit` and give them by --fit)", chip.name,
         (folder_ / (chip.name + ".yaml")).string());
  if (file.empty() && level == Level::Transferred)
    fail(ErrorCode::NotFound,
         "{}: expected a chip of family {} that was measured, got none (use --level data-sheet)", chip.name,
         chip.family);
  if (file.empty()) file = file_of(folder_, chip, catalogue, Level::DataSheet);
  ChosenConstants chosen;
  if (!file.empty()) {
    chosen.constants = completed(folder_, file, chip, catalogue);
    chosen.provenance = provenance_in(chosen.constants, chip, catalogue);
  }
  return chosen;
}

ChosenConstants Fits::choose(const Machine& chip, const Catalogue& catalogue, std::optional<Level> level) {
  ChosenConstants chosen = choose_operators(chip, catalogue, level);
  const fs::path folder = folder_ / "runs";
  fs::path file = file_of(folder, chip, catalogue, level.value_or(Level::Calibrated));
  if (file.empty()) file = file_of(folder, chip, catalogue, Level::DataSheet);
  if (!file.empty()) {
    Constants runs = completed(folder, file, chip, catalogue);
    chosen.runs = provenance_in(runs, chip, catalogue);
    chosen.constants.values.merge(runs.values);
  }
  return chosen;
}

}  // namespace atlas
