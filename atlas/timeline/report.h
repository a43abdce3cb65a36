// A timeline as one page that a browser opens without anything else.
#pragma once

#include <string>

#include "atlas/timeline/timeline.h"

namespace atlas {

/// HTML with its style, script and data inside. Whatever the names of nodes hold, they are shown, never run.
std::string report_page(const Timeline& timeline);

}  // namespace atlas
