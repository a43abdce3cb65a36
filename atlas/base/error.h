// The one exception type of Atlas and the two ways to raise it.
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>

namespace atlas {

enum class ErrorCode {
  InvalidArgument,    // the caller or a file is wrong
  Unsupported,        // well-formed, but not something Atlas does
  NotFound,           // a file, a name, a model that is not there
  Io,                 // reading or writing failed
  ResourceExhausted,  // a limit on memory, size or nesting was met
  Cancelled,          // the caller asked to stop
  DeadlineExceeded,   // the caller's time is up
  Internal,           // a bug of Atlas
};

/// "invalid argument", "unsupported", ...
const char* name(ErrorCode code);

/// Message form: "where: expected X, got Y (what to do)".
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

[[noreturn]] void raise(ErrorCode code, std::string message);

/// Throws Error{code} with a message in the format of fmt.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  raise(code, fmt::vformat(format, fmt::make_format_args(args...)));
}

/// Throws Error{InvalidArgument} unless `condition`: for whatever comes from outside. The arguments are
/// always evaluated: where they cost something on a path that runs often, write `if (...) fail(...)`.
template <typename... Args>
void require(bool condition, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) [[unlikely]]
    raise(ErrorCode::InvalidArgument, fmt::vformat(format, fmt::make_format_args(args...)));
}

/// Throws Error{Internal} unless `condition`: marks bugs of Atlas itself.
void ensure(bool condition, const char* what);

/// Returns `body()`. An Error that leaves it gets `context()` and ": " put before its message.
template <typename Context, typename Body>
decltype(auto) within(Context&& context, Body&& body) {
  try {
    return body();
  } catch (const Error& error) {
    raise(error.code(), std::string(context()) + ": " + error.what());
  }
}

}  // namespace atlas
