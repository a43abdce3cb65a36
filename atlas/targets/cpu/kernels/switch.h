// Ways of computing that the environment can leave out, to see what each is worth.
#pragma once

#include <string_view>

namespace atlas::cpu {

/// Whether the environment variable ATLAS_OFF, a list with commas, names `way`: attention, blocks, epilogues,
/// integers, pairs, tables or winograd. Throws InvalidArgument where it names another.
bool is_switched_off(std::string_view way);

}  // namespace atlas::cpu
