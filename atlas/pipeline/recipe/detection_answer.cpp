// Coordinates are in pixels of the original picture.
#include "atlas/pipeline/recipe/detection_answer.h"

namespace atlas {

Json box_json(const Rectangle& box) {
  return Json::array_of(std::vector<double>{box.left, box.top, box.right, box.bottom});
}

Json point_json(Point point) {
  return Json::array_of(std::vector<double>{point.x, point.y});
}

Json points_json(std::span<const Point> points) {
  Json out = Json::array();
  for (const Point& point : points) out.add(point_json(point));
  return out;
}

Mark mark_of(const Detection& found, std::string label) {
  const Rectangle& box = found.box;
  return {
      .outline = {{box.left, box.top}, {box.right, box.top}, {box.right, box.bottom}, {box.left, box.bottom}},
      .points = found.points,
      .label = std::move(label)};
}

}  // namespace atlas
