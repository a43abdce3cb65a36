// zlib with the wrapper of gzip.
#include "atlas/tensor/gzip.h"

#include <zlib.h>

#include "atlas/base/error.h"

namespace atlas {

std::vector<std::uint8_t> gzip(std::string_view content) {
  require(content.size() < std::size_t{1} << 31, "gzip: expected less than 2 GiB, got {} bytes",
          content.size());
  constexpr int kWindowBits = 15, kGzipWrapper = 16, kMemoryLevel = 8;
  z_stream stream{};
  ensure(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kWindowBits + kGzipWrapper, kMemoryLevel,
                      Z_DEFAULT_STRATEGY) == Z_OK,
         "deflateInit2 failed");
  std::vector<std::uint8_t> out(deflateBound(&stream, content.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int end = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  ensure(end == Z_STREAM_END, "deflate did not end");
  return out;
}

}  // namespace atlas
