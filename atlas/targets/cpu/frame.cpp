// Frames by size class, the most recent first; arenas by size.
#include "atlas/targets/cpu/frame.h"

#include <algorithm>

namespace atlas::cpu {

std::unique_ptr<Frame> FramePool::idle_frame(const SymbolTable& symbols) {
  const std::lock_guard lock(mutex_);
  const auto same =
      std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& f) { return f->symbols == symbols; });
  if (same == idle_.rend()) return nullptr;
  std::unique_ptr<Frame> frame = std::move(*same);
  idle_.erase(std::next(same).base());
  return frame;
}

// The smallest arena that is large enough; where all are too small, a new one in the place of the largest.
std::shared_ptr<Buffer> FramePool::arena(std::size_t bytes) {
  const auto size = [](const std::shared_ptr<Buffer>& buffer) { return buffer->size_bytes(); };
  {
    const std::lock_guard lock(mutex_);
    std::ranges::sort(arenas_, {}, size);
    auto chosen = std::ranges::lower_bound(arenas_, bytes, {}, size);
    const bool fits = chosen != arenas_.end();
    if (!fits && !arenas_.empty()) --chosen;
    if (chosen != arenas_.end()) {
      std::shared_ptr<Buffer> taken = std::move(*chosen);
      arenas_.erase(chosen);
      if (fits) return taken;
    }
  }
  return Buffer::allocate(bytes);
}

std::unique_ptr<Frame> FramePool::acquire(const SymbolTable& symbols) {
  std::unique_ptr<Frame> frame = idle_frame(symbols);
  if (frame == nullptr) {
    frame = std::make_unique<Frame>();
    frame->symbols = symbols;
    frame->plan = planner_.plan(symbols);
    frame->values.resize(value_count_);
  }
  frame->arena = arena(frame->plan.arena_bytes);
  return frame;
}

void FramePool::release(std::unique_ptr<Frame> frame) {
  for (Datum& value : frame->values) value = Datum();
  const std::lock_guard lock(mutex_);
  arenas_.push_back(std::move(frame->arena));
  idle_.push_back(std::move(frame));
  if (idle_.size() > kMaxIdle) idle_.erase(idle_.begin());
}

}  // namespace atlas::cpu
