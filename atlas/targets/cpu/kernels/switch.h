// Ways of computing that the environment can leave out, to see what each is worth.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atlas::cpu {

/// What the environment variable ATLAS_OFF, a list with commas, names, in order: of attention, blocks,
/// epilogues, integers, pairs, splits, tables and winograd. Throws InvalidArgument where it names another.
std::vector<std::string> switched_off();

bool is_switched_off(std::string_view way);

}  // namespace atlas::cpu
