// Upper and lower case of UTF-8 text.
#pragma once

#include <string>
#include <string_view>

namespace atlas {

/// Unicode's simple case mappings, one code point to one, whatever the locale. Bytes that are no UTF-8 stay
/// as they are.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

}  // namespace atlas
