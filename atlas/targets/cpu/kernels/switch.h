// Switches in the environment by which a way of computing can be left out, to see what it is worth.
#pragma once

#include <cstdlib>
#include <string_view>

namespace atlas::cpu {

/// Whether the environment variable `name` says "off".
inline bool is_switched_off(const char* name) {
  const char* given = std::getenv(name);
  return given != nullptr && std::string_view(given) == "off";
}

}  // namespace atlas::cpu
