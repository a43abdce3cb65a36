// Pictures out of bytes; the formats themselves are tested with the codecs.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

// Two pixels as a portable pixmap.
const Tensor kPixmap = Tensor::of<std::uint8_t>(
    {17}, {'P', '6', ' ', '2', ' ', '1', ' ', '2', '5', '5', '\n', 10, 20, 30, 200, 100, 50});

TEST(ImageDecoder, GivesPixelsInTheAskedFormat) {
  check_cases({
      {"RGB",
       "ImageDecoder",
       {kPixmap},
       {},
       {Tensor::of<std::uint8_t>({1, 2, 3}, {10, 20, 30, 200, 100, 50})}},
      {"BGR",
       "ImageDecoder",
       {kPixmap},
       {{"pixel_format", "BGR"}},
       {Tensor::of<std::uint8_t>({1, 2, 3}, {30, 20, 10, 50, 100, 200})}},
      {"grey",
       "ImageDecoder",
       {kPixmap},
       {{"pixel_format", "Grayscale"}},
       {Tensor::of<std::uint8_t>({1, 2, 1}, {18, 124})}},
  });
}

TEST(ImageDecoder, GivesNothingForWhatIsNoPicture) {
  check_cases({
      {"noise",
       "ImageDecoder",
       {Tensor::of<std::uint8_t>({3}, {1, 2, 3})},
       {},
       {Tensor(DType::U8, {0, 0, 3})}},
      {"no bytes",
       "ImageDecoder",
       {Tensor(DType::U8, {0})},
       {{"pixel_format", "Grayscale"}},
       {Tensor(DType::U8, {0, 0, 1})}},
  });
  check_error({"format", "ImageDecoder", {kPixmap}, {{"pixel_format", "rgb"}}, {kPixmap}},
              "expected RGB, BGR or Grayscale");
}

}  // namespace
}  // namespace atlas
