// What was found in a picture, for programs, for people and to be drawn.
#pragma once

#include <span>
#include <string>

#include "atlas/base/json.h"
#include "atlas/pipeline/image/draw_marks.h"
#include "atlas/pipeline/post/detection.h"

namespace atlas {

/// [left, top, right, bottom]
Json box_json(const Rectangle& box);
/// [x, y]
Json point_json(Point point);
/// Of each, in a list.
Json points_json(std::span<const Point> points);

/// The outline of a box, its points, and what to write beside it.
Mark mark_of(const Detection& found, std::string label);

}  // namespace atlas
