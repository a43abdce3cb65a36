// Packages out of registries, by the registries' own clients.
#pragma once

#include <filesystem>

#include "atlas/zoo/manifest.h"

namespace atlas {

/// Downloads the package of `manifest` into the empty `folder` and unpacks it there. Returns the folder that
/// paths in the manifest are relative to. No code of the package is run. Throws Io, with what the client
/// said.
std::filesystem::path fetch_package(const ZooManifest& manifest, const std::filesystem::path& folder);

}  // namespace atlas
