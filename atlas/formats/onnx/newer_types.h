// Element types that operators learnt with later versions.
#pragma once

#include <string_view>

namespace atlas::onnx {

/// What inputs and outputs of the operator take since `version` and did not before, from version 8 on:
/// "in0 out0: bf16; in1: i4 u4"; "" for nothing. From onnx.defs of ONNX 1.22.
std::string_view newer_types(std::string_view domain, std::string_view op, int version);

}  // namespace atlas::onnx
