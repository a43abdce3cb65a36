// Timelines for the trace viewers of Chrome and Perfetto.
#pragma once

#include <filesystem>
#include <string>

#include "atlas/timeline/timeline.h"

namespace atlas {

/// The "JSON object format" of the Trace Event Format: threads named, a slice per event and per thread's
/// part, arrows from steps to those that read their results, counters for memory and for operations and bytes
/// per second.
std::string trace_json(const Timeline& timeline);

/// Writes it; compressed where the name ends in .gz. Throws Io.
void write_trace(const std::filesystem::path& path, const Timeline& timeline);

}  // namespace atlas
