// A node stands for one of its chips, with the node's links.
#include "cli/device.h"

#include "atlas/base/error.h"

namespace atlas::cli {
namespace {

std::optional<Level> level_named(const std::string& name) {
  if (name.empty()) return std::nullopt;
  if (name == "data-sheet") return Level::DataSheet;
  if (name == "transferred") return Level::Transferred;
  if (name == "calibrated") return Level::Calibrated;
  fail(ErrorCode::InvalidArgument, "--level: expected data-sheet, transferred or calibrated, got '{}'", name);
}

}  // namespace

Devices::Devices(Catalogue catalogue, std::string fit, const std::string& level, bool runs)
    : catalogue_(std::move(catalogue)), fit_(std::move(fit)), level_(level_named(level)), runs_(runs) {}

const Device* Devices::at(const std::string& name) {
  const auto [entry, added] = devices_.try_emplace(name);
  if (added)
    if (const Machine* machine = catalogue_.find(name)) entry->second = make(*machine);
  return entry->second ? &*entry->second : nullptr;
}

Device Devices::make(const Machine& machine) {
  const Machine& chip = machine.is_node() ? catalogue_.at(machine.chips.chip) : machine;
  Device device{chip_of(machine, catalogue_), {}};
  if (!fit_.empty())
    device.chosen = constants_from(fit_, chip, catalogue_);
  else if (runs_)
    device.chosen = fits_.choose(chip, catalogue_, level_);
  else
    device.chosen = fits_.choose_operators(chip, catalogue_, level_);
  return device;
}

}  // namespace atlas::cli
