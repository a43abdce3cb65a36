// Taking and giving back; the scope of a thread.
#include "atlas/tensor/memory_budget.h"

#include <utility>

#include "atlas/base/cpu_info.h"
#include "atlas/base/error.h"

namespace atlas {
namespace {

thread_local std::shared_ptr<MemoryBudget> innermost;

}  // namespace

void MemoryBudget::take(std::size_t bytes) {
  std::size_t used = used_bytes_;
  do {
    if (bytes > limit_bytes_ || used > limit_bytes_ - bytes)
      fail(ErrorCode::ResourceExhausted,
           "buffer: {} bytes more than the {} in use pass the limit of {} bytes", bytes, used, limit_bytes_);
  } while (!used_bytes_.compare_exchange_weak(used, used + bytes));
}

std::shared_ptr<MemoryBudget> memory_of_the_process() {
  const std::uint64_t limit = read_cpu_info().memory_limit_bytes;
  return std::make_shared<MemoryBudget>(limit == 0 ? ~std::size_t{0} : static_cast<std::size_t>(limit));
}

MemoryScope::MemoryScope(std::shared_ptr<MemoryBudget> budget)
    : outer_(std::exchange(innermost, std::move(budget))) {}

MemoryScope::~MemoryScope() {
  innermost = std::move(outer_);
}

const std::shared_ptr<MemoryBudget>& MemoryScope::current() {
  return innermost;
}

}  // namespace atlas
