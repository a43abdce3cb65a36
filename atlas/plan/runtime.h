// How software runs a network's layers: what it fuses, what its attention keeps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atlas {

enum class Fusion {
  None,         // a kernel per operator
  Elementwise,  // neighbours that only move tensors are one kernel
  Behind,       // they run within the product or convolution before them, norms by batch folded into it
};

/// A runtime's fitted constants are of the keys "run/NAME-FORMAT-infer" and "run/NAME-FORMAT-train".
struct Runtime {
  std::string_view name;
  Fusion inference;
  Fusion training;
  bool flash_attention;  // scores never reach memory
  bool casts;            // narrow products of weights that are kept in f32: each pass casts them anew
};

/// Throws InvalidArgument with the names there are.
const Runtime& runtime_named(std::string_view name);
std::vector<std::string> runtime_names();

}  // namespace atlas
