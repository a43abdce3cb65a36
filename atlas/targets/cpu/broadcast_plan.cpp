// Merging of neighbouring axes.
#include "atlas/targets/cpu/broadcast_plan.h"

namespace atlas::cpu {

std::vector<BroadcastAxis> plan_broadcast(const Shape& x, const Shape& y, const Shape& out) {
  const std::vector<std::int64_t> x_strides = broadcast_strides(x, out);
  const std::vector<std::int64_t> y_strides = broadcast_strides(y, out);
  std::vector<BroadcastAxis> axes;  // innermost first
  for (std::size_t i = out.size(); i-- > 0;) {
    if (out[i] == 1) continue;
    if (!axes.empty()) {
      BroadcastAxis& inner = axes.back();
      if (x_strides[i] == inner.x_stride * inner.extent && y_strides[i] == inner.y_stride * inner.extent) {
        inner.extent *= out[i];
        continue;
      }
    }
    axes.push_back({out[i], x_strides[i], y_strides[i]});
  }
  while (axes.size() < 2) axes.push_back({1, 0, 0});
  return {axes.rbegin(), axes.rend()};
}

}  // namespace atlas::cpu
