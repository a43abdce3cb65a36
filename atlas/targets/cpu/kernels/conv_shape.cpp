// The rules that the convolution kernels rely on.
#include "atlas/targets/cpu/kernels/conv_shape.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas::cpu {

std::vector<size_t> tap_planes(const ConvShape& shape, size_t dim) {
  std::vector<size_t> planes;
  for (size_t tap = 0; tap < shape.kernel[dim]; ++tap) {
    const size_t plane = tap * shape.dilation[dim] % shape.stride[dim];
    if (std::ranges::find(planes, plane) == planes.end()) planes.push_back(plane);
  }
  return planes;
}

void check(const ConvShape& shape) {
  require(shape.groups > 0 && shape.in_channels % shape.groups == 0 && shape.out_channels % shape.groups == 0,
          "convolution: expected channels that {} groups divide, got {} in and {} out", shape.groups,
          shape.in_channels, shape.out_channels);
  for (size_t dim = 0; dim < 3; ++dim) {
    require(shape.kernel[dim] > 0 && shape.stride[dim] > 0 && shape.dilation[dim] > 0,
            "convolution: expected kernel, stride and dilation above 0, got {}, {} and {}", shape.kernel[dim],
            shape.stride[dim], shape.dilation[dim]);
    require(shape.padded(dim) >= shape.reach(dim),
            "convolution: expected a padded input of at least the dilated kernel's {}, got {}",
            shape.reach(dim), shape.padded(dim));
  }
}

}  // namespace atlas::cpu
