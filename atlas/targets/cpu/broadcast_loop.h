// Scalar loops over elements, of one array or of two that broadcast against each other, shared by threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/broadcast_plan.h"
#include "atlas/tensor/tensor.h"

namespace atlas::cpu {

inline constexpr std::size_t kElementGrain = 1 << 14;

/// A row of the walk: `count` results from index `out` on, whose operands start at `x` and `y`.
struct BroadcastRun {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::size_t out = 0;
  std::size_t count = 0;
};

/// Calls `visit(BroadcastRun)` for the rows, or parts of rows, that make up results [begin, end).
template <typename Visit>
void for_each_run(const std::vector<BroadcastAxis>& axes, std::size_t begin, std::size_t end, Visit visit) {
  const BroadcastAxis& row = axes.back();
  const auto length = static_cast<std::size_t>(row.extent);
  for (std::size_t at = begin; at < end;) {
    const std::size_t column = at % length;
    const auto step = static_cast<std::int64_t>(column);
    BroadcastRun run{step * row.x_stride, step * row.y_stride, at, std::min(length - column, end - at)};
    std::size_t rest = at / length;
    for (std::size_t i = axes.size() - 1; i-- > 0;) {
      const auto extent = static_cast<std::size_t>(axes[i].extent);
      run.x += static_cast<std::int64_t>(rest % extent) * axes[i].x_stride;
      run.y += static_cast<std::int64_t>(rest % extent) * axes[i].y_stride;
      rest /= extent;
    }
    visit(run);
    at += run.count;
  }
}

/// out[i] = function(a[i], b[i]) for tensors of In that broadcast to the shape of `out`, a tensor of Out.
/// `out` may lie over an operand of its size.
template <typename In, typename Out, typename Function>
void combine(const Tensor& a, const Tensor& b, Tensor& out, ThreadPool& pool, Function function) {
  if (out.element_count() == 0) return;
  const std::vector<BroadcastAxis> axes = plan_broadcast(a.shape(), b.shape(), out.shape());
  const std::int64_t x_step = axes.back().x_stride;
  const std::int64_t y_step = axes.back().y_stride;
  const In* xs = a.values<In>().data();
  const In* ys = b.values<In>().data();
  Out* zs = out.values_mutable<Out>().data();
  pool.parallel_for(out.element_count(), kElementGrain, [&](std::size_t begin, std::size_t end) {
    for_each_run(axes, begin, end, [&](const BroadcastRun& run) {
      const In* x = xs + run.x;
      const In* y = ys + run.y;
      Out* z = zs + run.out;
      if (x_step == 1 && y_step == 1) {
        for (std::size_t i = 0; i < run.count; ++i) z[i] = function(x[i], y[i]);
      } else if (x_step == 1) {
        const In same = *y;
        for (std::size_t i = 0; i < run.count; ++i) z[i] = function(x[i], same);
      } else {
        for (std::size_t i = 0; i < run.count; ++i)
          z[i] = function(x[static_cast<std::int64_t>(i) * x_step], y[static_cast<std::int64_t>(i) * y_step]);
      }
    });
  });
}

/// out[i] = function(x[i]); `out` may lie over x.
template <typename In, typename Out, typename Function>
void map(const Tensor& x, Tensor& out, ThreadPool& pool, Function function) {
  const In* from = x.values<In>().data();
  Out* to = out.values_mutable<Out>().data();
  pool.parallel_for(out.element_count(), kElementGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) to[i] = function(from[i]);
  });
}

}  // namespace atlas::cpu
