// One message form for what goes wrong at a node.
#include "atlas/graph/node_errors.h"

#include <new>
#include <stdexcept>
#include <string_view>

#include "atlas/base/error.h"

namespace atlas {

void rethrow_naming(const Node& node) {
  const std::string where = describe(node);
  try {
    throw;
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with(where)) throw;
    raise(error.code(), where + ": " + error.what());
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::ResourceExhausted, "{}: not enough memory", where);
  } catch (const std::length_error&) {
    fail(ErrorCode::ResourceExhausted, "{}: not enough memory", where);
  }
}

}  // namespace atlas
