// What a target need not do.
#include "atlas/targets/target.h"

#include "atlas/base/error.h"

namespace atlas {

LoweredGraph Target::lower(Graph, const OpRegistry&) const {
  fail(ErrorCode::Unsupported, "target {}: its programs cannot be kept in a file", name());
}

std::unique_ptr<Program> Target::load(LoweredGraph, const OpRegistry&, const CompileOptions&) const {
  fail(ErrorCode::Unsupported, "target {}: its programs cannot be kept in a file", name());
}

}  // namespace atlas
