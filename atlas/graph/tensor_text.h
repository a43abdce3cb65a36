// Tensors and floats in the text form: every element type, exact to the bit.
#pragma once

#include <cstddef>
#include <string>

#include "atlas/graph/text_cursor.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

/// The shortest text that reads back as the same bits, told from an integer by a point, an exponent,
/// "inf" or "nan": "1.0", "1e-05", "-inf", "nan(0x7f800001)".
std::string float_text(float value);

/// Reads what `float_text` writes.
float read_float(TextCursor& cursor);

/// "f32[2]{1, 2.5}"; from 33 elements on the bytes, little-endian: "f32[64,3]base64\"...\"". Tensors of more
/// than `elide_above` elements become "f32[64,3]{...}", which reads back as an error.
void append_tensor(std::string& out, const Tensor& tensor, std::size_t elide_above);

Tensor read_tensor(TextCursor& cursor);

}  // namespace atlas
