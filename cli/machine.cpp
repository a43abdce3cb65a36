// `atlas machine list|show|check|schema`: hardware as data.
#include <fmt/core.h>

#include <algorithm>

#include "atlas/machine/catalogue.h"
#include "atlas/machine/machine_json.h"
#include "atlas/machine/machine_reader.h"
#include "cli/command_line.h"
#include "cli/machine_page.h"

namespace atlas::cli {
namespace {

void list(bool as_json) {
  const Catalogue catalogue = Catalogue::standard();
  if (as_json) {
    Json json = Json::array();
    for (const Machine& machine : catalogue.machines()) json.add(machine_json(machine));
    fmt::print("{}", json.text());
    return;
  }
  for (const Machine& machine : catalogue.machines()) fmt::print("{}\n", machine_line(machine));
}

void show(const std::string& name, bool as_json) {
  const Catalogue catalogue = Catalogue::standard();
  const Machine& machine = catalogue.at(name);
  if (as_json)
    fmt::print("{}", machine_json(machine).text());
  else
    fmt::print("{}", machine_page(machine));
}

void check(const std::string& path) {
  const Machine machine = read_machine(path);
  if (machine.is_node()) Catalogue::standard().at(machine.chips.chip);
  fmt::print("{}: {} is a machine that can be\n", path, machine.title);
}

}  // namespace

int machine(Arguments arguments) {
  CommandLine line("machine", "Descriptions of machines: what is known of them, and from where.");
  line.require_subcommand(1);
  bool as_json = false;
  std::string name;
  std::string path;
  CLI::App* list_line = line.add_subcommand("list", "The machines of the catalogue, one line each");
  CLI::App* show_line = line.add_subcommand("show", "Every figure of a machine with its source");
  show_line->add_option("NAME", name, "Name or alias")->required();
  for (CLI::App* command : {list_line, show_line}) command->add_flag("--json", as_json, "As JSON");
  CLI::App* check_line = line.add_subcommand("check", "Check a description of your own");
  check_line->add_option("FILE", path, "A YAML file")->required();
  line.add_subcommand("schema", "The JSON schema of descriptions");
  if (!line.read(arguments)) return 0;

  if (list_line->parsed())
    list(as_json);
  else if (show_line->parsed())
    show(name, as_json);
  else if (check_line->parsed())
    check(path);
  else
    fmt::print("{}", machine_schema().text());
  return 0;
}

}  // namespace atlas::cli
