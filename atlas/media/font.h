// Characters as pixels, from font files.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "atlas/tensor/tensor.h"

namespace atlas {

struct Glyph {
  Tensor coverage;  // U8 [height, width], 255 where the character covers a pixel; may be empty
  int left = 0;     // from the pen to the first column
  int top = 0;      // from the baseline up to the first row
  float advance = 0;
};

/// Fonts in order of preference: a character is taken from the first that has it. Not for several threads
/// at once.
class Fonts {
 public:
  /// Throws NotFound or InvalidArgument for a file that is no font.
  explicit Fonts(std::span<const std::filesystem::path> files);

  /// DejaVu Sans (Debian: fonts-dejavu-core), and, where installed, WenQuanYi Micro Hei (fonts-wqy-microhei)
  /// or Droid Fallback (fonts-droid-fallback) for Chinese, Japanese and Korean. Throws NotFound where none
  /// is there.
  static Fonts standard();

  ~Fonts();
  Fonts(Fonts&&) noexcept;
  Fonts& operator=(Fonts&&) noexcept;

  /// `size`: the height of a line of capitals and descenders, in pixels, 1 to 1000. A character that no font
  /// has is drawn as the first font's box for it.
  Glyph glyph(char32_t character, int size) const;

 private:
  struct Faces;
  std::unique_ptr<Faces> faces_;
};

}  // namespace atlas
