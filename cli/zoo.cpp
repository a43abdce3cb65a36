// `atlas zoo list|fetch`: real models and data, by manifest.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "atlas/base/error.h"
#include "atlas/base/json.h"
#include "atlas/zoo/cache.h"
#include "cli/command_line.h"

namespace atlas::cli {
namespace {

double megabytes(const ZooManifest& manifest) {
  double bytes = 0;
  for (const ZooFile& file : manifest.files) bytes += static_cast<double>(file.size_bytes);
  return bytes / 1e6;
}

Json to_json(const ZooManifest& manifest, const ZooCache& cache) {
  Json files = Json::array();
  for (const ZooFile& file : manifest.files)
    files.add(Json::object({{"path", cache.place(manifest, file).string()},
                            {"bytes", file.size_bytes},
                            {"sha256", file.sha256}}));
  return Json::object({{"name", manifest.name},
                       {"what", manifest.what},
                       {"registry", name(manifest.registry)},
                       {"package", manifest.package},
                       {"version", manifest.version},
                       {"license", manifest.license},
                       {"exercises", Json::array_of(manifest.exercises)},
                       {"fetched", cache.missing(manifest).empty()},
                       {"files", std::move(files)}});
}

void list(const ZooCache& cache, bool as_json) {
  const std::vector<ZooManifest> zoo = read_zoo();
  if (as_json) {
    Json json = Json::array();
    for (const ZooManifest& manifest : zoo) json.add(to_json(manifest, cache));
    fmt::print("{}", json.text());
    return;
  }
  for (const ZooManifest& manifest : zoo) {
    fmt::print("{:<20} {:>7.1f} MB  {:<7}  {}\n", manifest.name, megabytes(manifest),
               cache.missing(manifest).empty() ? "fetched" : "-", manifest.what);
    fmt::print("{:<20} {} {} {}, {}; exercises {}\n", "", name(manifest.registry), manifest.package,
               manifest.version, manifest.license, fmt::join(manifest.exercises, ", "));
  }
  fmt::print("kept in {}\n", cache.root().string());
}

void fetch(const ZooCache& cache, const std::vector<std::string>& names) {
  std::vector<ZooManifest> wanted;
  for (const std::string& name : names) wanted.push_back(read_zoo_manifest_named(name));
  if (names.empty()) wanted = read_zoo();
  for (const ZooManifest& manifest : wanted) {
    cache.fetch(manifest);
    for (const ZooFile& file : manifest.files) fmt::print("{}\n", cache.place(manifest, file).string());
  }
}

}  // namespace

int zoo(Arguments arguments) {
  CommandLine line("zoo", "Real models and data: list what there is, fetch it from its registry.");
  line.require_subcommand(1);
  std::string folder;
  bool as_json = false;
  std::vector<std::string> names;
  CLI::App* list_line = line.add_subcommand("list", "What there is, and what of it is fetched");
  list_line->add_flag("--json", as_json, "As JSON");
  CLI::App* fetch_line = line.add_subcommand("fetch", "Fetch, check and print the paths of the files");
  fetch_line->add_option("NAME", names, "Names out of the list; none: all");
  for (CLI::App* command : {list_line, fetch_line})
    command->add_option("--dir", folder, "Where they are kept (default: $ATLAS_ZOO or ~/.cache/atlas/zoo)");
  if (!line.read(arguments)) return 0;

  const ZooCache cache(folder);
  if (list_line->parsed())
    list(cache, as_json);
  else
    fetch(cache, names);
  return 0;
}

}  // namespace atlas::cli
