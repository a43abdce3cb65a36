// Files to inputs, by the kind that a task takes.
#include "atlas/pipeline/recipe/task.h"

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/mapped_file.h"
#include "atlas/base/utf8.h"
#include "atlas/media/image.h"

namespace atlas {
namespace {

std::string read_utf8(const std::filesystem::path& path) {
  std::string text = read_text(path);
  if (const std::size_t good = utf8_prefix(text); good != text.size())
    fail(ErrorCode::InvalidArgument, "{}: expected text in UTF-8, got byte 0x{:02X} at {}", path.string(),
         static_cast<unsigned char>(text[good]), good);
  return text;
}

}  // namespace

std::string_view name(InputKind kind) {
  switch (kind) {
    case InputKind::Image:
      return "image";
    case InputKind::Sound:
      return "sound";
    case InputKind::Text:
      return "text";
    case InputKind::Bytes:
      return "bytes";
  }
  return "unknown";
}

RecipeInput read_recipe_input(InputKind kind, const std::filesystem::path& path) {
  RecipeInput out;
  switch (kind) {
    case InputKind::Image:
      out.image = read_image(path);
      break;
    case InputKind::Sound:
      out.sound = read_sound(path);
      break;
    case InputKind::Text:
      out.text = read_utf8(path);
      break;
    case InputKind::Bytes: {
      const auto file = std::make_shared<const MappedFile>(path);
      out.bytes = {reinterpret_cast<const std::uint8_t*>(file->bytes().data()), file->bytes().size()};
      out.owner = file;
      break;
    }
  }
  return out;
}

void declare_common(Fields& fields, std::string& task, std::string& about) {
  fields.text({"task", "Which of the tasks below"}, task);
  fields.text({"about", "One line for people: what the recipe finds out"}, about);
}

}  // namespace atlas
