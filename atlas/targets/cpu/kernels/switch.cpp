// Read anew each time: programs are compiled seldom.
#include "atlas/targets/cpu/kernels/switch.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "atlas/base/error.h"

namespace atlas::cpu {

bool is_switched_off(std::string_view way) {
  constexpr std::string_view ways[] = {"attention", "blocks", "epilogues", "integers",
                                       "pairs",     "tables", "winograd"};
  const char* given = std::getenv("ATLAS_OFF");
  std::string_view left = given != nullptr ? given : "";
  bool found = false;
  while (!left.empty()) {
    const std::string_view word = left.substr(0, left.find(','));
    left.remove_prefix(std::min(left.size(), word.size() + 1));
    if (std::ranges::find(ways, word) == std::end(ways))
      fail(ErrorCode::InvalidArgument,
           "ATLAS_OFF: expected some of attention, blocks, epilogues, integers, pairs, tables, winograd, got '{}'",
           word);
    found = found || word == way;
  }
  return found;
}

}  // namespace atlas::cpu
