// The sizes of a convolution over up to three spatial dimensions.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace atlas::cpu {

/// Spatial sizes in the order depth, height, width; a convolution of fewer dimensions leaves the leading
/// ones at 1 (0 for padding).
using Spatial = std::array<size_t, 3>;

inline size_t volume(const Spatial& s) {
  return s[0] * s[1] * s[2];
}

/// Input [batch, in_channels, input...], weights [out_channels, in_channels / groups, kernel...], output
/// [batch, out_channels, output()...], all contiguous. Channels are multiples of groups; kernel, stride and
/// dilation are at least 1; the padded input is not smaller than the dilated kernel.
struct ConvShape {
  size_t batch = 1, in_channels = 1, out_channels = 1, groups = 1;
  Spatial input{1, 1, 1};
  Spatial kernel{1, 1, 1};
  Spatial stride{1, 1, 1};
  Spatial dilation{1, 1, 1};
  Spatial pad_begin{0, 0, 0};
  Spatial pad_end{0, 0, 0};

  size_t padded(size_t dim) const { return input[dim] + pad_begin[dim] + pad_end[dim]; }
  size_t reach(size_t dim) const { return (kernel[dim] - 1) * dilation[dim] + 1; }
  Spatial output() const {
    Spatial size;
    for (size_t dim = 0; dim < 3; ++dim) size[dim] = (padded(dim) - reach(dim)) / stride[dim] + 1;
    return size;
  }
  size_t group_in() const { return in_channels / groups; }
  size_t group_out() const { return out_channels / groups; }
  /// Whether weights of one are weights of the other, whatever the images.
  bool has_weights_of(const ConvShape& other) const {
    return out_channels == other.out_channels && in_channels == other.in_channels && groups == other.groups &&
           kernel == other.kernel;
  }
  /// Every channel by itself.
  bool depthwise() const { return groups > 1 && group_in() == 1 && group_out() == 1; }

  /// A 1x1 kernel that reads every input position where it lies: a plain matrix product.
  bool pointwise() const {
    const Spatial one{1, 1, 1}, zero{0, 0, 0};
    return kernel == one && stride == one && pad_begin == zero && pad_end == zero;
  }
};

/// What remains of the distances of the taps along `dim` when they are divided by the stride, each once.
std::vector<size_t> tap_planes(const ConvShape& shape, size_t dim);

/// Throws InvalidArgument, naming the field, where `shape` breaks a rule above.
void check(const ConvShape& shape);

}  // namespace atlas::cpu
