// posix_spawn with two pipes, and a poll over them and the process itself.
#include "atlas/base/process.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "atlas/base/error.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read, write;

  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail(ErrorCode::Io, "pipe: {}", std::strerror(errno));
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
    fcntl(read.get(), F_SETFL, O_NONBLOCK);
  }
};

class SpawnActions {
 public:
  SpawnActions(const Pipe& output, const Pipe& error, const fs::path& directory) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, error.write.get(), STDERR_FILENO);
    if (!directory.empty()) posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

pid_t spawn(const std::vector<std::string>& command, const SpawnActions& actions) {
  std::vector<char*> argv;
  for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = -1;
  if (const int error = posix_spawnp(&pid, argv[0], actions.get(), nullptr, argv.data(), environ))
    fail(error == ENOENT ? ErrorCode::NotFound : ErrorCode::Io, "{}: cannot be started: {}", command[0],
         std::strerror(error));
  return pid;
}

// Takes what the pipe holds; false at its end.
bool drain(const Descriptor& pipe, std::string& text, std::size_t limit_bytes) {
  std::array<char, 1 << 14> chunk;
  for (;;) {
    const ssize_t got = read(pipe.get(), chunk.data(), chunk.size());
    if (got > 0) {
      text.append(chunk.data(), std::min(static_cast<std::size_t>(got), limit_bytes - text.size()));
    } else if (got == 0 || (errno != EINTR)) {
      return got < 0 && errno == EAGAIN;
    }
  }
}

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& command, const ProcessOptions& options) {
  ensure(!command.empty(), "run_process of nothing");
  Pipe output, error;
  const pid_t pid = spawn(command, SpawnActions(output, error, options.directory));
  output.write.close();
  error.write.close();
  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));

  ProcessResult result;
  const auto started = Clock::now();
  std::array<pollfd, 3> events = {
      {{process.get(), POLLIN, 0}, {output.read.get(), POLLIN, 0}, {error.read.get(), POLLIN, 0}}};
  while (events[0].revents == 0 && (events[0].fd >= 0 || events[1].fd >= 0 || events[2].fd >= 0)) {
    const int wait_ms = options.limit ? milliseconds_until(started + *options.limit) : -1;
    if (poll(events.data(), events.size(), wait_ms) == 0) {
      result.timed_out = true;
      kill(pid, SIGKILL);
      break;
    }
    // A descriptor that is negative is left out of the poll.
    if (events[1].revents && !drain(output.read, result.output, options.output_limit_bytes))
      events[1].fd = -1;
    if (events[2].revents && !drain(error.read, result.error, options.output_limit_bytes)) events[2].fd = -1;
  }
  int status = 0;
  rusage usage{};
  while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  // What it left in the pipes; a grandchild that still holds them is not waited for.
  drain(output.read, result.output, options.output_limit_bytes);
  drain(error.read, result.error, options.output_limit_bytes);
  result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  result.exit_code = result.signal ? 128 + result.signal : WEXITSTATUS(status);
  result.peak_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  return result;
}

std::optional<fs::path> find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path ? path : "";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const fs::path candidate = fs::path(rest.substr(0, end)) / name;
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (access(candidate.c_str(), X_OK) == 0 && fs::is_regular_file(candidate)) return candidate;
  }
  return std::nullopt;
}

fs::path this_binary() {
  // The loader knows the program itself by an empty name.
  Dl_info info{};
  link_map* map = nullptr;
  const bool known = dladdr1(reinterpret_cast<const void*>(&this_binary), &info,
                             reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) != 0;
  const fs::path loaded = known && map != nullptr && map->l_name[0] != 0 ? map->l_name : "/proc/self/exe";
  std::error_code error;
  const fs::path path = fs::canonical(loaded, error);
  if (error) fail(ErrorCode::Io, "{}: {}", loaded.string(), error.message());
  return path;
}

}  // namespace atlas
