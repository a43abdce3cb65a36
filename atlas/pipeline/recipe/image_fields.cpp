// Bounds that keep arithmetic finite.
#include "atlas/pipeline/recipe/image_fields.h"

namespace atlas {

namespace {

void declare_normalization_members(Fields& fields, Normalization& normalization) {
  fields.number({"scale", "Factor of every pixel"}, normalization.scale, 1e-6, 1e6);
  fields.numbers({"mean", "Taken off each channel", true}, normalization.mean, -1e6, 1e6);
  fields.numbers({"deviation", "What each channel is divided by", true}, normalization.deviation, 1e-6, 1e6);
}

void declare_input_members(Fields& fields, ImageInputOptions& input) {
  fields.integer({"height", "Of the model's input"}, input.fit.size.height, 1, kMostSide);
  fields.integer({"width", "Of the model's input"}, input.fit.size.width, 1, kMostSide);
  fields.choice(
      {"fit", "Both sides resized; proportions kept and the rest filled; or the middle cut out", true},
      input.fit.mode,
      {{"stretch", FitMode::Stretch}, {"letterbox", FitMode::Letterbox}, {"crop", FitMode::Crop}});
  fields.choice({"resize", "The method: the first four are OpenCV's, the others Pillow's", true},
                input.fit.interpolation,
                {{"nearest", Interpolation::Nearest},
                 {"linear", Interpolation::Bilinear},
                 {"cubic", Interpolation::Bicubic},
                 {"area", Interpolation::Area},
                 {"smooth-linear", Interpolation::SmoothBilinear},
                 {"smooth-cubic", Interpolation::SmoothBicubic},
                 {"lanczos", Interpolation::Lanczos}});
  fields.integer({"fill", "Level of what `letterbox` leaves free", true}, input.fit.fill, 0, 255);
  fields.integer({"shorter_side", "What `crop` resizes the shorter side to; 0: the model's", true},
                 input.fit.shorter_side, 0, kMostSide);
  fields.choice({"channels", "The order in which the model was trained", true}, input.channels,
                {{"RGB", PixelFormat::RGB}, {"BGR", PixelFormat::BGR}, {"grey", PixelFormat::Grayscale}});
  fields.choice({"layout", "Of the model's input", true}, input.layout,
                {{"NCHW", Layout::ChannelsFirst}, {"NHWC", Layout::ChannelsLast}});
  fields.section({"normalize", "What a pixel becomes: (pixel x scale - mean) / deviation", true},
                 [&](Fields& inner) { declare_normalization_members(inner, input.normalization); });
}

}  // namespace

void declare_image_input(Fields& fields, ImageInputOptions& input) {
  fields.section({"input", "How a picture becomes the model's input"},
                 [&](Fields& inner) { declare_input_members(inner, input); });
}

void declare_channels(Fields& fields, PixelFormat& channels) {
  fields.choice({"channels", "The order in which the model was trained", true}, channels,
                {{"RGB", PixelFormat::RGB}, {"BGR", PixelFormat::BGR}});
}

void declare_normalization(Fields& fields, Normalization& normalization) {
  fields.section({"normalize", "What a pixel becomes: (pixel x scale - mean) / deviation"},
                 [&](Fields& inner) { declare_normalization_members(inner, normalization); });
}

}  // namespace atlas
