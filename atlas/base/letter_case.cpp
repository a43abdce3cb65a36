// Case mappings out of utf8proc's tables.
#include "atlas/base/letter_case.h"

#include <utf8proc.h>

namespace atlas {
namespace {

std::string mapped(std::string_view text, utf8proc_int32_t (*map)(utf8proc_int32_t)) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    utf8proc_int32_t code_point = 0;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto taken = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    if (taken <= 0) {
      out.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    utf8proc_uint8_t encoded[4];
    const auto count = utf8proc_encode_char(map(code_point), encoded);
    out.append(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(count));
    text.remove_prefix(static_cast<std::size_t>(taken));
  }
  return out;
}

}  // namespace

std::string to_lower(std::string_view text) {
  return mapped(text, utf8proc_tolower);
}
std::string to_upper(std::string_view text) {
  return mapped(text, utf8proc_toupper);
}

}  // namespace atlas
