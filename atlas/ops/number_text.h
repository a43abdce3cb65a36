// Numbers as the text that casts to and from strings use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "atlas/tensor/dtype.h"

namespace atlas {

/// A floating-point element of `dtype` as numpy writes it: the fewest digits that read back as the same
/// element. "0.1", "1.0", "1e-05", "nan", "-inf".
std::string number_text(double value, DType dtype);

/// Reads a number in plain or scientific form, "inf" and "nan" in any case, with or without sign. Nothing
/// where there is anything else.
std::optional<double> parse_real(std::string_view text);

/// Reads an integer exactly, as the bits of 64; a real number is truncated towards zero.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace atlas
