// What tasks on pictures say about pre-processing, said the same way in all of them.
#pragma once

#include "atlas/pipeline/image/model_input.h"
#include "atlas/pipeline/recipe/fields.h"

namespace atlas {

inline constexpr std::int64_t kMostSide = 16384;

/// `input`: all that a model of one picture asks for.
void declare_image_input(Fields& fields, ImageInputOptions& input);

/// `channels`: RGB or BGR.
void declare_channels(Fields& fields, PixelFormat& channels);

/// `normalize`: scale, mean, deviation.
void declare_normalization(Fields& fields, Normalization& normalization);

}  // namespace atlas
