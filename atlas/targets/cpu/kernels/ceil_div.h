// Division that rounds up: how many parts of a size cover a whole.
#pragma once

#include <cstddef>

namespace atlas::cpu {

constexpr size_t ceil_div(size_t a, size_t b) {
  return (a + b - 1) / b;
}

}  // namespace atlas::cpu
