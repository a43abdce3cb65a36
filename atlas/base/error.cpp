// Raising of errors, kept out of line so that checks stay small where they are inlined.
#include "atlas/base/error.h"

namespace atlas {

const char* name(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return "invalid argument";
    case ErrorCode::Unsupported:
      return "unsupported";
    case ErrorCode::NotFound:
      return "not found";
    case ErrorCode::Io:
      return "input/output error";
    case ErrorCode::ResourceExhausted:
      return "resource exhausted";
    case ErrorCode::Cancelled:
      return "cancelled";
    case ErrorCode::DeadlineExceeded:
      return "deadline exceeded";
    case ErrorCode::Internal:
      return "internal error";
  }
  return "unknown error";
}

void raise(ErrorCode code, std::string message) {
  throw Error(code, message);
}

void ensure(bool condition, const char* what) {
  if (!condition) [[unlikely]]
    throw Error(ErrorCode::Internal, std::string("bug in Atlas: ") + what);
}

}  // namespace atlas
