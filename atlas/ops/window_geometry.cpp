// Asked in every run, so that words are found for an error alone. Extents from the formulas of ONNX's Conv
// and MaxPool; taps by walking kernel positions.
#include "atlas/ops/window_geometry.h"

#include <algorithm>
#include <limits>

#include "atlas/base/error.h"

namespace atlas::ops {
namespace {

// Products and sums of a few such numbers stay far from the limits of 64 bits.
constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();

std::vector<std::int64_t> read_list(const Node& node, std::string_view name, std::size_t count,
                                    std::int64_t otherwise, std::int64_t least) {
  std::vector<std::int64_t> list = node.attributes.integers(name);
  if (list.empty()) list.assign(count, otherwise);
  if (list.size() != count)
    fail(ErrorCode::InvalidArgument, "{}: expected {} numbers in '{}', got {}", describe(node), count, name,
         list.size());
  for (const std::int64_t value : list)
    if (value < least || value > kLargest)
      fail(ErrorCode::InvalidArgument, "{}: expected numbers from {} to {} in '{}', got {}", describe(node),
           least, kLargest, name, value);
  return list;
}

WindowGeometry::AutoPad read_auto_pad(const Node& node) {
  const std::string text = node.attributes.string("auto_pad", "NOTSET");
  if (text == "NOTSET" || text.empty()) return WindowGeometry::AutoPad::NotSet;
  if (text == "SAME_UPPER") return WindowGeometry::AutoPad::SameUpper;
  if (text == "SAME_LOWER") return WindowGeometry::AutoPad::SameLower;
  if (text != "VALID")
    fail(ErrorCode::InvalidArgument,
         "{}: expected NOTSET, SAME_UPPER, SAME_LOWER or VALID as auto_pad, got '{}'", describe(node), text);
  return WindowGeometry::AutoPad::Valid;
}

}  // namespace

std::int64_t WindowGeometry::points() const {
  return static_cast<std::int64_t>(element_count(kernel));
}

Dim WindowGeometry::output_extent(std::size_t axis, const Dim& input) const {
  const Dim stride = strides[axis];
  if (auto_pad == AutoPad::SameUpper || auto_pad == AutoPad::SameLower) return ceil_div(input, stride);
  const Dim room = input + (pads_begin[axis] + pads_end[axis] - extent(axis));
  if (!ceil_mode) return floor_div(room, stride) + 1;
  const Dim windows = ceil_div(room, stride) + 1;
  // The last window must start inside the image or the padding before it.
  if (pads_end[axis] + strides[axis] <= extent(axis)) return windows;
  return min(windows, ceil_div(input + pads_begin[axis], stride));
}

WindowGeometry WindowGeometry::with_explicit_pads(std::span<const std::int64_t> image) const {
  WindowGeometry out = *this;
  if (auto_pad != AutoPad::SameUpper && auto_pad != AutoPad::SameLower) return out;
  for (std::size_t axis = 0; axis < rank(); ++axis) {
    const std::int64_t windows = output_extent(axis, image[axis]).value();
    const std::int64_t total =
        std::max<std::int64_t>(0, (windows - 1) * strides[axis] + extent(axis) - image[axis]);
    out.pads_begin[axis] = auto_pad == AutoPad::SameUpper ? total / 2 : total - total / 2;
    out.pads_end[axis] = total - out.pads_begin[axis];
  }
  return out;
}

WindowGeometry read_window(const Node& node, std::size_t spatial_rank, std::vector<std::int64_t> kernel) {
  WindowGeometry out;
  const bool stated = !node.attributes.integers("kernel_shape").empty();
  if (!(stated || !kernel.empty() || spatial_rank == 0))
    fail(ErrorCode::InvalidArgument, "{}: expected attribute 'kernel_shape'", describe(node));
  out.kernel = kernel;
  if (stated) out.kernel = read_list(node, "kernel_shape", spatial_rank, 1, 1);
  if (!(kernel.empty() || out.kernel == kernel))
    fail(ErrorCode::InvalidArgument, "{}: expected kernel_shape {} as of the weights, got {}", describe(node),
         text(kernel), text(out.kernel));
  for (const std::int64_t points : out.kernel)
    if (points < 1 || points > kLargest)
      fail(ErrorCode::InvalidArgument, "{}: expected a kernel of at least one point, got {}", describe(node),
           text(out.kernel));
  out.strides = read_list(node, "strides", spatial_rank, 1, 1);
  out.dilations = read_list(node, "dilations", spatial_rank, 1, 1);
  out.auto_pad = read_auto_pad(node);
  out.ceil_mode = node.attributes.integer("ceil_mode", 0) != 0;
  const auto pads = out.auto_pad == WindowGeometry::AutoPad::NotSet
                        ? read_list(node, "pads", 2 * spatial_rank, 0, -kLargest)
                        : std::vector<std::int64_t>(2 * spatial_rank, 0);
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(spatial_rank);
  out.pads_begin.assign(pads.begin(), middle);
  out.pads_end.assign(middle, pads.end());
  return out;
}

Dims window_counts(const WindowGeometry& geometry, const Dims& image, const Node& node) {
  Dims out;
  for (std::size_t axis = 0; axis < geometry.rank(); ++axis) {
    Dim count = geometry.output_extent(axis, image[axis]);
    if (count.is_constant()) {
      const bool is_empty = image[axis].is_constant() && image[axis].value() == 0;
      if (!(count.value() >= 1 || is_empty))
        fail(ErrorCode::InvalidArgument,
             "{}: expected at least {} pixels with padding along spatial axis {}, got an image of {}",
             describe(node), geometry.extent(axis), axis, text(image));
      count = max(count, 0);
    }
    out.push_back(count);
  }
  return out;
}

Shape window_counts(const WindowGeometry& geometry, std::span<const std::int64_t> image, const Node& node) {
  const Dims dims(image.begin(), image.end());
  return *constant_shape(window_counts(geometry, dims, node));
}

void for_each_window(const WindowGeometry& geometry, std::span<const std::int64_t> image,
                     std::span<const std::int64_t> counts, FunctionRef<void(const Window&)> visit) {
  const std::size_t rank = geometry.rank();
  const std::size_t windows = element_count(counts);
  std::vector<std::int64_t> at(rank, 0);  // of the window
  std::vector<Tap> taps;
  std::vector<Tap> grown;
  for (std::size_t index = 0; index < windows; ++index) {
    // Taps of the first axes, each times the points along the next.
    taps.assign(1, Tap{0, 0});
    std::int64_t padded_points = 1;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      grown.clear();
      const std::int64_t step = geometry.dilations[axis];
      const std::int64_t kernel = geometry.kernel[axis];
      const std::int64_t start = at[axis] * geometry.strides[axis] - geometry.pads_begin[axis];
      const std::int64_t end = image[axis] + geometry.pads_end[axis];
      const std::int64_t inside_padding =
          std::clamp<std::int64_t>((end - start + step - 1) / step, 0, kernel);
      const std::int64_t first = start < 0 ? (-start + step - 1) / step : 0;
      for (const Tap& tap : taps) {
        for (std::int64_t k = first; k < kernel && start + k * step < image[axis]; ++k)
          grown.push_back(
              {tap.image * static_cast<std::size_t>(image[axis]) + static_cast<std::size_t>(start + k * step),
               tap.kernel * static_cast<std::size_t>(kernel) + static_cast<std::size_t>(k)});
      }
      padded_points *= inside_padding;
      taps.swap(grown);
    }
    visit({index, taps, padded_points});
    for (std::size_t axis = rank; axis-- > 0;) {
      if (++at[axis] < counts[axis]) break;
      at[axis] = 0;
    }
  }
}

}  // namespace atlas::ops
