// The line that no exception crosses, and what is checked of a caller's arguments at it.
#pragma once

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "atlas/base/error.h"
#include "capi/handles.h"

namespace atlas::capi {

/// Fills `error` where it is not NULL; without a message where not even that has memory.
AtlasStatus report(AtlasError** error, AtlasStatus status, const char* message) noexcept;

AtlasStatus status_of(ErrorCode code);

/// ATLAS_OK where `body()` returns; what it throws becomes `error` and its status.
template <typename Body>
AtlasStatus guarded(AtlasError** error, Body&& body) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    body();
    return ATLAS_OK;
  } catch (const Error& caught) {
    return report(error, status_of(caught.code()), caught.what());
  } catch (const std::bad_alloc&) {
    return report(error, ATLAS_RESOURCE_EXHAUSTED, "out of memory");
  } catch (const std::exception& caught) {
    return report(error, ATLAS_INTERNAL, caught.what());
  } catch (...) {
    return report(error, ATLAS_INTERNAL, "an exception of unknown type");
  }
}

/// Throws InvalidArgument where an argument that must be there is NULL.
template <typename T>
T& given(T* argument, const char* name) {
  require(argument != nullptr, "{}: expected a pointer, got NULL", name);
  return *argument;
}

/// A struct of the caller, whose size may be that of an older or a newer header: members it lacks are zero,
/// those that only newer versions know must be. NULL is all zeros.
template <typename T>
T read_struct(const T* from, const char* name) {
  T out{};
  if (from == nullptr) return out;
  constexpr std::size_t kMostBytes = 1024;
  const std::size_t size = from->size;
  require(size >= sizeof(std::size_t) && size <= kMostBytes,
          "{}: size is {} (start from ATLAS_INIT, which sets it)", name, size);
  const auto* bytes = reinterpret_cast<const char*>(from);
  if (size > sizeof(T) && std::any_of(bytes + sizeof(T), bytes + size, [](char byte) { return byte != 0; }))
    fail(ErrorCode::Unsupported, "{}: holds members of a newer version of Atlas", name);
  std::memcpy(&out, from, std::min(size, sizeof(T)));
  return out;
}

/// Fills as much of a caller's struct as it has room for, and leaves its size.
template <typename T>
void write_struct(T* to, T from, const char* name) {
  const std::size_t size = given(to, name).size;
  require(size >= sizeof(std::size_t), "{}: size is {} (start from ATLAS_INIT, which sets it)", name, size);
  from.size = size;
  std::memcpy(to, &from, std::min(size, sizeof(T)));
}

}  // namespace atlas::capi
