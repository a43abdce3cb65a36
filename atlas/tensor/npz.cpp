// Arrays by the names of a ZIP archive's entries, as numpy.savez writes them.
#include "atlas/tensor/npz.h"

#include <algorithm>
#include <set>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/tensor/npy.h"
#include "atlas/tensor/zip.h"

namespace atlas {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::uint32_t kEnd64Locator = 0x07064b50;

void append(std::vector<std::uint8_t>& out, std::uint64_t value, int size_bytes) {
  for (int i = 0; i < size_bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

}  // namespace

NamedTensors parse_npz(Bytes bytes, std::string_view where, std::size_t limit_bytes) {
  NamedTensors out;
  for (const ZipEntry& entry : zip_entries(bytes, where, limit_bytes)) {
    std::string name = entry.name;
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    const std::string label = fmt::format("{}: {}", where, name);
    std::vector<std::uint8_t> storage;
    out.emplace_back(std::move(name), parse_npy(zip_content(bytes, entry, storage, where), label));
  }
  return out;
}

std::vector<std::uint8_t> to_npz(const NamedTensors& tensors) {
  std::vector<std::uint8_t> out;
  std::vector<std::uint8_t> directory;
  std::set<std::string_view> names;
  constexpr std::uint32_t kVersion = 45;       // ZIP64
  constexpr std::uint32_t kDate = 33;          // 1 January 1980, as NumPy writes
  constexpr std::uint32_t kWide = 0xFFFFFFFF;  // "see the ZIP64 field"
  for (const auto& [tensor_name, tensor] : tensors) {
    require(names.insert(tensor_name).second, ".npz: expected names that differ, got '{}' twice",
            tensor_name);
    const std::string name = tensor_name + ".npy";
    require(name.size() < 65536, ".npz: name of {} bytes is too long", name.size());
    const std::vector<std::uint8_t> content = to_npy(tensor);
    const std::uint64_t offset = out.size();
    const std::uint32_t crc = zip_checksum(content);
    const auto header = [&](std::vector<std::uint8_t>& to) {
      append(to, kVersion, 2);
      append(to, 1u << 11, 2);  // names are UTF-8
      append(to, 0, 2);         // stored
      append(to, 0, 2);
      append(to, kDate, 2);
      append(to, crc, 4);
      append(to, kWide, 4);
      append(to, kWide, 4);
      append(to, name.size(), 2);
    };
    append(out, kLocalHeader, 4);
    header(out);
    append(out, 20, 2);
    out.insert(out.end(), name.begin(), name.end());
    append(out, 1, 2);
    append(out, 16, 2);
    append(out, content.size(), 8);
    append(out, content.size(), 8);
    out.insert(out.end(), content.begin(), content.end());

    append(directory, kCentralHeader, 4);
    append(directory, kVersion, 2);
    header(directory);
    append(directory, 28, 2);
    append(directory, 0, 2);  // comment
    append(directory, 0, 2);  // disk
    append(directory, 0, 2);  // internal attributes
    append(directory, 0, 4);  // external attributes
    append(directory, kWide, 4);
    directory.insert(directory.end(), name.begin(), name.end());
    append(directory, 1, 2);
    append(directory, 24, 2);
    append(directory, content.size(), 8);
    append(directory, content.size(), 8);
    append(directory, offset, 8);
  }
  const std::uint64_t directory_at = out.size();
  out.insert(out.end(), directory.begin(), directory.end());
  const std::uint64_t end64_at = out.size();
  append(out, kEnd64, 4);
  append(out, 44, 8);
  append(out, kVersion, 2);
  append(out, kVersion, 2);
  append(out, 0, 8);  // disks
  append(out, tensors.size(), 8);
  append(out, tensors.size(), 8);
  append(out, directory.size(), 8);
  append(out, directory_at, 8);
  append(out, kEnd64Locator, 4);
  append(out, 0, 4);
  append(out, end64_at, 8);
  append(out, 1, 4);
  append(out, kEnd, 4);
  append(out, 0, 4);
  append(out, 0xFFFF, 2);
  append(out, 0xFFFF, 2);
  append(out, kWide, 4);
  append(out, kWide, 4);
  append(out, 0, 2);
  return out;
}

NamedTensors read_npz(const std::filesystem::path& path) {
  return parse_npz(read_file(path, std::size_t{1} << 36), path.string());
}

void write_npz(const std::filesystem::path& path, const NamedTensors& tensors) {
  write_file(path, to_npz(tensors));
}

}  // namespace atlas
