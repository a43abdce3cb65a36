// NumPy's .npy files: one tensor each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

/// The tensor in the bytes of a .npy file (format versions 1 to 3, either byte order, C or Fortran order;
/// numbers, bool, complex, and text of both kinds as String). `where` opens messages. Throws
/// InvalidArgument on a malformed file, Unsupported on Python objects, records and dates.
Tensor parse_npy(std::span<const std::uint8_t> bytes, std::string_view where);

/// The bytes of a .npy file. Types that NumPy has not are written as the smallest of its types that holds
/// every value: bf16, f8 and f4 as float32, 2- and 4-bit integers as (u)int8. Strings are written as UTF-8
/// bytes ("|S") where one is not valid UTF-8, else as text ("<U"); trailing NULs of either get lost.
std::vector<std::uint8_t> to_npy(const Tensor& tensor);

Tensor read_npy(const std::filesystem::path& path);
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace atlas
