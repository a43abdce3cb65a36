// What tasks on pictures say about pre-processing, said the same way in all of them.
#pragma once

#include "atlas/media/image.h"
#include "atlas/pipeline/image/normalize.h"
#include "atlas/pipeline/recipe/fields.h"

namespace atlas {

inline constexpr std::int64_t kMostSide = 16384;

/// `channels`: RGB or BGR.
void declare_channels(Fields& fields, PixelFormat& channels);

/// `normalize`: scale, mean, deviation.
void declare_normalization(Fields& fields, Normalization& normalization);

}  // namespace atlas
