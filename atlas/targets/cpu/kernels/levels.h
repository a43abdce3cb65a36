// Bytes that stand for real numbers.
#pragma once

#include <cstdint>

namespace atlas::cpu {

/// Signed or unsigned bytes, one of which stands for 0.
struct LevelType {
  bool is_signed = false;
  int32_t zero_point = 0;

  int32_t low() const { return is_signed ? -128 : 0; }
};

/// The byte q stands for (q - zero point) * scale.
struct Levels {
  LevelType type;
  float scale = 1;
};

}  // namespace atlas::cpu
