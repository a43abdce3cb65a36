// The steps from one version of an operator to the next, by family; op_history.cpp says where each belongs.
#pragma once

#include "atlas/formats/onnx/conversion.h"

namespace atlas::onnx::steps {

// Element by element (steps_elementwise.cpp)
/// The legacy attribute that allowed to work in place.
void drop_consumed_inputs(Conversion& c);
/// `broadcast` and `axis` become the shape of the second input.
void align_broadcast(Conversion& c);
/// A slope of one value per channel gets the axes behind the channel.
void align_slope(Conversion& c);
/// Spells out defaults that changed in the seventh digit.
void keep_selu_defaults(Conversion& c);
/// The name of a type becomes its number.
void cast_to_number(Conversion& c);
void cast_to_known_type(Conversion& c);
void clip_bounds_to_inputs(Conversion& c);
void clip_bounds_to_attributes(Conversion& c);

// Attributes that became inputs, and back (steps_inputs.cpp)
void axes_to_input(Conversion& c);
void axes_to_attribute(Conversion& c);
void split_to_input(Conversion& c);
void split_to_attribute(Conversion& c);
void split_counts_outputs(Conversion& c);
void split_stops_counting(Conversion& c);
void slice_to_inputs(Conversion& c);
void slice_to_attributes(Conversion& c);
void topk_to_input(Conversion& c);
void topk_to_attribute(Conversion& c);
void rename_paddings(Conversion& c);
void pad_to_inputs(Conversion& c);
void pad_to_attributes(Conversion& c);
void reshape_to_input(Conversion& c);
void reshape_to_attribute(Conversion& c);
void tile_repeats(Conversion& c);
void dft_axis_to_input(Conversion& c);
void dft_axis_to_attribute(Conversion& c);
void concat_default_axis(Conversion& c);
void shape_then_slice(Conversion& c);
void constant_to_tensor(Conversion& c);
void gemm_with_zero(Conversion& c);
/// Counts negative axes from the front, which needs the rank.
void axes_from_front(Conversion& c);

// Normalisation (steps_normalization.cpp)
/// All axes from `axis` on were one; now `axis` is the one.
void softmax_along_axis(Conversion& c);
void softmax_from_axis(Conversion& c);
void batch_norm_drop_is_test(Conversion& c);
void batch_norm_drop_spatial(Conversion& c);
void batch_norm_training_mode(Conversion& c);
void batch_norm_inference_only(Conversion& c);
void group_norm_per_channel(Conversion& c);
void dropout_drop_is_test(Conversion& c);
void dropout_mask_to_bool(Conversion& c);
void dropout_to_inputs(Conversion& c);
void dropout_to_attributes(Conversion& c);

// Sampling and pooling (steps_sampling.cpp)
void upsample_scales(Conversion& c);
void upsample_scales_to_input(Conversion& c);
void upsample_to_resize(Conversion& c);
void resize_coordinates(Conversion& c);
void resize_drop_empty_inputs(Conversion& c);
void resize_fill_inputs(Conversion& c);
void grid_sample_mode_names(Conversion& c);
void grid_sample_old_mode_names(Conversion& c);
void roi_align_old_coordinates(Conversion& c);
void roi_align_drop_coordinates(Conversion& c);
void pool_integer_norm(Conversion& c);

// Loops and recurrence (steps_recurrent.cpp)
void drop_output_sequence(Conversion& c);
/// The batch becomes a Scan around the Scan.
void scan_unbatched(Conversion& c);

// Renamed and replaced operators (steps_replaced.cpp)
void scatter_to_elements(Conversion& c);
void label_encoder_classes(Conversion& c);
void affine_to_arithmetic(Conversion& c);
void scale_to_arithmetic(Conversion& c);
void image_scaler_to_arithmetic(Conversion& c);
void parametric_softplus_to_arithmetic(Conversion& c);
void scaled_tanh_to_arithmetic(Conversion& c);
void given_tensor_fill_to_constant(Conversion& c);
void crop_to_slice(Conversion& c);

/// No form in the next version: names the operator and the reason.
[[noreturn]] void cannot_downgrade(Conversion& c);

}  // namespace atlas::onnx::steps
