// Checks around protozero, which trusts wire types and cuts lengths to 32 bits.
#include "atlas/formats/onnx/wire.h"

#include <bit>
#include <cstring>
#include <limits>

#include "atlas/base/error.h"

namespace atlas::onnx {
namespace {

using protozero::pbf_wire_type;

static_assert(std::endian::native == std::endian::little, "tensors are viewed as they lie in the file");

template <typename Body>
decltype(auto) guarded(Body body) {
  try {
    return body();
  } catch (const protozero::exception& error) {
    fail(ErrorCode::InvalidArgument, "malformed protobuf ({}); the file is damaged or no ONNX file",
         error.what());
  }
}

}  // namespace

void Message::require_type(pbf_wire_type wanted) const {
  if (reader_.wire_type() != wanted)
    fail(ErrorCode::InvalidArgument,
         "malformed protobuf (field {} has wire type {}, expected {}); the file is damaged or no ONNX file",
         reader_.tag(), static_cast<unsigned>(reader_.wire_type()), static_cast<unsigned>(wanted));
}

bool Message::next() {
  return guarded([&] { return reader_.next(); });
}

std::string_view Message::bytes() {
  require_type(pbf_wire_type::length_delimited);
  return guarded([&] {
    const protozero::data_view rest = reader_.data();
    const char* at = rest.data();
    const char* end = at + rest.size();
    const std::uint64_t length = protozero::decode_varint(&at, end);
    require(length <= static_cast<std::uint64_t>(end - at),
            "malformed protobuf (field {} claims {} bytes, {} are left); the file is cut short or damaged",
            reader_.tag(), length, end - at);
    require(length <= std::numeric_limits<std::uint32_t>::max(),
            "malformed protobuf (field {} has {} bytes, more than protobuf allows)", reader_.tag(), length);
    const protozero::data_view view = reader_.get_view();
    return std::string_view(view.data(), view.size());
  });
}

std::int64_t Message::integer() {
  require_type(pbf_wire_type::varint);
  return guarded([&] { return reader_.get_int64(); });
}

float Message::real() {
  require_type(pbf_wire_type::fixed32);
  return guarded([&] { return reader_.get_float(); });
}

bool Message::is_packed() const {
  return reader_.wire_type() == pbf_wire_type::length_delimited;
}

void Message::append(std::vector<std::int64_t>& out) {
  if (!is_packed()) return out.push_back(integer());
  const std::string_view view = bytes();
  const char* at = view.data();
  const char* end = at + view.size();
  guarded([&] {
    while (at != end) out.push_back(static_cast<std::int64_t>(protozero::decode_varint(&at, end)));
  });
}

template <typename Number>
void Message::append_fixed(std::vector<Number>& out, pbf_wire_type single) {
  if (!is_packed()) {
    require_type(single);
    out.push_back(guarded([&] {
      if constexpr (sizeof(Number) == 4)
        return reader_.get_float();
      else
        return reader_.get_double();
    }));
    return;
  }
  const std::string_view view = bytes();
  require(view.size() % sizeof(Number) == 0, "malformed protobuf (packed numbers of {} bytes take {})",
          sizeof(Number), view.size());
  const std::size_t before = out.size();
  out.resize(before + view.size() / sizeof(Number));
  if (!view.empty()) std::memcpy(out.data() + before, view.data(), view.size());
}

void Message::append(std::vector<float>& out) {
  append_fixed(out, pbf_wire_type::fixed32);
}

void Message::append(std::vector<double>& out) {
  append_fixed(out, pbf_wire_type::fixed64);
}

void Message::skip() {
  if (is_packed()) {
    bytes();
  } else {
    guarded([&] { reader_.skip(); });
  }
}

std::pair<std::string, std::string> read_entry(std::string_view bytes) {
  std::pair<std::string, std::string> out;
  for (Message entry(bytes); entry.next();) {
    if (entry.field() == 1) {
      out.first = entry.text();
    } else if (entry.field() == 2) {
      out.second = entry.text();
    } else {
      entry.skip();
    }
  }
  return out;
}

}  // namespace atlas::onnx
