// The machines that Atlas brings along, one YAML each.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "atlas/machine/machine.h"

namespace atlas {

class Catalogue {
 public:
  /// Reads every `*.yaml` of a folder. Throws on the first that is wrong, and on names or aliases given
  /// twice.
  static Catalogue read(const std::filesystem::path& folder);
  /// The catalogue of this installation: `machines/` in data_folder().
  static Catalogue standard();

  /// In order of their names.
  const std::vector<Machine>& machines() const { return machines_; }
  /// By name or alias, or nullptr.
  const Machine* find(std::string_view name) const;
  /// Throws NotFound, with the names that come near.
  const Machine& at(std::string_view name) const;

  /// Adds a machine of the user's own, in place of one of the same name.
  void add(Machine machine);

 private:
  std::vector<Machine> machines_;
};

}  // namespace atlas
