// Errors and versions of the C interface.
#include <cstdlib>

#include "atlas/base/version.h"
#include "capi/boundary.h"

namespace atlas::capi {

AtlasStatus status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return ATLAS_INVALID_ARGUMENT;
    case ErrorCode::Unsupported:
      return ATLAS_UNSUPPORTED;
    case ErrorCode::NotFound:
      return ATLAS_NOT_FOUND;
    case ErrorCode::Io:
      return ATLAS_IO;
    case ErrorCode::ResourceExhausted:
      return ATLAS_RESOURCE_EXHAUSTED;
    case ErrorCode::Cancelled:
      return ATLAS_CANCELLED;
    case ErrorCode::DeadlineExceeded:
      return ATLAS_DEADLINE_EXCEEDED;
    case ErrorCode::Internal:
      break;
  }
  return ATLAS_INTERNAL;
}

AtlasStatus report(AtlasError** error, AtlasStatus status, const char* message) noexcept {
  if (error == nullptr) return status;
  try {
    *error = new AtlasError{status, message};
  } catch (...) {
    *error = nullptr;
  }
  return status;
}

}  // namespace atlas::capi

int32_t atlas_api_version() {
  return ATLAS_API_VERSION;
}

const char* atlas_version() {
  return atlas::version();
}

const char* atlas_status_name(AtlasStatus status) {
  using atlas::ErrorCode;
  if (status == ATLAS_OK) return "ok";
  for (const ErrorCode code :
       {ErrorCode::InvalidArgument, ErrorCode::Unsupported, ErrorCode::NotFound, ErrorCode::Io,
        ErrorCode::ResourceExhausted, ErrorCode::Cancelled, ErrorCode::DeadlineExceeded, ErrorCode::Internal})
    if (atlas::capi::status_of(code) == status) return name(code);
  return "unknown status";
}

const char* atlas_error_message(const AtlasError* error) {
  return error == nullptr ? "" : error->message.c_str();
}

AtlasStatus atlas_error_status(const AtlasError* error) {
  return error == nullptr ? ATLAS_OK : error->status;
}

void atlas_error_free(AtlasError* error) {
  delete error;
}

void atlas_string_free(char* text) {
  std::free(text);
}
