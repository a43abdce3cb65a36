// Reads the folder in order of names and checks that names are unique.
#include "atlas/machine/catalogue.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "atlas/base/error.h"
#include "atlas/machine/machine_reader.h"
#include "atlas/zoo/data_folder.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;

// Names that share their first word come near: h100 of h100-sxm.
std::vector<std::string_view> near(const std::vector<Machine>& machines, std::string_view name) {
  const std::string_view head = name.substr(0, std::min(name.find_first_of("-_ "), name.size()));
  std::vector<std::string_view> out;
  for (const Machine& machine : machines)
    if (!head.empty() && std::string_view(machine.name).find(head) != std::string_view::npos)
      out.push_back(machine.name);
  return out;
}

}  // namespace

Catalogue Catalogue::read(const fs::path& folder) {
  if (!fs::is_directory(folder))
    fail(ErrorCode::NotFound, "{}: expected a folder of machine descriptions", folder.string());
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  std::ranges::sort(paths);
  Catalogue catalogue;
  std::map<std::string, std::string> owners;
  for (const fs::path& path : paths) {
    Machine machine = read_machine(path);
    std::vector<std::string> names = machine.aliases;
    names.push_back(machine.name);
    for (const std::string& name : names) {
      const auto [at, added] = owners.emplace(name, machine.path);
      require(added, "{}: expected names of its own, got '{}', which {} has too", machine.path, name,
              at->second);
    }
    catalogue.machines_.push_back(std::move(machine));
  }
  for (const Machine& machine : catalogue.machines_)
    if (machine.is_node()) {
      const Machine* chip = catalogue.find(machine.chips.chip);
      require(chip && !chip->is_node(), "{}: chips.machine: expected the name of a chip, got '{}'",
              machine.path, machine.chips.chip);
    }
  return catalogue;
}

Catalogue Catalogue::standard() {
  return read(data_folder() / "machines");
}

const Machine* Catalogue::find(std::string_view name) const {
  for (const Machine& machine : machines_)
    if (machine.name == name) return &machine;
  for (const Machine& machine : machines_)
    if (std::ranges::find(machine.aliases, name) != machine.aliases.end()) return &machine;
  return nullptr;
}

const Machine& Catalogue::at(std::string_view name) const {
  if (const Machine* found = find(name)) return *found;
  const std::vector<std::string_view> others = near(machines_, name);
  fail(ErrorCode::NotFound, "expected the name of a machine, got '{}' ({})", name,
       others.empty() ? std::string("`atlas machine list` names them")
                      : fmt::format("did you mean {}?", fmt::join(others, ", ")));
}

void Catalogue::add(Machine machine) {
  std::erase_if(machines_, [&](const Machine& other) { return other.name == machine.name; });
  const auto at = std::ranges::lower_bound(machines_, machine.name, {}, &Machine::name);
  machines_.insert(at, std::move(machine));
}

}  // namespace atlas
