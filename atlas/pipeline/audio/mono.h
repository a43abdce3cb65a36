// Many channels to one.
#pragma once

#include <vector>

#include "atlas/media/sound.h"

namespace atlas {

/// The mean of the channels at each frame.
std::vector<float> mix_down(const Sound& sound);

}  // namespace atlas
