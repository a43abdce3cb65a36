// A signal handler put before Python's and taken away again. It can find its state in globals alone.
#include "python/interrupts.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace atlas::python {
namespace {

std::atomic<bool> is_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);
struct sigaction pythons_action;  // written by the main thread while our handler is not installed

void interrupt(int signal, siginfo_t* info, void* context) {
  is_interrupted = true;
  if ((pythons_action.sa_flags & SA_SIGINFO) != 0)
    pythons_action.sa_sigaction(signal, info, context);
  else
    pythons_action.sa_handler(signal);
}

bool on_main_thread() {
  return syscall(SYS_gettid) == getpid();
}

}  // namespace

InterruptWatch::InterruptWatch() {
  if (!on_main_thread()) return;
  struct sigaction current;
  if (sigaction(SIGINT, nullptr, &current) != 0) return;
  const bool is_plain = (current.sa_flags & SA_SIGINFO) == 0;
  if (is_plain && (current.sa_handler == SIG_DFL || current.sa_handler == SIG_IGN)) return;
  if (!is_plain && current.sa_sigaction == interrupt) return;  // a run inside a run
  pythons_action = current;
  is_interrupted = false;
  struct sigaction ours = current;
  ours.sa_flags |= SA_SIGINFO;
  ours.sa_sigaction = interrupt;
  is_installed_ = sigaction(SIGINT, &ours, nullptr) == 0;
}

InterruptWatch::~InterruptWatch() {
  if (is_installed_) sigaction(SIGINT, &pythons_action, nullptr);
}

const std::atomic<bool>* InterruptWatch::flag() const {
  return is_installed_ ? &is_interrupted : nullptr;
}

}  // namespace atlas::python
