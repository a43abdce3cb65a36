// Points and polygons in a picture: x to the right, y down, pixel centres at whole numbers.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace atlas {

struct Point {
  float x = 0;
  float y = 0;
};

inline Point operator+(Point a, Point b) {
  return {a.x + b.x, a.y + b.y};
}
inline Point operator-(Point a, Point b) {
  return {a.x - b.x, a.y - b.y};
}
inline Point operator*(Point a, float factor) {
  return {a.x * factor, a.y * factor};
}
inline float dot(Point a, Point b) {
  return a.x * b.x + a.y * b.y;
}
inline float cross(Point a, Point b) {
  return a.x * b.y - a.y * b.x;
}
float distance(Point a, Point b);

/// Corners in order around; the last is joined to the first.
using Polygon = std::vector<Point>;
/// Four corners; where a function promises it, upper left, upper right, lower right, lower left.
using Quad = std::array<Point, 4>;

float area(std::span<const Point> polygon);
float perimeter(std::span<const Point> polygon);

/// The corners of the smallest convex polygon around `points`, clockwise as seen, without points on its
/// edges (Andrew's monotone chain).
Polygon convex_hull(std::span<const Point> points);

struct RotatedRectangle {
  Quad corners;  // in order around
  float shorter_side = 0;
};

/// The smallest rectangle around `points`, of which there must be one at least; one of its sides lies on an
/// edge of the convex hull (Freeman and Shapira 1975).
RotatedRectangle min_area_rectangle(std::span<const Point> points);

/// Outline at `distance` outside a convex polygon, with round corners. Throws InvalidArgument where it has
/// no area or the distance is negative.
Polygon offset_outward(std::span<const Point> convex, float distance);

/// The corners as upper left, upper right, lower right, lower left: the two leftmost are the left side.
Quad ordered_corners(Quad corners);

}  // namespace atlas
