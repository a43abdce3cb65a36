// Computational geometry on few points, plainly.
#include "atlas/pipeline/image/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "atlas/base/error.h"

namespace atlas {
namespace {

float signed_area(std::span<const Point> polygon) {
  double twice = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point a = polygon[i];
    const Point b = polygon[(i + 1) % polygon.size()];
    twice += static_cast<double>(a.x) * b.y - static_cast<double>(a.y) * b.x;
  }
  return static_cast<float>(twice / 2);
}

}  // namespace

float distance(Point a, Point b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

float area(std::span<const Point> polygon) {
  return std::abs(signed_area(polygon));
}

float perimeter(std::span<const Point> polygon) {
  float sum = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i)
    sum += distance(polygon[i], polygon[(i + 1) % polygon.size()]);
  return sum;
}

Polygon convex_hull(std::span<const Point> points) {
  Polygon sorted(points.begin(), points.end());
  const auto before = [](Point a, Point b) { return a.x != b.x ? a.x < b.x : a.y < b.y; };
  std::ranges::sort(sorted, before);
  const auto same = [](Point a, Point b) { return a.x == b.x && a.y == b.y; };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
  if (sorted.size() < 3) return sorted;
  Polygon hull;
  const auto add_chain = [&](auto first, auto last) {
    const std::size_t base = hull.size();
    for (; first != last; ++first) {
      while (hull.size() >= base + 2 && cross(hull.back() - hull[hull.size() - 2], *first - hull.back()) <= 0)
        hull.pop_back();
      hull.push_back(*first);
    }
    hull.pop_back();  // it opens the other chain
  };
  add_chain(sorted.begin(), sorted.end());
  add_chain(sorted.rbegin(), sorted.rend());
  return hull;
}

RotatedRectangle min_area_rectangle(std::span<const Point> points) {
  require(!points.empty(), "rectangle: expected at least one point, got none");
  const Polygon hull = convex_hull(points);
  if (hull.size() == 1) return {{hull[0], hull[0], hull[0], hull[0]}, 0};
  RotatedRectangle best;
  float least = std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < hull.size(); ++i) {
    const Point edge = hull[(i + 1) % hull.size()] - hull[i];
    const Point along = edge * (1 / std::hypot(edge.x, edge.y));
    const Point across{-along.y, along.x};
    float least_u = std::numeric_limits<float>::infinity();
    float most_u = -least_u;
    float most_v = 0;
    for (const Point& point : hull) {
      const float u = dot(point - hull[i], along);
      least_u = std::min(least_u, u);
      most_u = std::max(most_u, u);
      most_v = std::max(most_v, dot(point - hull[i], across));
    }
    const float size = (most_u - least_u) * most_v;
    if (size >= least) continue;
    least = size;
    const Point first = hull[i] + along * least_u;
    const Point second = hull[i] + along * most_u;
    best = {{first, second, second + across * most_v, first + across * most_v},
            std::min(most_u - least_u, most_v)};
  }
  return best;
}

Polygon offset_outward(std::span<const Point> convex, float by) {
  require(by >= 0, "offset: expected a distance of 0 or more, got {}", by);
  const Polygon hull = convex_hull(convex);
  require(hull.size() >= 3, "offset: expected a polygon with an area, got {} corners", hull.size());
  constexpr float kStep = std::numbers::pi_v<float> / 16;  // of the arcs
  Polygon out;
  for (std::size_t i = 0; i < hull.size(); ++i) {
    const Point corner = hull[i];
    const Point in = corner - hull[(i + hull.size() - 1) % hull.size()];
    const Point leaving = hull[(i + 1) % hull.size()] - corner;
    // The hull turns from +x towards +y, so that the outside lies at a quarter turn back.
    const float from = std::atan2(in.y, in.x) - std::numbers::pi_v<float> / 2;
    const float turn = std::atan2(cross(in, leaving), dot(in, leaving));
    const int steps = std::max(1, static_cast<int>(std::ceil(turn / kStep)));
    for (int k = 0; k <= steps; ++k) {
      const float angle = from + turn * static_cast<float>(k) / static_cast<float>(steps);
      out.push_back(corner + Point{std::cos(angle), std::sin(angle)} * by);
    }
  }
  return out;
}

Quad ordered_corners(Quad corners) {
  std::ranges::stable_sort(corners, {}, &Point::x);
  if (corners[0].y > corners[1].y) std::swap(corners[0], corners[1]);
  if (corners[2].y > corners[3].y) std::swap(corners[2], corners[3]);
  return {corners[0], corners[2], corners[3], corners[1]};
}

}  // namespace atlas
