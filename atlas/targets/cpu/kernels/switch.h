// Switches in the environment by which a way of computing can be left out, to see what it is worth.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace atlas::cpu {

/// Whether the environment variable `name` says "off".
inline bool is_switched_off(const char* name) {
  const char* given = std::getenv(name);
  return given != nullptr && std::string_view(given) == "off";
}

/// All environment variables "ATLAS_..." that say "off", in order: what was packed without them is packed
/// otherwise.
std::vector<std::string> switched_off();

}  // namespace atlas::cpu
