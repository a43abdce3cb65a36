// Fitting comes first: on what is left, the other steps cost little.
#include "atlas/pipeline/image/model_input.h"

#include "atlas/base/error.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

/// Where channel `c` of pixel `i` of `count` goes.
std::size_t place_of(std::size_t i, std::size_t c, std::size_t count, std::size_t channels, Layout layout) {
  return layout == Layout::ChannelsFirst ? c * count + i : i * channels + c;
}

template <typename T, typename Convert>
void lay_out(const Tensor& image, Layout layout, Tensor& batch, Convert convert) {
  const auto pixels = image.values<std::uint8_t>();
  const auto to = batch.values_mutable<T>();
  const auto channels = static_cast<std::size_t>(image.dim(2));
  const std::size_t count = pixels.size() / channels;
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < count; ++i)
      to[place_of(i, c, count, channels, layout)] = convert(pixels[i * channels + c], c);
}

}  // namespace

ImageInput image_input(const Tensor& image, const ImageInputOptions& options, DType dtype) {
  if (dtype != DType::U8 && !is_floating(dtype))
    fail(ErrorCode::Unsupported,
         "picture: a model that takes {} cannot be fed (expected u8 or a floating type)", name(dtype));
  ImageInput out;
  out.place = fit(image, options.fit);
  const Tensor pixels = in_format(out.place.image, options.channels);
  const bool is_first = options.layout == Layout::ChannelsFirst;
  const Shape shape = is_first ? Shape{1, pixels.dim(2), pixels.dim(0), pixels.dim(1)}
                               : Shape{1, pixels.dim(0), pixels.dim(1), pixels.dim(2)};
  if (dtype == DType::U8) {
    out.batch = Tensor(DType::U8, shape);
    lay_out<std::uint8_t>(pixels, options.layout, out.batch, [](std::uint8_t v, std::size_t) { return v; });
    return out;
  }
  std::array<std::array<float, 256>, 3> levels;
  for (std::size_t c = 0; c < levels.size(); ++c) levels[c] = normalized_levels(options.normalization, c);
  out.batch = Tensor(DType::F32, shape);
  lay_out<float>(pixels, options.layout, out.batch,
                 [&](std::uint8_t v, std::size_t c) { return levels[c][v]; });
  if (dtype != DType::F32) out.batch = from_doubles(dtype, shape, to_doubles(out.batch));
  return out;
}

}  // namespace atlas
