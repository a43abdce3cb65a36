// The folder outside the repository where fetched models and data are kept.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "atlas/zoo/manifest.h"

namespace atlas {

class ZooCache {
 public:
  /// In `root`; where that is empty, in $ATLAS_ZOO or ~/.cache/atlas/zoo. Nothing is made yet.
  explicit ZooCache(std::filesystem::path root = {});

  const std::filesystem::path& root() const { return root_; }
  /// Where a file of the manifest is, or would be: root/NAME/VERSION/PATH.
  std::filesystem::path place(const ZooManifest& manifest, const ZooFile& file) const;

  /// Files that are not there, or have not the size that the manifest states.
  std::vector<ZooFile> missing(const ZooManifest& manifest) const;

  /// The file of a manifest of the data folder, for commands that use models of the zoo. Throws NotFound that
  /// tells how to fetch it.
  std::filesystem::path find(const std::string& name, std::string_view path) const;

  /// Fetches what is missing or damaged by the registry's client, checks it and puts it in place. Throws Io
  /// where the registry cannot be reached or lacks the package, saying what is missing; InvalidArgument where
  /// a file is not what the manifest says.
  void fetch(const ZooManifest& manifest) const;

 private:
  std::filesystem::path root_;
};

}  // namespace atlas
