// Steps of resizing, sampling and pooling.
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/conversion_steps.h"

namespace atlas::onnx::steps {

void upsample_scales(Conversion& c) {
  const float height = c.attributes().real("height_scale", 1);
  const float width = c.attributes().real("width_scale", 1);
  c.attributes().erase("height_scale");
  c.attributes().erase("width_scale");
  c.attributes().set("scales", std::vector<float>{1, 1, height, width});
  if (c.attributes().string("mode", "nearest") == "bilinear")
    c.attributes().set("mode", std::string("linear"));
}

void upsample_scales_to_input(Conversion& c) {
  if (const std::optional<ValueId> scales = c.take_reals("scales")) c.set_input(1, *scales);
}

void upsample_to_resize(Conversion& c) {
  c.node().op = "Resize";
}

void resize_coordinates(Conversion& c) {
  c.set_input(2, c.input(1));
  c.set_input(1, ValueId::None);
  c.attributes().set("coordinate_transformation_mode", std::string("asymmetric"));
  if (c.attributes().string("mode", "nearest") == "nearest")
    c.attributes().set("nearest_mode", std::string("floor"));
}

void resize_drop_empty_inputs(Conversion& c) {
  if (c.attributes().string("coordinate_transformation_mode", "") == "tf_half_pixel_for_nn")
    c.unsupported("coordinate_transformation_mode = tf_half_pixel_for_nn left ONNX with opset 13");
  if (c.input(3) != ValueId::None) c.set_input(2, ValueId::None);
}

void resize_fill_inputs(Conversion& c) {
  for (const std::size_t position : {1u, 2u})
    if (c.input(position) == ValueId::None) c.set_input(position, c.constant(Tensor(DType::F32, {0})));
}

void grid_sample_mode_names(Conversion& c) {
  const std::string mode = c.attributes().string("mode", "bilinear");
  if (mode == "bilinear") c.attributes().set("mode", std::string("linear"));
  if (mode == "bicubic") c.attributes().set("mode", std::string("cubic"));
}

void grid_sample_old_mode_names(Conversion& c) {
  const std::string mode = c.attributes().string("mode", "linear");
  if (mode == "linear") c.attributes().set("mode", std::string("bilinear"));
  if (mode == "cubic") c.attributes().set("mode", std::string("bicubic"));
}

void roi_align_old_coordinates(Conversion& c) {
  c.attributes().set("coordinate_transformation_mode", std::string("output_half_pixel"));
}

void roi_align_drop_coordinates(Conversion& c) {
  if (c.attributes().string("coordinate_transformation_mode", "half_pixel") != "output_half_pixel")
    c.unsupported("coordinate_transformation_mode = half_pixel came with opset 16");
  c.attributes().erase("coordinate_transformation_mode");
}

void pool_integer_norm(Conversion& c) {
  const auto* p = c.attributes().get<float>("p");
  if (p == nullptr) return;
  if (*p != std::floor(*p) || std::fabs(*p) > 1e6f) c.unsupported("a fractional p left ONNX with opset 2");
  c.attributes().set("p", static_cast<std::int64_t>(*p));
}

}  // namespace atlas::onnx::steps
