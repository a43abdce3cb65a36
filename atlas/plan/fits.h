// The fitted constants that Atlas brings along, and which of them hold for a machine.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "atlas/machine/catalogue.h"
#include "atlas/plan/constants.h"

namespace atlas {

struct ChosenConstants {
  Constants constants;
  Provenance provenance;  // of the operators' constants
  Provenance runs;        // of those of whole runs
};

/// Files in a folder: `general.yaml`, fitted on every chip that was measured; `CHIP.yaml`, on that chip
/// alone; `without-CHIP.yaml`, on all but it. The same in its folder `runs`, for whole runs.
class Fits {
 public:
  explicit Fits(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// `machines/fits` of this installation.
  static Fits standard();

  /// The best there is, or what the level asks for: Calibrated, the chip's own (throws NotFound where it was
  /// not measured); Transferred, the own ones of a sibling that was (throws NotFound likewise); DataSheet,
  /// fitted without the chip. Kinds of kernels that a chip's own file lacks have the constants of its
  /// data-sheet level. Runs never throw: they have the nearest to the level that there is. Without any file
  /// the starts hold.
  ChosenConstants choose(const Machine& chip, const Catalogue& catalogue, std::optional<Level> level);
  /// The same without those of runs, which are most of what there is to read.
  ChosenConstants choose_operators(const Machine& chip, const Catalogue& catalogue,
                                   std::optional<Level> level);

 private:
  const Constants& read(const std::filesystem::path& file);
  Constants completed(const std::filesystem::path& folder, const std::filesystem::path& file,
                      const Machine& chip, const Catalogue& catalogue);

  std::filesystem::path folder_;
  std::map<std::filesystem::path, Constants> files_;  // read so far: most machines share theirs
};

/// A file of the user's own, with what it is worth for the machine.
ChosenConstants constants_from(const std::filesystem::path& file, const Machine& chip,
                               const Catalogue& catalogue);

}  // namespace atlas
