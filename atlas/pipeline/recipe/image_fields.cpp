// Bounds that keep arithmetic finite.
#include "atlas/pipeline/recipe/image_fields.h"

namespace atlas {

void declare_channels(Fields& fields, PixelFormat& channels) {
  fields.choice({"channels", "The order in which the model was trained", true}, channels,
                {{"RGB", PixelFormat::RGB}, {"BGR", PixelFormat::BGR}});
}

void declare_normalization(Fields& fields, Normalization& normalization) {
  fields.section({"normalize", "What a pixel becomes: (pixel x scale - mean) / deviation"}, [&](Fields&
                                                                                                    inner) {
    inner.number({"scale", "Factor of every pixel"}, normalization.scale, 1e-6, 1e6);
    inner.numbers({"mean", "Taken off each channel", true}, normalization.mean, -1e6, 1e6);
    inner.numbers({"deviation", "What each channel is divided by", true}, normalization.deviation, 1e-6, 1e6);
  });
}

}  // namespace atlas
