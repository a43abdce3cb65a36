// Whole files read into memory and written from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlas {

/// The bytes of a file. Throws NotFound, Io, or ResourceExhausted where it has more than `limit_bytes`.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                    std::size_t limit_bytes = std::size_t{1} << 31);

/// The same as a string.
std::string read_text(const std::filesystem::path& path, std::size_t limit_bytes = std::size_t{1} << 26);

/// Replaces the file, or makes it. Throws Io.
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace atlas
