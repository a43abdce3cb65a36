// Ctrl-C while a run has the main thread: Python's own handler waits for the interpreter, which waits for the
// run.
#pragma once

#include <atomic>

namespace atlas::python {

/// While one lives on the main thread, SIGINT also sets its flag. Elsewhere, and where Python does not handle
/// SIGINT, the flag stays unset.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  const std::atomic<bool>* flag() const;

 private:
  bool is_installed_ = false;
};

}  // namespace atlas::python
