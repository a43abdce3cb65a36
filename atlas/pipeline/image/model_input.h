// A picture as the one input of a model: fitted, its channels in order, normalised, laid out, in a batch of
// one.
#pragma once

#include "atlas/media/image.h"
#include "atlas/pipeline/image/fit.h"
#include "atlas/pipeline/image/normalize.h"

namespace atlas {

enum class Layout { ChannelsFirst, ChannelsLast };

struct ImageInputOptions {
  FitOptions fit;
  PixelFormat channels = PixelFormat::RGB;  // the order that the model was trained with
  Layout layout = Layout::ChannelsFirst;
  Normalization normalization;
};

struct ImageInput {
  Tensor batch;       // [1, channels, height, width] or [1, height, width, channels]
  FittedImage place;  // how to come back; its picture is that before normalising
};

/// `image`: RGB U8 [height, width, 3]. `dtype` is the model's: U8 takes pixels as they are, floating types
/// normalised ones. Throws Unsupported on other types.
ImageInput image_input(const Tensor& image, const ImageInputOptions& options, DType dtype = DType::F32);

}  // namespace atlas
