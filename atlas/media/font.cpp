// FreeType, rendering in grey.
#include "atlas/media/font.h"

#include <ft2build.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <string>
#include <vector>

#include "atlas/base/error.h"

namespace atlas {

struct Fonts::Faces {
  FT_Library library = nullptr;
  std::vector<FT_Face> faces;

  ~Faces() {
    for (const FT_Face face : faces) FT_Done_Face(face);
    FT_Done_FreeType(library);
  }
};

Fonts::Fonts(std::span<const std::filesystem::path> files) : faces_(std::make_unique<Faces>()) {
  require(!files.empty(), "fonts: expected at least one file");
  if (FT_Init_FreeType(&faces_->library) != 0) fail(ErrorCode::ResourceExhausted, "fonts: no memory");
  for (const std::filesystem::path& file : files) {
    if (!std::filesystem::exists(file)) fail(ErrorCode::NotFound, "{}: no such font file", file.string());
    FT_Face face = nullptr;
    require(FT_New_Face(faces_->library, file.c_str(), 0, &face) == 0, "{}: expected a font file",
            file.string());
    faces_->faces.push_back(face);
  }
}

Fonts::~Fonts() = default;
Fonts::Fonts(Fonts&&) noexcept = default;
Fonts& Fonts::operator=(Fonts&&) noexcept = default;

Fonts Fonts::standard() {
  std::vector<std::filesystem::path> files{
      "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
      "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
      "/usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf",
  };
  std::erase_if(files, [](const std::filesystem::path& file) { return !std::filesystem::exists(file); });
  if (files.empty())
    fail(ErrorCode::NotFound, "fonts: expected DejaVu Sans (apt-get install fonts-dejavu-core)");
  return Fonts(files);
}

Glyph Fonts::glyph(char32_t character, int size) const {
  require(size >= 1 && size <= 1000, "fonts: expected a size of 1 to 1000 pixels, got {}", size);
  const auto has = [&](FT_Face face) { return FT_Get_Char_Index(face, character) != 0; };
  const auto found = std::ranges::find_if(faces_->faces, has);
  const FT_Face face = found == faces_->faces.end() ? faces_->faces.front() : *found;
  Glyph out;
  if (FT_Set_Pixel_Sizes(face, 0, static_cast<FT_UInt>(size)) != 0 ||
      FT_Load_Char(face, character, FT_LOAD_RENDER) != 0)
    return out;
  const FT_Bitmap& bitmap = face->glyph->bitmap;
  out.left = face->glyph->bitmap_left;
  out.top = face->glyph->bitmap_top;
  out.advance = static_cast<float>(face->glyph->advance.x) / 64;
  if (bitmap.pixel_mode != FT_PIXEL_MODE_GRAY) return out;
  out.coverage = Tensor(DType::U8, {bitmap.rows, bitmap.width});
  std::uint8_t* to = out.coverage.values_mutable<std::uint8_t>().data();
  for (unsigned y = 0; y < bitmap.rows; ++y)
    to = std::copy_n(bitmap.buffer + static_cast<std::ptrdiff_t>(y) * bitmap.pitch, bitmap.width, to);
  return out;
}

}  // namespace atlas
