// Forks that write their answer into a pipe.
#include "cli/isolated_run.h"

#include <fmt/core.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "atlas/base/error.h"

namespace atlas::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Child {
  std::size_t index = 0;
  pid_t pid = -1;
  int pipe = -1;
  Clock::time_point deadline;
  std::string text;
};

void write_all(int file, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t wrote = write(file, text.data() + at, text.size() - at);
    if (wrote <= 0) return;
    at += static_cast<std::size_t>(wrote);
  }
}

Child start(std::size_t index, std::chrono::seconds limit,
            const std::function<std::string(std::size_t)>& work) {
  int ends[2];
  if (pipe(ends) != 0) fail(ErrorCode::Io, "pipe: {}", std::strerror(errno));
  const pid_t pid = fork();
  if (pid < 0) {
    close(ends[0]);
    close(ends[1]);
    fail(ErrorCode::Io, "fork: {}", std::strerror(errno));
  }
  if (pid == 0) {
    close(ends[0]);
    write_all(ends[1], work(index));
    _exit(0);
  }
  close(ends[1]);
  return {index, pid, ends[0], Clock::now() + limit, {}};
}

// Reads what is there; false at the end of the pipe.
bool drain(Child& child) {
  char block[4096];
  const ssize_t got = read(child.pipe, block, sizeof block);
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) return false;
  child.text.append(block, static_cast<std::size_t>(got));
  return true;
}

IsolatedResult finish(Child& child, bool timed_out, std::chrono::seconds limit) {
  if (timed_out) kill(child.pid, SIGKILL);
  close(child.pipe);
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (timed_out) return {false, fmt::format("took longer than {} s", limit.count())};
  if (WIFSIGNALED(status)) return {false, fmt::format("crashed ({})", strsignal(WTERMSIG(status)))};
  if (WEXITSTATUS(status) != 0) return {false, fmt::format("ended with exit code {}", WEXITSTATUS(status))};
  return {true, std::move(child.text)};
}

}  // namespace

std::vector<IsolatedResult> run_isolated(std::size_t count, std::size_t jobs, std::chrono::seconds limit,
                                         const std::function<std::string(std::size_t)>& work,
                                         const std::function<void(std::size_t)>& progress) {
  std::vector<IsolatedResult> results(count);
  std::vector<Child> running;
  std::size_t next = 0;
  std::size_t done = 0;
  std::fflush(nullptr);
  while (done < count) {
    while (running.size() < std::max<std::size_t>(jobs, 1) && next < count)
      running.push_back(start(next++, limit, work));
    std::vector<pollfd> files;
    Clock::time_point earliest = Clock::time_point::max();
    for (const Child& child : running) {
      files.push_back({child.pipe, POLLIN, 0});
      earliest = std::min(earliest, child.deadline);
    }
    const auto wait =
        std::chrono::duration_cast<std::chrono::milliseconds>(earliest - Clock::now()).count() + 1;
    poll(files.data(), files.size(), static_cast<int>(std::max<long>(wait, 0)));
    for (std::size_t i = running.size(); i-- > 0;) {
      const bool timed_out = Clock::now() > running[i].deadline;
      if (!timed_out && (files[i].revents == 0 || drain(running[i]))) continue;
      results[running[i].index] = finish(running[i], timed_out, limit);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      progress(++done);
    }
  }
  return results;
}

}  // namespace atlas::cli
