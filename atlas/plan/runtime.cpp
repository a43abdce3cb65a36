// The runtimes that published measurements name, and "fused": what a good one does today.
#include "atlas/plan/runtime.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {
namespace {

constexpr Runtime kRuntimes[] = {
    {"fused", Fusion::Behind, Fusion::Elementwise, true, false},
    {"pytorch", Fusion::None, Fusion::None, false, true},
    {"pytorch-served", Fusion::None, Fusion::None, false, false},  // behind a model server, as are the others
    {"tensorflow", Fusion::None, Fusion::None, false, true},
    {"tensorflow-detection", Fusion::None, Fusion::None, false, true},  // its host prepares and sorts boxes
    {"xla", Fusion::Elementwise, Fusion::Elementwise, false, true},
    {"tensorflow2", Fusion::Elementwise, Fusion::Elementwise, false, true},
    {"mxnet", Fusion::Elementwise, Fusion::Elementwise, false, false},
    {"paddle", Fusion::None, Fusion::None, false, true},
    {"onnxruntime-served", Fusion::Elementwise, Fusion::Elementwise, false, false},
    {"tensorrt", Fusion::Behind, Fusion::Elementwise, true, false},
    {"tensorrt-served", Fusion::Behind, Fusion::Elementwise, true, false},
    {"megatron", Fusion::Elementwise, Fusion::Elementwise, false, false},
    {"deepspeed", Fusion::Elementwise, Fusion::Elementwise, false, false},
};

}  // namespace

std::vector<std::string> runtime_names() {
  std::vector<std::string> names;
  for (const Runtime& runtime : kRuntimes) names.emplace_back(runtime.name);
  return names;
}

const Runtime& runtime_named(std::string_view name) {
  const auto* found = std::ranges::find(kRuntimes, name, &Runtime::name);
  require(found != std::end(kRuntimes), "runtime: expected one of {}, got '{}'",
          fmt::join(runtime_names(), ", "), name);
  return *found;
}

}  // namespace atlas
