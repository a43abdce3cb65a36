// What the zoo knows of one package of models or data: a file zoo/manifests/NAME.yaml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace atlas {

enum class ZooRegistry { Npm, PyPI, Debian };

/// "npm", "pypi", "apt": as manifests write it.
const char* name(ZooRegistry registry);

struct ZooFile {
  std::string path;  // inside the package, of which npm's outer folder `package/` is no part
  std::string sha256;
  std::uint64_t size_bytes = 0;
};

struct ZooManifest {
  std::string name;  // of the manifest's file
  std::string what;  // one line
  ZooRegistry registry = ZooRegistry::Npm;
  std::string package;
  std::string version;
  std::string archive;  // a ZIP in the package that holds the files; empty: the package itself does
  std::string license;  // SPDX expression
  std::vector<std::string> exercises;  // what of Atlas it puts to the test
  std::vector<ZooFile> files;
};

/// Throws InvalidArgument naming file and line where a manifest is not as it must be.
ZooManifest read_zoo_manifest(const std::filesystem::path& path);

/// All manifests of the data folder, by name.
std::vector<ZooManifest> read_zoo();

/// One manifest of the data folder. Throws NotFound, listing those there are.
ZooManifest read_zoo_manifest_named(const std::string& name);

}  // namespace atlas
