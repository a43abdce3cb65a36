// Greedy, from the best downwards.
#include "atlas/pipeline/post/detection.h"

#include <algorithm>
#include <cmath>

namespace atlas {
namespace {

bool is_finite(const Detection& one) {
  return std::isfinite(one.score) && std::isfinite(one.box.left) && std::isfinite(one.box.top) &&
         std::isfinite(one.box.right) && std::isfinite(one.box.bottom);
}

bool competes(const Detection& a, const Detection& b, const SuppressionOptions& options) {
  return options.across_labels || a.label == b.label;
}

/// The mean of `group`, weighted by score; score and label are those of the first.
Detection merged(std::span<const Detection> group) {
  Detection out = group.front();
  double total = 0;
  std::vector<double> sums(4 + 2 * out.points.size());
  for (const Detection& one : group) {
    total += one.score;
    std::size_t at = 0;
    for (const float edge : {one.box.left, one.box.top, one.box.right, one.box.bottom})
      sums[at++] += static_cast<double>(edge) * one.score;
    for (std::size_t i = 0; i < out.points.size(); ++i) {
      sums[at++] += static_cast<double>(one.points[i].x) * one.score;
      sums[at++] += static_cast<double>(one.points[i].y) * one.score;
    }
  }
  if (!(total > 0)) return out;
  const auto mean = [&](std::size_t i) { return static_cast<float>(sums[i] / total); };
  out.box = {mean(0), mean(1), mean(2), mean(3)};
  for (std::size_t i = 0; i < out.points.size(); ++i) out.points[i] = {mean(4 + 2 * i), mean(5 + 2 * i)};
  return out;
}

/// Keeps the best, and of the rest what does not overlap with it; again and again.
std::vector<Detection> suppress_hard(std::vector<Detection> found, const SuppressionOptions& options) {
  std::vector<Detection> out;
  while (!found.empty() && static_cast<std::int64_t>(out.size()) < options.most) {
    const Detection best = found.front();
    const auto rest = std::stable_partition(found.begin(), found.end(), [&](const Detection& one) {
      return competes(best, one, options) && overlap(best.box, one.box) > options.most_overlap;
    });
    // A box without area overlaps with nothing, itself included.
    const auto first_other = rest == found.begin() ? found.begin() + 1 : rest;
    out.push_back(options.method == Suppression::Weighted ? merged({found.begin(), first_other}) : best);
    found.erase(found.begin(), first_other);
  }
  return out;
}

std::vector<Detection> suppress_softly(std::vector<Detection> found, const SuppressionOptions& options) {
  std::vector<Detection> out;
  while (!found.empty() && static_cast<std::int64_t>(out.size()) < options.most) {
    const auto best = std::ranges::max_element(found, {}, &Detection::score);
    if (best->score < options.least_score) break;
    out.push_back(*best);
    found.erase(best);
    for (Detection& one : found) {
      if (!competes(out.back(), one, options)) continue;
      const float shared = overlap(out.back().box, one.box);
      one.score *= std::exp(-shared * shared / options.sigma);
    }
  }
  return out;
}

}  // namespace

float overlap(const Rectangle& a, const Rectangle& b) {
  const auto extent = [](float from, float to) { return std::max(0.0f, to - from); };
  const auto size = [&](const Rectangle& r) { return extent(r.left, r.right) * extent(r.top, r.bottom); };
  const float shared = extent(std::max(a.left, b.left), std::min(a.right, b.right)) *
                       extent(std::max(a.top, b.top), std::min(a.bottom, b.bottom));
  return shared > 0 ? shared / (size(a) + size(b) - shared) : 0;
}

std::vector<Detection> suppress(std::vector<Detection> found, const SuppressionOptions& options) {
  std::erase_if(found,
                [&](const Detection& one) { return !is_finite(one) || one.score < options.least_score; });
  std::ranges::stable_sort(found, std::greater{}, &Detection::score);
  return options.method == Suppression::Soft ? suppress_softly(std::move(found), options)
                                             : suppress_hard(std::move(found), options);
}

void map_to_original(std::vector<Detection>& found, const FittedImage& place, ImageSize original) {
  const auto width = static_cast<float>(original.width);
  const auto height = static_cast<float>(original.height);
  for (Detection& one : found) {
    const Point upper_left = place.in_original({one.box.left, one.box.top});
    const Point lower_right = place.in_original({one.box.right, one.box.bottom});
    one.box = {std::clamp(upper_left.x, 0.0f, width), std::clamp(upper_left.y, 0.0f, height),
               std::clamp(lower_right.x, 0.0f, width), std::clamp(lower_right.y, 0.0f, height)};
    for (Point& point : one.points) point = place.in_original(point);
  }
}

}  // namespace atlas
