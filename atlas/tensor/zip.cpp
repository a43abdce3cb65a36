// ZIP by PKWARE's application note (APPNOTE 6.3): entries stored or deflated.
#include "atlas/tensor/zip.h"

#include <zlib.h>

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::uint32_t kEnd64Locator = 0x07064b50;

/// Little-endian numbers out of a span, each read checked.
class Reader {
 public:
  Reader(Bytes bytes, std::string_view where) : bytes_(bytes), where_(where) {}

  std::uint64_t number(std::uint64_t at, int size_bytes) const {
    const Bytes part = slice(at, static_cast<std::uint64_t>(size_bytes));
    std::uint64_t value = 0;
    for (int i = size_bytes; i-- > 0;) value = value << 8 | part[static_cast<std::size_t>(i)];
    return value;
  }
  std::uint32_t u16(std::uint64_t at) const { return static_cast<std::uint32_t>(number(at, 2)); }
  std::uint32_t u32(std::uint64_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }
  std::uint64_t u64(std::uint64_t at) const { return number(at, 8); }

  Bytes slice(std::uint64_t at, std::uint64_t size) const {
    require(at <= bytes_.size() && size <= bytes_.size() - at,
            "{}: archive is cut short or damaged: {} bytes wanted at {} of {}", where_, size, at,
            bytes_.size());
    return bytes_.subspan(at, size);
  }

 private:
  Bytes bytes_;
  std::string_view where_;
};

struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t offset = 0;
};

Directory find_directory(Bytes bytes, const Reader& reader, std::string_view where) {
  constexpr std::size_t kEndBytes = 22;
  constexpr std::size_t kMostComment = 65535;
  require(bytes.size() >= kEndBytes, "{}: expected a ZIP archive, got {} bytes", where, bytes.size());
  const std::size_t last = bytes.size() - kEndBytes;
  for (std::size_t back = 0; back <= std::min(last, kMostComment); ++back) {
    const std::size_t at = last - back;
    if (reader.u32(at) != kEnd) continue;
    if (at >= 20 && reader.u32(at - 20) == kEnd64Locator) {
      const std::uint64_t end64 = reader.u64(at - 12);
      require(reader.u32(end64) == kEnd64, "{}: archive has a damaged ZIP64 end", where);
      return {reader.u64(end64 + 32), reader.u64(end64 + 48)};
    }
    return {reader.u16(at + 10), reader.u32(at + 16)};
  }
  fail(ErrorCode::InvalidArgument, "{}: expected a ZIP archive, got no end of a ZIP directory", where);
}

/// The entry whose central header is at `at`; moves `at` behind it.
ZipEntry read_entry(const Reader& reader, std::uint64_t& at, std::string_view where) {
  require(reader.u32(at) == kCentralHeader, "{}: archive has a damaged directory", where);
  ZipEntry entry;
  const std::uint32_t flags = reader.u16(at + 8);
  entry.method = reader.u16(at + 10);
  entry.crc = reader.u32(at + 16);
  entry.packed_bytes = reader.u32(at + 20);
  entry.size_bytes = reader.u32(at + 24);
  const std::uint32_t name_bytes = reader.u16(at + 28);
  const std::uint32_t extra_bytes = reader.u16(at + 30);
  entry.offset = reader.u32(at + 42);
  const Bytes name = reader.slice(at + 46, name_bytes);
  entry.name.assign(name.begin(), name.end());
  if (flags & 1) fail(ErrorCode::Unsupported, "{}: entry '{}' is encrypted", where, entry.name);

  const std::uint64_t extra = at + 46 + name_bytes;
  for (std::uint64_t field = extra; field + 4 <= extra + extra_bytes; field += 4 + reader.u16(field + 2)) {
    if (reader.u16(field) != 1) continue;  // 1: the sizes that did not fit 32 bits, in this order
    std::uint64_t value = field + 4;
    for (std::uint64_t* wide : {&entry.size_bytes, &entry.packed_bytes, &entry.offset})
      if (*wide == 0xFFFFFFFF) {
        *wide = reader.u64(value);
        value += 8;
      }
  }
  at = extra + extra_bytes + reader.u16(at + 32);
  return entry;
}

std::vector<std::uint8_t> inflate_entry(Bytes packed, const ZipEntry& entry, std::string_view where) {
  // Deflate packs at most 1032 to 1, so a larger claim is false and costs no memory.
  require(entry.size_bytes / 1032 <= packed.size(), "{}: entry '{}' claims {} bytes out of {}", where,
          entry.name, entry.size_bytes, packed.size());
  std::vector<std::uint8_t> out(entry.size_bytes);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    fail(ErrorCode::ResourceExhausted, "{}: entry '{}': no memory to unpack", where, entry.name);
  int status = Z_OK;
  std::size_t read = 0;
  std::size_t written = 0;
  constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;
  while (status == Z_OK) {
    stream.next_in = const_cast<Bytef*>(packed.data() + read);
    stream.avail_in = static_cast<uInt>(std::min(packed.size() - read, kMostAtOnce));
    stream.next_out = out.data() + written;
    stream.avail_out = static_cast<uInt>(std::min(out.size() - written, kMostAtOnce));
    const uInt in = stream.avail_in;
    const uInt room = stream.avail_out;
    status = inflate(&stream, Z_NO_FLUSH);
    read += in - stream.avail_in;
    written += room - stream.avail_out;
  }
  inflateEnd(&stream);
  require(status == Z_STREAM_END && written == out.size(), "{}: entry '{}' does not unpack to its {} bytes",
          where, entry.name, entry.size_bytes);
  return out;
}

}  // namespace

std::vector<ZipEntry> zip_entries(Bytes archive, std::string_view where, std::size_t limit_bytes) {
  const Reader reader(archive, where);
  const Directory directory = find_directory(archive, reader, where);
  std::vector<ZipEntry> out;
  std::uint64_t at = directory.offset;
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    const ZipEntry entry = read_entry(reader, at, where);
    if (entry.size_bytes > limit_bytes - total)
      fail(ErrorCode::ResourceExhausted, "{}: entries unpack to more than {} bytes", where, limit_bytes);
    total += entry.size_bytes;
    out.push_back(entry);
  }
  return out;
}

Bytes zip_content(Bytes archive, const ZipEntry& entry, std::vector<std::uint8_t>& storage,
                  std::string_view where) {
  const Reader reader(archive, where);
  require(reader.u32(entry.offset) == kLocalHeader, "{}: entry '{}' has a damaged header", where, entry.name);
  Bytes content = reader.slice(
      entry.offset + 30 + reader.u16(entry.offset + 26) + reader.u16(entry.offset + 28), entry.packed_bytes);
  if (entry.method == Z_DEFLATED) {
    storage = inflate_entry(content, entry, where);
    content = storage;
  } else if (entry.method != 0) {
    fail(ErrorCode::Unsupported, "{}: {}: expected entries stored or deflated, got compression {}", where,
         entry.name, entry.method);
  }
  require(zip_checksum(content) == entry.crc, "{}: {}: checksum is wrong", where, entry.name);
  return content;
}

std::uint32_t zip_checksum(Bytes bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

}  // namespace atlas
