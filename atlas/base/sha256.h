// SHA-256 (FIPS 180-4) of files and bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace atlas {

class Sha256 {
 public:
  void append(std::span<const std::uint8_t> bytes);
  /// 64 lower-case hexadecimal digits. Nothing may be appended afterwards.
  std::string finish();

 private:
  void compress(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> pending_{};
  std::size_t pending_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
};

/// The digest of a whole file. Throws NotFound or Io.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace atlas
