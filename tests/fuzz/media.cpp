// Pictures and sound.
#include "atlas/media/image.h"
#include "atlas/media/sound.h"
#include "tests/fuzz/targets.h"

namespace atlas::fuzz {

void image(Bytes bytes) {
  decode_image(bytes, PixelFormat::RGB, {.most_pixels = 1 << 20});
}

void sound(Bytes bytes) {
  decode_sound(bytes, "sound", 1 << 20);
}

}  // namespace atlas::fuzz
