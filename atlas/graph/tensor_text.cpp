// Elements to text and back; types with fewer bits than a float go through its shortest decimal form.
#include "atlas/graph/tensor_text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <complex>
#include <limits>
#include <optional>
#include <type_traits>

#include "atlas/base/base64.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are stored little-endian in files");

constexpr std::size_t kListedElements = 32;

template <typename Float>
using BitsOf = std::conditional_t<sizeof(Float) == 4, std::uint32_t, std::uint64_t>;

template <typename Float>
std::string shortest(Float value) {
  if (!std::isnan(value)) return fmt::format("{}", value);
  const auto code = std::bit_cast<BitsOf<Float>>(value);
  if (code == std::bit_cast<BitsOf<Float>>(std::numeric_limits<Float>::quiet_NaN())) return "nan";
  return fmt::format("nan(0x{:x})", code);
}

// The bits of "nan(0x...)", or nothing.
template <typename Bits>
std::optional<Bits> nan_bits(std::string_view token) {
  if (!token.starts_with("nan(0x")) return std::nullopt;
  token.remove_prefix(6);
  Bits code = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), code, 16);
  if (error != std::errc() || end != token.data() + token.size() - 1) return std::nullopt;
  return code;
}

template <typename Float>
Float read_real(TextCursor& cursor) {
  const std::string_view token = cursor.number("a number");
  if (const auto code = nan_bits<BitsOf<Float>>(token)) return std::bit_cast<Float>(*code);
  Float value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size())
    cursor.fail_here("expected a number that fits, got '{}'", token);
  return value;
}

std::uint32_t small_float_bits(const Tensor& tensor, std::size_t i) {
  if (bits(tensor.dtype()) == 16) return static_cast<const std::uint16_t*>(tensor.raw())[i];
  return static_cast<const std::uint8_t*>(tensor.raw())[i];
}

// f16, bf16 and the f8 variants; f4 has no NaN and comes as doubles.
std::string small_float_text(DType dtype, std::uint32_t code) {
  const float value = decode_minifloat(dtype, code);
  if (!std::isnan(value)) return fmt::format("{}", value);
  if (code == encode_minifloat(dtype, std::numeric_limits<double>::quiet_NaN())) return "nan";
  return fmt::format("nan(0x{:x})", code);
}

std::uint32_t read_small_float(DType dtype, TextCursor& cursor) {
  const std::string_view token = cursor.number("a number");
  if (const auto code = nan_bits<std::uint32_t>(token); code && *code < (1u << bits(dtype))) return *code;
  double value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size())
    cursor.fail_here("expected a number that fits, got '{}'", token);
  return encode_minifloat(dtype, value, false);
}

template <typename Float>
std::string complex_text(std::complex<Float> value) {
  return fmt::format("({}, {})", shortest(value.real()), shortest(value.imag()));
}

template <typename Float>
std::complex<Float> read_complex(TextCursor& cursor) {
  cursor.expect('(');
  const Float real = read_real<Float>(cursor);
  cursor.expect(',');
  const Float imaginary = read_real<Float>(cursor);
  cursor.expect(')');
  return {real, imaginary};
}

// Calls `each(text)` for every element.
template <typename Each>
void visit_element_texts(const Tensor& tensor, Each each) {
  const DType dtype = tensor.dtype();
  const auto all = [&]<typename T>(T, auto to_text) {
    for (const T& value : tensor.values<T>()) each(to_text(value));
  };
  if (dtype == DType::F32) {
    all(float{}, shortest<float>);
  } else if (dtype == DType::F64) {
    all(double{}, shortest<double>);
  } else if (dtype == DType::String) {
    all(std::string{}, quoted_text);
  } else if (dtype == DType::Bool) {
    all(bool{}, [](bool value) { return std::string(value ? "true" : "false"); });
  } else if (dtype == DType::C64) {
    all(std::complex<float>{}, complex_text<float>);
  } else if (dtype == DType::C128) {
    all(std::complex<double>{}, complex_text<double>);
  } else if (dtype == DType::U64) {
    all(std::uint64_t{}, [](std::uint64_t value) { return std::to_string(value); });
  } else if (dtype == DType::F4E2M1) {
    for (const double value : to_doubles(tensor)) each(fmt::format("{}", value));
  } else if (is_floating(dtype)) {
    for (std::size_t i = 0; i < tensor.element_count(); ++i)
      each(small_float_text(dtype, small_float_bits(tensor, i)));
  } else {
    for (const std::int64_t value : to_ints(tensor)) each(std::to_string(value));
  }
}

// The elements between braces; their number bounds what is allocated, whatever the shape says.
template <typename T, typename Read>
std::vector<T> read_list(TextCursor& cursor, Read read) {
  std::vector<T> out;
  cursor.expect('{');
  if (cursor.peek() == '.') cursor.fail_here("this constant was left out when the text was written");
  while (!cursor.take('}')) {
    if (!out.empty()) cursor.expect(',');
    out.push_back(read());
  }
  return out;
}

void require_count(TextCursor& cursor, const Shape& shape, std::size_t count) {
  const std::size_t wanted = element_count(shape);
  if (wanted != count)
    cursor.fail_here("expected {} elements for shape {}, got {}", wanted, text(shape), count);
}

template <typename T, typename Read>
Tensor read_values(TextCursor& cursor, Shape shape, Read read) {
  // A deque of bool is no span: one byte per element instead.
  using Stored = std::conditional_t<std::is_same_v<T, bool>, unsigned char, T>;
  const std::vector<Stored> values = read_list<Stored>(cursor, read);
  require_count(cursor, shape, values.size());
  Tensor out(dtype_of<T>, std::move(shape));
  const std::span<T> to = out.values_mutable<T>();
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = static_cast<T>(values[i]);
  return out;
}

Tensor read_small_floats(TextCursor& cursor, DType dtype, Shape shape) {
  const auto codes = read_list<std::uint32_t>(cursor, [&] { return read_small_float(dtype, cursor); });
  require_count(cursor, shape, codes.size());
  Tensor out(dtype, std::move(shape));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (bits(dtype) == 16) {
      static_cast<std::uint16_t*>(out.raw_mutable())[i] = static_cast<std::uint16_t>(codes[i]);
    } else {
      static_cast<std::uint8_t*>(out.raw_mutable())[i] = static_cast<std::uint8_t>(codes[i]);
    }
  }
  return out;
}

bool read_bool(TextCursor& cursor) {
  if (cursor.take_word("true")) return true;
  cursor.expect_word("false");
  return false;
}

std::uint64_t read_u64(TextCursor& cursor) {
  const std::string_view token = cursor.number("an integer");
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size())
    cursor.fail_here("expected an unsigned integer, got '{}'", token);
  return value;
}

std::int64_t read_bounded(TextCursor& cursor, DType dtype) {
  const std::int64_t value = cursor.integer("an integer");
  const int width = bits(dtype);
  if (width == 64) return value;
  const std::int64_t low = is_signed_integer(dtype) ? -(std::int64_t{1} << (width - 1)) : 0;
  const std::int64_t high = low + (std::int64_t{1} << width) - 1;
  if (value < low || value > high)
    cursor.fail_here("expected a value of {} in [{}, {}], got {}", name(dtype), low, high, value);
  return value;
}

Tensor read_elements(TextCursor& cursor, DType dtype, Shape shape) {
  switch (dtype) {
    case DType::F32:
      return read_values<float>(cursor, shape, [&] { return read_real<float>(cursor); });
    case DType::F64:
      return read_values<double>(cursor, shape, [&] { return read_real<double>(cursor); });
    case DType::String:
      return read_values<std::string>(cursor, shape, [&] { return cursor.quoted("a string"); });
    case DType::Bool:
      return read_values<bool>(cursor, shape, [&] { return read_bool(cursor); });
    case DType::C64:
      return read_values<std::complex<float>>(cursor, shape, [&] { return read_complex<float>(cursor); });
    case DType::C128:
      return read_values<std::complex<double>>(cursor, shape, [&] { return read_complex<double>(cursor); });
    case DType::U64:
      return read_values<std::uint64_t>(cursor, shape, [&] { return read_u64(cursor); });
    case DType::F4E2M1: {
      const auto values = read_list<double>(cursor, [&] { return read_real<double>(cursor); });
      require_count(cursor, shape, values.size());
      return from_doubles(dtype, std::move(shape), values);
    }
    default:
      break;
  }
  if (is_floating(dtype)) return read_small_floats(cursor, dtype, std::move(shape));
  const auto values = read_list<std::int64_t>(cursor, [&] { return read_bounded(cursor, dtype); });
  require_count(cursor, shape, values.size());
  return from_ints(dtype, std::move(shape), values);
}

Tensor read_bytes(TextCursor& cursor, DType dtype, Shape shape) {
  if (dtype == DType::String) cursor.fail_here("expected strings in a list, got base64");
  const std::size_t count = element_count(shape);
  const std::string_view coded = cursor.raw_quoted("base64 in quotes");
  const std::optional<std::size_t> size = base64_size(coded);
  if (!size || *size != byte_size(dtype, count))
    cursor.fail_here("expected {} bytes in base64, got {} characters", byte_size(dtype, count), coded.size());
  Tensor out(dtype, std::move(shape));
  const std::span<std::byte> bytes(static_cast<std::byte*>(out.raw_mutable()), *size);
  if (!decode_base64(coded, bytes)) cursor.fail_here("expected base64, got other characters");
  if (dtype == DType::Bool)
    for (const std::byte value : bytes)
      if (value > std::byte{1}) cursor.fail_here("expected bytes 0 and 1 for bool");
  return out;
}

}  // namespace

std::string float_text(float value) {
  std::string out = shortest(value);
  if (out.find_first_of(".ein") == std::string::npos) out += ".0";
  return out;
}

float read_float(TextCursor& cursor) {
  return read_real<float>(cursor);
}

void append_tensor(std::string& out, const Tensor& tensor, std::size_t elide_above) {
  out += text(tensor);
  if (tensor.element_count() > elide_above) {
    out += "{...}";
  } else if (tensor.element_count() <= kListedElements || tensor.dtype() == DType::String) {
    const char* separator = "{";
    visit_element_texts(tensor, [&](const std::string& element) {
      out += separator;
      out += element;
      separator = ", ";
    });
    out += tensor.element_count() == 0 ? "{}" : "}";
  } else {
    out += "base64\"";
    append_base64(out, {static_cast<const std::byte*>(tensor.raw()), tensor.size_bytes()});
    out += '"';
  }
}

Tensor read_tensor(TextCursor& cursor) {
  const std::string_view word = cursor.peek_word();
  const std::optional<DType> dtype = dtype_from_name(word);
  if (!dtype) cursor.fail_here("expected a tensor, got '{}'", word);
  cursor.expect_word(word);
  cursor.expect('[');
  Shape shape;
  while (!cursor.take(']')) {
    if (!shape.empty()) cursor.expect(',');
    shape.push_back(cursor.integer("an extent"));
    if (shape.back() < 0) cursor.fail_here("expected an extent of 0 or more, got {}", shape.back());
  }
  element_count(shape);
  if (cursor.take_word("base64")) return read_bytes(cursor, *dtype, std::move(shape));
  return read_elements(cursor, *dtype, std::move(shape));
}

}  // namespace atlas
