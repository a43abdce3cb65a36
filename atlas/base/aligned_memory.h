// Memory for numbers, in huge pages where it is large.
#pragma once

#include <cstddef>

namespace atlas {

constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

/// Memory at a boundary of 64 bytes, for std::free; nullptr where none is left. Not initialised. Of large
/// memory the system is asked to lend huge pages, for all of it that fills them.
void* allocate_aligned(std::size_t bytes) noexcept;

}  // namespace atlas
