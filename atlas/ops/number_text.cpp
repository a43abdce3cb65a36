// Shortest text by trial where the library has none for the format.
#include "atlas/ops/number_text.h"

#include <fmt/format.h>

#include <charconv>

#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

std::string shortest(double value, DType dtype) {
  if (dtype == DType::F64) return fmt::format("{}", value);
  if (dtype == DType::F32) return fmt::format("{}", static_cast<float>(value));
  for (int digits = 1; digits < 9; ++digits) {
    const double trial = parse_real(fmt::format("{:.{}g}", value, digits)).value_or(0);
    if (decode_minifloat(dtype, encode_minifloat(dtype, trial)) == value) return fmt::format("{}", trial);
  }
  return fmt::format("{}", value);
}

std::string_view unsigned_part(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return text;
}

}  // namespace

std::string number_text(double value, DType dtype) {
  std::string out = shortest(value, dtype);
  if (out.find_first_of(".en") == std::string::npos) out += ".0";
  return out;
}

std::optional<double> parse_real(std::string_view text) {
  text = unsigned_part(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  // Out of range: from_chars leaves the value alone, strtod gives infinity or zero.
  if (error == std::errc::result_out_of_range) return std::strtod(std::string(text).c_str(), nullptr);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = unsigned_part(text);
  const char* last = text.data() + text.size();
  std::int64_t value = 0;
  if (const auto [end, error] = std::from_chars(text.data(), last, value);
      end == last && error == std::errc())
    return value;
  std::uint64_t large = 0;
  if (const auto [end, error] = std::from_chars(text.data(), last, large);
      end == last && error == std::errc())
    return static_cast<std::int64_t>(large);
  const std::optional<double> real = parse_real(text);
  if (!real) return std::nullopt;
  return to_ints(Tensor::scalar(*real)).front();
}

}  // namespace atlas
