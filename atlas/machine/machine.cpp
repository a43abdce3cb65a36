// Looking things up in a description.
#include "atlas/machine/machine.h"

#include <algorithm>

namespace atlas {

Figure Engine::rate(std::string_view format) const {
  const auto found = std::ranges::find(dense, format, &Rate::format);
  return found == dense.end() ? Figure{} : found->rate;
}

const Engine* Compute::engine(std::string_view name) const {
  const auto found = std::ranges::find(engines, name, &Engine::name);
  return found == engines.end() ? nullptr : &*found;
}

const Memory* Machine::memory(std::string_view level) const {
  const auto found = std::ranges::find(memories, level, &Memory::name);
  return found == memories.end() ? nullptr : &*found;
}

}  // namespace atlas
