// NumPy's .npz files: a ZIP archive of named .npy files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// The tensors of an archive in its order, named without ".npy". Entries stored or deflated, ZIP64 included.
/// Throws InvalidArgument on a malformed archive, Unsupported on other compressions and encryption,
/// ResourceExhausted where the entries unpack to more than `limit_bytes` in all.
NamedTensors parse_npz(std::span<const std::uint8_t> bytes, std::string_view where,
                       std::size_t limit_bytes = std::size_t{1} << 36);

/// The bytes of an archive with these tensors, stored. Names must differ.
std::vector<std::uint8_t> to_npz(const NamedTensors& tensors);

NamedTensors read_npz(const std::filesystem::path& path);
void write_npz(const std::filesystem::path& path, const NamedTensors& tensors);

}  // namespace atlas
