// Bulk conversion of elements; the switch over types stands outside the loops.
#include "atlas/tensor/elements.h"

#include <cmath>
#include <limits>

#include "atlas/base/error.h"

namespace atlas {
namespace {

[[noreturn]] void no_number(const Tensor& tensor, const char* wanted) {
  fail(ErrorCode::InvalidArgument, "tensor {}: its elements cannot be read as {}", text(tensor), wanted);
}

template <typename Out, typename In>
std::vector<Out> converted(const Tensor& tensor) {
  const std::span<const In> in = tensor.values<In>();
  std::vector<Out> out(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = static_cast<Out>(in[i]);
  return out;
}

std::int64_t truncated(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
  if (value < -0x1p63) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}

// One element per byte or halfword, as stored.
std::uint32_t code_at(const Tensor& tensor, std::size_t i) {
  const int width = bits(tensor.dtype());
  const auto* bytes = static_cast<const std::uint8_t*>(tensor.raw());
  if (width == 16) return static_cast<const std::uint16_t*>(tensor.raw())[i];
  if (width == 8) return bytes[i];
  const std::size_t bit = i * width;
  return (bytes[bit / 8] >> (bit % 8)) & ((1u << width) - 1);
}

void set_code(Tensor& tensor, std::size_t i, std::uint32_t code) {
  const int width = bits(tensor.dtype());
  auto* bytes = static_cast<std::uint8_t*>(tensor.raw_mutable());
  if (width == 8) {
    bytes[i] = static_cast<std::uint8_t>(code);
    return;
  }
  const std::size_t bit = i * width;
  const std::uint32_t mask = (1u << width) - 1;
  std::uint8_t& byte = bytes[bit / 8];
  if (bit % 8 == 0) byte = 0;  // the first of a byte clears the rest, padding included
  byte = static_cast<std::uint8_t>(byte | ((code & mask) << (bit % 8)));
}

std::int64_t extended(std::uint32_t code, int width, bool is_signed) {
  if (is_signed && (code >> (width - 1)) != 0) return static_cast<std::int64_t>(code) - (1 << width);
  return code;
}

template <typename In, typename Convert>
Tensor filled(DType dtype, Shape shape, std::span<const In> values, Convert convert) {
  Tensor out(dtype, std::move(shape));
  require(out.element_count() == values.size(), "tensor {}: expected {} values, got {}", text(out),
          out.element_count(), values.size());
  convert(out);
  return out;
}

template <typename T, typename In, typename Convert>
void store(Tensor& out, std::span<const In> values, Convert convert) {
  const std::span<T> to = out.values_mutable<T>();
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = convert(values[i]);
}

// Integers and Bool out of 64-bit integers.
void store_ints(Tensor& out, std::span<const std::int64_t> values) {
  const auto low_bits = [&]<typename T>(T) {
    store<T>(out, values, [](std::int64_t v) { return static_cast<T>(static_cast<std::uint64_t>(v)); });
  };
  switch (out.dtype()) {
    case DType::Bool:
      return store<bool>(out, values, [](std::int64_t v) { return v != 0; });
    case DType::U8:
      return low_bits(std::uint8_t{});
    case DType::I8:
      return low_bits(std::int8_t{});
    case DType::U16:
      return low_bits(std::uint16_t{});
    case DType::I16:
      return low_bits(std::int16_t{});
    case DType::U32:
      return low_bits(std::uint32_t{});
    case DType::I32:
      return low_bits(std::int32_t{});
    case DType::U64:
      return low_bits(std::uint64_t{});
    case DType::I64:
      return low_bits(std::int64_t{});
    case DType::U4:
    case DType::I4:
    case DType::U2:
    case DType::I2:
      for (std::size_t i = 0; i < values.size(); ++i) set_code(out, i, static_cast<std::uint32_t>(values[i]));
      return;
    default:
      fail(ErrorCode::Internal, "elements: {} is not an integer type", name(out.dtype()));
  }
}

}  // namespace

std::vector<double> to_doubles(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::F32:
      return converted<double, float>(tensor);
    case DType::F64:
      return converted<double, double>(tensor);
    case DType::U64:
      return converted<double, std::uint64_t>(tensor);
    case DType::C64:
    case DType::C128:
    case DType::String:
    case DType::Undefined:
      no_number(tensor, "real numbers");
    default:
      break;
  }
  std::vector<double> out(tensor.element_count());
  if (is_floating(tensor.dtype())) {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = decode_minifloat(tensor.dtype(), code_at(tensor, i));
    return out;
  }
  const std::vector<std::int64_t> ints = to_ints(tensor);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(ints[i]);
  return out;
}

std::vector<std::int64_t> to_ints(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::Bool:
      return converted<std::int64_t, bool>(tensor);
    case DType::U8:
      return converted<std::int64_t, std::uint8_t>(tensor);
    case DType::I8:
      return converted<std::int64_t, std::int8_t>(tensor);
    case DType::U16:
      return converted<std::int64_t, std::uint16_t>(tensor);
    case DType::I16:
      return converted<std::int64_t, std::int16_t>(tensor);
    case DType::U32:
      return converted<std::int64_t, std::uint32_t>(tensor);
    case DType::I32:
      return converted<std::int64_t, std::int32_t>(tensor);
    case DType::U64:
      return converted<std::int64_t, std::uint64_t>(tensor);
    case DType::I64:
      return converted<std::int64_t, std::int64_t>(tensor);
    case DType::C64:
    case DType::C128:
    case DType::String:
    case DType::Undefined:
      no_number(tensor, "integers");
    default:
      break;
  }
  std::vector<std::int64_t> out(tensor.element_count());
  if (is_integer(tensor.dtype())) {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = extended(code_at(tensor, i), bits(tensor.dtype()), is_signed_integer(tensor.dtype()));
    return out;
  }
  const std::vector<double> doubles = to_doubles(tensor);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = truncated(doubles[i]);
  return out;
}

std::vector<std::complex<double>> to_complexes(const Tensor& tensor) {
  std::vector<std::complex<double>> out(tensor.element_count());
  if (tensor.dtype() == DType::C64) {
    const auto in = tensor.values<std::complex<float>>();
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::complex<double>(in[i]);
  } else if (tensor.dtype() == DType::C128) {
    const auto in = tensor.values<std::complex<double>>();
    out.assign(in.begin(), in.end());
  } else {
    const std::vector<double> real = to_doubles(tensor);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = real[i];
  }
  return out;
}

Tensor from_doubles(DType dtype, Shape shape, std::span<const double> values, bool saturate,
                    Rounding rounding) {
  return filled<double>(dtype, std::move(shape), values, [&](Tensor& out) {
    if (dtype == DType::F32) return store<float>(out, values, [](double v) { return static_cast<float>(v); });
    if (dtype == DType::F64) return store<double>(out, values, [](double v) { return v; });
    if (dtype == DType::Bool) return store<bool>(out, values, [](double v) { return v != 0; });
    if (dtype == DType::F16) return store<F16>(out, values, [](double v) { return F16(v); });
    if (dtype == DType::BF16) return store<BF16>(out, values, [](double v) { return BF16(v); });
    if (is_floating(dtype)) {
      for (std::size_t i = 0; i < values.size(); ++i)
        set_code(out, i, encode_minifloat(dtype, values[i], saturate, rounding));
      return;
    }
    std::vector<std::int64_t> ints(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool beyond = dtype == DType::U64 && values[i] >= 0x1p63;
      ints[i] = !beyond               ? truncated(values[i])
                : values[i] >= 0x1p64 ? -1
                                      : static_cast<std::int64_t>(static_cast<std::uint64_t>(values[i]));
    }
    store_ints(out, ints);
  });
}

Tensor from_ints(DType dtype, Shape shape, std::span<const std::int64_t> values) {
  if (is_floating(dtype)) {
    std::vector<double> doubles(values.begin(), values.end());
    return from_doubles(dtype, std::move(shape), doubles);
  }
  return filled<std::int64_t>(dtype, std::move(shape), values, [&](Tensor& out) { store_ints(out, values); });
}

Tensor from_complexes(DType dtype, Shape shape, std::span<const std::complex<double>> values) {
  using Complex = std::complex<double>;
  return filled<Complex>(dtype, std::move(shape), values, [&](Tensor& out) {
    if (dtype == DType::C128) return store<Complex>(out, values, [](const Complex& v) { return v; });
    store<std::complex<float>>(out, values, [](const Complex& v) { return std::complex<float>(v); });
  });
}

std::vector<std::int8_t> unpack(const Tensor& tensor) {
  ensure(is_packed(tensor.dtype()), "unpack of a type that is not packed");
  std::vector<std::int8_t> out(tensor.element_count());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::int8_t>(
        extended(code_at(tensor, i), bits(tensor.dtype()), is_signed_integer(tensor.dtype())));
  return out;
}

}  // namespace atlas
