// Read anew each time: programs are compiled seldom.
#include "atlas/targets/cpu/kernels/switch.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "atlas/base/error.h"

namespace atlas::cpu {

std::vector<std::string> switched_off() {
  constexpr std::string_view ways[] = {"attention", "blocks", "epilogues", "integers",
                                       "pairs",     "splits", "tables",    "winograd"};
  const char* given = std::getenv("ATLAS_OFF");
  std::string_view left = given != nullptr ? given : "";
  std::vector<std::string> off;
  while (!left.empty()) {
    const std::string_view word = left.substr(0, left.find(','));
    left.remove_prefix(std::min(left.size(), word.size() + 1));
    if (std::ranges::find(ways, word) == std::end(ways))
      fail(ErrorCode::InvalidArgument, "ATLAS_OFF: expected some of {}, got '{}'", fmt::join(ways, ", "),
           word);
    off.emplace_back(word);
  }
  std::ranges::sort(off);
  return off;
}

bool is_switched_off(std::string_view way) {
  const std::vector<std::string> off = switched_off();
  return std::ranges::find(off, way) != off.end();
}

}  // namespace atlas::cpu
