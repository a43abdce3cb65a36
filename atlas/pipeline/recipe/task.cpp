// Files to inputs, by the kind that a task takes.
#include "atlas/pipeline/recipe/task.h"

#include "atlas/base/mapped_file.h"
#include "atlas/media/image.h"

namespace atlas {

std::string_view name(InputKind kind) {
  switch (kind) {
    case InputKind::Image:
      return "image";
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
