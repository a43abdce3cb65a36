// A look through the environment, so that nobody has to list switches twice.
#include "atlas/targets/cpu/kernels/switch.h"

#include <unistd.h>

#include <algorithm>

namespace atlas::cpu {

std::vector<std::string> switched_off() {
  constexpr std::string_view kOff = "=off";
  std::vector<std::string> out;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry = *at;
    if (!entry.starts_with("ATLAS_") || !entry.ends_with(kOff)) continue;
    const std::string name(entry.substr(0, entry.find('=')));
    if (is_switched_off(name.c_str())) out.push_back(name);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace atlas::cpu
