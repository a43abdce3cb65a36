// Entries of a ZIP archive in memory: what .npz files and PyTorch's checkpoints are kept in.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlas {

struct ZipEntry {
  std::string name;
  std::uint32_t method = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed_bytes = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t offset = 0;  // of its local header
};

/// The entries of an archive in its order, ZIP64 included. Throws InvalidArgument on a malformed archive,
/// Unsupported on encryption, ResourceExhausted where the entries unpack to more than `limit_bytes` in all.
std::vector<ZipEntry> zip_entries(std::span<const std::uint8_t> archive, std::string_view where,
                                  std::size_t limit_bytes = std::size_t{1} << 36);

/// The content of an entry, checked against its checksum: a part of the archive where it is stored, otherwise
/// unpacked into `storage`. Throws InvalidArgument, Unsupported on compressions other than deflate.
std::span<const std::uint8_t> zip_content(std::span<const std::uint8_t> archive, const ZipEntry& entry,
                                          std::vector<std::uint8_t>& storage, std::string_view where);

/// CRC-32 as ZIP has it.
std::uint32_t zip_checksum(std::span<const std::uint8_t> bytes);

}  // namespace atlas
