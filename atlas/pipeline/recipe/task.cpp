// Files to inputs, by the kind that a task takes.
#include "atlas/pipeline/recipe/task.h"

#include "atlas/base/file.h"
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
    case InputKind::Bytes:
      out.bytes = read_file(path);
      break;
  }
  return out;
}

void declare_common(Fields& fields, std::string& task, std::string& about) {
  fields.text({"task", "Which of the tasks below"}, task);
  fields.text({"about", "One line for people: what the recipe finds out"}, about);
}

}  // namespace atlas
