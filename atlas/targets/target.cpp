// What a target need not do.
#include "atlas/targets/target.h"

#include "atlas/base/error.h"

namespace atlas {

std::string_view name(Precision precision) {
  return precision == Precision::F32 ? "f32" : precision == Precision::Bf16 ? "bf16" : "int8";
}

std::string_view number_format(Precision precision) {
  return precision == Precision::Int8 ? "i8" : name(precision);
}

Precision precision_named(std::string_view wanted) {
  for (const Precision precision : {Precision::F32, Precision::Bf16, Precision::Int8})
    if (name(precision) == wanted) return precision;
  fail(ErrorCode::InvalidArgument, "precision: expected f32, bf16 or int8, got '{}'", wanted);
}

LoweredGraph Target::lower(Graph, const OpRegistry&, Precision) const {
  fail(ErrorCode::Unsupported, "target {}: its programs cannot be kept in a file", name());
}

std::unique_ptr<Program> Target::load(LoweredGraph, const OpRegistry&, const CompileOptions&) const {
  fail(ErrorCode::Unsupported, "target {}: its programs cannot be kept in a file", name());
}

}  // namespace atlas
