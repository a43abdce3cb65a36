// Things found in a picture, and which of those that overlap stay.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "atlas/pipeline/image/fit.h"
#include "atlas/pipeline/image/geometry.h"

namespace atlas {

/// Edges in pixels.
struct Rectangle {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;

  static Rectangle around(float x, float y, float width, float height) {
    return {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
  }
};

struct Detection {
  Rectangle box;
  float score = 0;
  std::int64_t label = 0;
  std::vector<Point> points;        // key points, where the model finds some
  std::vector<float> point_scores;  // of each of them, where the model gives it
  std::vector<float> coefficients;  // of mask prototypes, where the model gives some
};

/// Area of the intersection over that of the union; 0 where either is empty.
float overlap(const Rectangle& a, const Rectangle& b);

enum class Suppression {
  Hard,      // the best of those that overlap stays
  Weighted,  // and takes the mean of their boxes and points, weighted by score, as MediaPipe does
  Soft,      // each overlap lowers the score: x exp(-overlap^2 / sigma) (Bodla et al. 2017)
};

struct SuppressionOptions {
  Suppression method = Suppression::Hard;
  float most_overlap = 0.45f;  // beyond it two boxes are one thing (Hard and Weighted)
  float sigma = 0.5f;          // of Soft
  float least_score = 0.25f;   // lower ones are left out, by Soft afterwards too
  bool across_labels = false;  // whether things of different labels suppress each other
  std::int64_t most = 300;     // that are kept
};

/// Best first; of equals the one that came first. Those whose score or box is not finite are left out.
std::vector<Detection> suppress(std::vector<Detection> found, const SuppressionOptions& options);

/// Boxes and points of a fitted picture in the original's pixels, boxes clipped to it.
void map_to_original(std::vector<Detection>& found, const FittedImage& place, ImageSize original);

}  // namespace atlas
