// Frames by size class, the most recent first.
#include "atlas/targets/cpu/frame.h"

#include <algorithm>

namespace atlas::cpu {

std::unique_ptr<Frame> FramePool::acquire(const SymbolTable& symbols) {
  {
    const std::lock_guard lock(mutex_);
    const auto same =
        std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& f) { return f->symbols == symbols; });
    if (same != idle_.rend()) {
      std::unique_ptr<Frame> frame = std::move(*same);
      idle_.erase(std::next(same).base());
      return frame;
    }
  }
  auto frame = std::make_unique<Frame>();
  frame->symbols = symbols;
  frame->plan = planner_.plan(symbols);
  frame->arena = Buffer::allocate(frame->plan.arena_bytes);
  frame->values.resize(value_count_);
  return frame;
}

void FramePool::release(std::unique_ptr<Frame> frame) {
  for (Datum& value : frame->values) value = Datum();
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(frame));
  if (idle_.size() > kMaxIdle) idle_.erase(idle_.begin());
}

}  // namespace atlas::cpu
