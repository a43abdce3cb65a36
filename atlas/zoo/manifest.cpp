// Reads manifests, strictly: what is fetched and where it goes depends on them.
#include "atlas/zoo/manifest.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/yaml.h"
#include "atlas/zoo/data_folder.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

bool consists_of(std::string_view text, std::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return kLetters.find(c) != kLetters.npos || kDigits.find(c) != kDigits.npos ||
           others.find(c) != others.npos;
  });
}

ZooRegistry read_registry(const Yaml& yaml) {
  for (const ZooRegistry registry : {ZooRegistry::Npm, ZooRegistry::PyPI, ZooRegistry::Debian})
    if (yaml.text() == name(registry)) return registry;
  yaml.expected("npm, pypi or apt");
}

// Names and versions become arguments of registry clients: nothing that one could take for an option.
std::string read_word(const Yaml& yaml, std::string_view what, std::string_view others) {
  const std::string& text = yaml.text();
  if (!consists_of(text, others) || text.front() == '-' || text.find("..") != text.npos) yaml.expected(what);
  return text;
}

std::string read_sha256(const Yaml& yaml) {
  const std::string& text = yaml.text();
  if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != text.npos)
    yaml.expected("64 lower-case hexadecimal digits");
  return text;
}

std::string read_path(const Yaml& yaml) {
  const fs::path parts(yaml.text());
  if (parts.empty() || parts.is_absolute() || std::find(parts.begin(), parts.end(), "..") != parts.end())
    yaml.expected("a path inside the package");
  return yaml.text();
}

ZooFile read_file_entry(const Yaml& yaml) {
  yaml.allow_only({"path", "sha256", "bytes"});
  return {read_path(yaml.at("path")), read_sha256(yaml.at("sha256")),
          static_cast<std::uint64_t>(yaml.at("bytes").integer(1, std::int64_t{1} << 40))};
}

fs::path manifest_folder() {
  return data_folder() / "zoo" / "manifests";
}

std::vector<fs::path> manifest_paths() {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(manifest_folder()))
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

const char* name(ZooRegistry registry) {
  switch (registry) {
    case ZooRegistry::Npm:
      return "npm";
    case ZooRegistry::PyPI:
      return "pypi";
    case ZooRegistry::Debian:
      return "apt";
  }
  return "unknown";
}

ZooManifest read_zoo_manifest(const fs::path& path) {
  const Yaml yaml = Yaml::read(path);
  yaml.allow_only({"what", "registry", "package", "version", "archive", "license", "exercises", "files"});
  ZooManifest manifest;
  manifest.name = path.stem();
  manifest.what = yaml.at("what").text();
  manifest.registry = read_registry(yaml.at("registry"));
  manifest.package = read_word(yaml.at("package"), "the name of a package", "@/._-+");
  manifest.version = read_word(yaml.at("version"), "a version", "._-+~:");
  if (const Yaml* archive = yaml.find("archive")) manifest.archive = read_path(*archive);
  manifest.license = yaml.at("license").text();
  for (const Yaml& item : yaml.at("exercises").items()) manifest.exercises.push_back(item.text());
  for (const Yaml& item : yaml.at("files").items()) manifest.files.push_back(read_file_entry(item));
  if (manifest.files.empty()) yaml.at("files").expected("at least one file");
  return manifest;
}

std::vector<ZooManifest> read_zoo() {
  std::vector<ZooManifest> zoo;
  for (const fs::path& path : manifest_paths()) zoo.push_back(read_zoo_manifest(path));
  return zoo;
}

ZooManifest read_zoo_manifest_named(const std::string& name) {
  std::vector<std::string> names;
  for (const fs::path& path : manifest_paths()) {
    if (path.stem() == name) return read_zoo_manifest(path);
    names.push_back(path.stem());
  }
  fail(ErrorCode::NotFound, "zoo: no '{}' (there are: {})", name, fmt::join(names, ", "));
}

}  // namespace atlas
