// Reads and writes .npy by NumPy's published format ("NEP 1" and numpy.lib.format).
#include "atlas/tensor/npy.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/utf8.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct Header {
  std::string type;  // as in "<f4"
  bool fortran_order = false;
  Shape shape;
};

/// The header is a Python dictionary of three keys, written as a literal.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string_view where) : text_(text), where_(where) {}

  Header parse() {
    Header header;
    int seen = 0;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        seen |= 1;
        if (peek() == '[')
          fail(ErrorCode::Unsupported, "{}: records (structured types) are not read", where_);
        header.type = quoted();
      } else if (key == "fortran_order") {
        seen |= 2;
        header.fortran_order = boolean();
      } else if (key == "shape") {
        seen |= 4;
        header.shape = shape();
      } else {
        bad("the keys descr, fortran_order and shape");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (seen != 7) bad("all of descr, fortran_order and shape");
    return header;
  }

 private:
  [[noreturn]] void bad(std::string_view what) const {
    fail(ErrorCode::InvalidArgument, "{}: .npy header, character {}: expected {}", where_, at_, what);
  }
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) bad(std::string("'") + c + "'");
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') bad("a quoted word");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == text_.npos) bad("a closing quote");
    std::string word(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return word;
  }
  bool boolean() {
    peek();
    for (const std::string_view word : {"True", "False"})
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return word == "True";
      }
    bad("True or False");
  }
  Shape shape() {
    Shape out;
    expect('(');
    while (!accept(')')) {
      std::int64_t extent = 0;
      if (peek() < '0' || peek() > '9') bad("an extent");
      for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
        if (extent > (std::int64_t{1} << 48)) bad("an extent below 2^48");
        extent = extent * 10 + (text_[at_] - '0');
      }
      accept('L');
      out.push_back(extent);
      if (out.size() > 64) bad("at most 64 axes");
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return out;
  }

  std::string_view text_;
  std::string_view where_;
  std::size_t at_ = 0;
};

/// How elements lie in the file.
struct Layout {
  DType dtype = DType::Undefined;
  std::size_t size_bytes = 0;  // of one element
  std::size_t word_bytes = 0;  // what a byte order applies to
  char kind = 0;
  bool big_endian = false;
};

Layout layout_of(const std::string& type, std::string_view where) {
  struct Row {
    std::string_view name;
    DType dtype;
    std::size_t size_bytes, word_bytes;
  };
  static constexpr Row kRows[] = {
      {"b1", DType::Bool, 1, 1}, {"i1", DType::I8, 1, 1},    {"i2", DType::I16, 2, 2},
      {"i4", DType::I32, 4, 4},  {"i8", DType::I64, 8, 8},   {"u1", DType::U8, 1, 1},
      {"u2", DType::U16, 2, 2},  {"u4", DType::U32, 4, 4},   {"u8", DType::U64, 8, 8},
      {"f2", DType::F16, 2, 2},  {"f4", DType::F32, 4, 4},   {"f8", DType::F64, 8, 8},
      {"c8", DType::C64, 8, 4},  {"c16", DType::C128, 16, 8}};
  require(type.size() >= 2, "{}: expected an element type as in '<f4', got '{}'", where, type);
  const std::string_view body = std::string_view(type).substr(1);
  const bool big_endian = type[0] == '>';
  require(big_endian || type[0] == '<' || type[0] == '|' || type[0] == '=',
          "{}: expected a byte order of '<', '>', '|' or '=', got '{}'", where, type);
  for (const Row& row : kRows)
    if (row.name == body) return {row.dtype, row.size_bytes, row.word_bytes, body[0], big_endian};
  if (body[0] == 'S' || body[0] == 'U') {
    std::size_t length = 0;
    for (const char c : body.substr(1)) {
      require(c >= '0' && c <= '9' && length < (1u << 24), "{}: expected a text length, got '{}'", where,
              type);
      length = length * 10 + static_cast<std::size_t>(c - '0');
    }
    const std::size_t word = body[0] == 'U' ? 4 : 1;
    return {DType::String, length * word, word, body[0], big_endian};
  }
  fail(ErrorCode::Unsupported, "{}: element type '{}' is not read (numbers, bool and text are)", where, type);
}

std::string text_element(const std::uint8_t* data, const Layout& layout) {
  std::string out;
  if (layout.kind == 'S') {
    out.assign(reinterpret_cast<const char*>(data), layout.size_bytes);
    out.erase(out.find_last_not_of('\0') + 1);
    return out;
  }
  std::u32string points(layout.size_bytes / 4, U'\0');
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t b = 0; b < 4; ++b)
      points[i] |= static_cast<char32_t>(data[i * 4 + b]) << 8 * (layout.big_endian ? 3 - b : b);
  points.erase(points.find_last_not_of(U'\0') + 1);
  for (const char32_t point : points) append_utf8(out, point);
  return out;
}

/// Calls `visit(row-major index, index in the file)` for every element of a Fortran-ordered array.
template <typename Visit>
void for_each_transposed(const Shape& shape, std::size_t count, Visit visit) {
  std::vector<std::size_t> steps(shape.size());
  std::size_t step = 1;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    steps[axis] = step;
    step *= static_cast<std::size_t>(shape[axis]);
  }
  Shape index(shape.size(), 0);
  std::size_t from = 0;
  for (std::size_t i = 0; i < count; ++i) {
    visit(i, from);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from += steps[axis];
      if (++index[axis] < shape[axis]) break;
      from -= steps[axis] * static_cast<std::size_t>(shape[axis]);
      index[axis] = 0;
    }
  }
}

void copy_swapped(std::uint8_t* to, const std::uint8_t* from, const Layout& layout) {
  for (std::size_t word = 0; word < layout.size_bytes; word += layout.word_bytes)
    std::reverse_copy(from + word, from + word + layout.word_bytes, to + word);
}

}  // namespace

Tensor parse_npy(std::span<const std::uint8_t> bytes, std::string_view where) {
  require(bytes.size() >= 10 && std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0,
          "{}: expected a .npy file, got other bytes", where);
  const int version = bytes[6];
  require(version >= 1 && version <= 3, "{}: expected .npy version 1 to 3, got {}", where, version);
  const std::size_t start = version == 1 ? 10 : 12;
  require(bytes.size() >= start, "{}: .npy file is cut short", where);
  std::size_t length = bytes[8] | bytes[9] << 8;
  if (version > 1)
    length |= static_cast<std::size_t>(bytes[10]) << 16 | static_cast<std::size_t>(bytes[11]) << 24;
  require(length <= bytes.size() - start, "{}: .npy header of {} bytes goes beyond the file", where, length);

  const Header header =
      HeaderParser({reinterpret_cast<const char*>(bytes.data()) + start, length}, where).parse();
  const Layout layout = layout_of(header.type, where);
  const std::span<const std::uint8_t> data = bytes.subspan(start + length);
  const std::size_t count = element_count(header.shape);
  // Text of length 0 takes no bytes in the file, so its count is bounded by itself.
  require(layout.size_bytes == 0 ? count <= (1u << 20) : count <= data.size() / layout.size_bytes,
          "{}: shape {} of '{}' expects more than the {} bytes that follow", where, text(header.shape),
          header.type, data.size());

  Tensor out(layout.dtype, header.shape);
  if (layout.dtype == DType::String) {
    const auto strings = out.values_mutable<std::string>();
    const auto read = [&](std::size_t to, std::size_t from) {
      strings[to] = text_element(data.data() + from * layout.size_bytes, layout);
    };
    if (header.fortran_order) {
      for_each_transposed(header.shape, count, read);
    } else {
      for (std::size_t i = 0; i < count; ++i) read(i, i);
    }
    return out;
  }
  auto* to = static_cast<std::uint8_t*>(out.raw_mutable());
  const auto copy = [&](std::size_t i, std::size_t from) {
    const std::uint8_t* element = data.data() + from * layout.size_bytes;
    if (layout.big_endian) {
      copy_swapped(to + i * layout.size_bytes, element, layout);
    } else {
      std::memcpy(to + i * layout.size_bytes, element, layout.size_bytes);
    }
  };
  if (header.fortran_order && header.shape.size() > 1) {
    for_each_transposed(header.shape, count, copy);
  } else if (layout.big_endian) {
    for (std::size_t i = 0; i < count; ++i) copy(i, i);
  } else if (count > 0) {
    std::memcpy(to, data.data(), count * layout.size_bytes);
  }
  if (layout.dtype == DType::Bool)
    for (std::size_t i = 0; i < count; ++i) to[i] = to[i] != 0;
  return out;
}

namespace {

/// The type descriptor and data of a text tensor.
std::pair<std::string, std::vector<std::uint8_t>> text_data(const Tensor& tensor) {
  std::vector<std::u32string> texts;
  std::size_t most_bytes = 1;
  std::size_t most_points = 1;
  bool all_text = true;
  for (const std::string& value : tensor.values<std::string>()) {
    most_bytes = std::max(most_bytes, value.size());
    auto points = decode_utf8(value);
    all_text = all_text && points;
    if (!all_text) continue;
    most_points = std::max(most_points, points->size());
    texts.push_back(std::move(*points));
  }
  const std::size_t size_bytes = all_text ? most_points * 4 : most_bytes;
  if (size_bytes > (std::size_t{1} << 40) / std::max<std::size_t>(1, tensor.element_count()))
    fail(ErrorCode::ResourceExhausted, ".npy: one text of {} bytes would widen all {} of them", most_bytes,
         tensor.element_count());
  std::vector<std::uint8_t> data(size_bytes * tensor.element_count());
  for (std::size_t i = 0; i < tensor.element_count(); ++i) {
    std::uint8_t* to = data.data() + i * size_bytes;
    if (all_text) {
      for (const char32_t point : texts[i])
        for (int shift = 0; shift < 32; shift += 8) *to++ = static_cast<std::uint8_t>(point >> shift);
    } else {
      const std::string& value = tensor.values<std::string>()[i];
      std::memcpy(to, value.data(), value.size());
    }
  }
  return {all_text ? fmt::format("<U{}", most_points) : fmt::format("|S{}", most_bytes), std::move(data)};
}

std::string_view numpy_type(DType dtype) {
  switch (dtype) {
    case DType::Bool:
      return "|b1";
    case DType::I8:
      return "|i1";
    case DType::I16:
      return "<i2";
    case DType::I32:
      return "<i4";
    case DType::I64:
      return "<i8";
    case DType::U8:
      return "|u1";
    case DType::U16:
      return "<u2";
    case DType::U32:
      return "<u4";
    case DType::U64:
      return "<u8";
    case DType::F16:
      return "<f2";
    case DType::F32:
      return "<f4";
    case DType::F64:
      return "<f8";
    case DType::C64:
      return "<c8";
    case DType::C128:
      return "<c16";
    default:
      return "";
  }
}

}  // namespace

std::vector<std::uint8_t> to_npy(const Tensor& tensor) {
  require(tensor.is_defined(), ".npy: expected a tensor, got none");
  std::string type;
  std::vector<std::uint8_t> texts;
  Tensor held = tensor;
  if (tensor.dtype() == DType::String) {
    std::tie(type, texts) = text_data(tensor);
  } else {
    if (numpy_type(tensor.dtype()).empty()) {
      const bool integer = is_integer(tensor.dtype());
      const DType wider = !integer ? DType::F32 : is_signed_integer(tensor.dtype()) ? DType::I8 : DType::U8;
      held = from_doubles(wider, tensor.shape(), to_doubles(tensor));
    }
    type = numpy_type(held.dtype());
  }
  std::string extents;
  for (const std::int64_t extent : tensor.shape()) extents += fmt::format("{}, ", extent);
  if (tensor.rank() > 1) extents.resize(extents.size() - 2);
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, extents);
  constexpr std::size_t kPrefix = 10;
  header.append(63 - (kPrefix + header.size()) % 64, ' ');
  header += '\n';
  require(header.size() < 65536, ".npy: shape of rank {} does not fit the header", tensor.rank());

  const auto* raw = static_cast<const std::uint8_t*>(texts.empty() ? held.raw() : texts.data());
  const std::size_t size_bytes =
      tensor.dtype() == DType::String ? texts.size() : byte_size(held.dtype(), held.element_count());
  std::vector<std::uint8_t> out;
  out.reserve(kPrefix + header.size() + size_bytes);
  out.assign(kMagic.begin(), kMagic.end());
  out.insert(out.end(), {1, 0, static_cast<std::uint8_t>(header.size() & 0xFF),
                         static_cast<std::uint8_t>(header.size() >> 8)});
  out.insert(out.end(), header.begin(), header.end());
  if (size_bytes > 0) out.insert(out.end(), raw, raw + size_bytes);
  return out;
}

Tensor read_npy(const std::filesystem::path& path) {
  return parse_npy(read_file(path, std::size_t{1} << 36), path.string());
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  write_file(path, to_npy(tensor));
}

}  // namespace atlas
