// Pictures out of the bytes of image files.
#include "atlas/media/image.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

template <typename Context>
PixelFormat pixel_format(const Context& context) {
  const std::string format = context.string("pixel_format");
  context.check(format == "RGB" || format == "BGR" || format == "Grayscale",
                "attribute 'pixel_format' is '{}', expected RGB, BGR or Grayscale", format);
  return format == "RGB" ? PixelFormat::RGB : format == "BGR" ? PixelFormat::BGR : PixelFormat::Grayscale;
}

std::int64_t channels(PixelFormat format) {
  return format == PixelFormat::Grayscale ? 1 : 3;
}

void infer_image_decoder(InferContext& context) {
  context.check(!context.dims(0) || context.dims(0)->size() == 1, "expected a stream of bytes of rank 1");
  context.set_output(0, DType::U8, Dims{Dim(), Dim(), Dim(channels(pixel_format(context)))});
}

// The standard asks for an empty picture where the bytes cannot be decoded. Refusing one for its size is no
// such case.
void image_decoder(ReferenceContext& context) {
  const PixelFormat format = pixel_format(context);
  const std::string where = describe(context.node());
  try {
    const DecodeOptions options = {.where = where, .turn_upright = false};
    context.set_output(0, decode_image(context.input(0).values<std::uint8_t>(), format, options));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::InvalidArgument && error.code() != ErrorCode::Unsupported) throw;
    context.set_output(0, Tensor(DType::U8, {0, 0, channels(format)}));
  }
}

}  // namespace

std::vector<OpDef> image_decoder() {
  return {
      {.name = "ImageDecoder",
       .schema = {"encoded_stream:T1 -> image:T2",
                  {{"T1", {DType::U8}}, {"T2", {DType::U8}}},
                  {{"pixel_format", "RGB"}}},
       .infer = infer_image_decoder,
       .reference = image_decoder},
  };
}

}  // namespace atlas::ops
