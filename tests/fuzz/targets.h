// What is fuzzed: one function per door by which bytes of strangers come in.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace atlas::fuzz {

using Bytes = std::span<const std::uint8_t>;

inline std::string_view text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Each takes any bytes and may throw Error of every code but Internal.
void onnx(Bytes bytes);
void compiled(Bytes bytes);
void text_form(Bytes bytes);
void image(Bytes bytes);
void sound(Bytes bytes);
void tokenizer(Bytes bytes);
void recipe(Bytes bytes);
void machine(Bytes bytes);
void checkpoint(Bytes bytes);
void load_and_run(Bytes bytes);

struct Target {
  std::string_view name;
  void (*run)(Bytes);
};

inline constexpr Target kTargets[] = {
    {"onnx", onnx},           {"text", text_form},    {"image", image},     {"sound", sound},
    {"tokenizer", tokenizer}, {"recipe", recipe},     {"machine", machine}, {"checkpoint", checkpoint},
    {"run", load_and_run},    {"compiled", compiled},
};

}  // namespace atlas::fuzz
