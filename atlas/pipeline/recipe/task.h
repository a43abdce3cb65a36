// What a recipe's task takes and gives, and what it must bring.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/base/json.h"
#include "atlas/media/sound.h"
#include "atlas/pipeline/image/draw_marks.h"
#include "atlas/pipeline/recipe/fields.h"
#include "atlas/pipeline/recipe/recipe_files.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

enum class InputKind { Image, Sound, Text, Bytes };

/// "image", "sound", "text", "bytes".
std::string_view name(InputKind kind);

/// One input of a run; which member is set the task's InputKind says.
struct RecipeInput {
  Tensor image;                         // Image: RGB U8 [height, width, 3]
  Sound sound;                          // Sound
  std::string text;                     // Text: UTF-8
  std::span<const std::uint8_t> bytes;  // Bytes
  std::shared_ptr<const void> owner;    // keeps `bytes` alive, where someone must
};

/// The input in a file. Throws what its reader throws.
RecipeInput read_recipe_input(InputKind kind, const std::filesystem::path& path);

/// A part of the work and its time.
struct Stage {
  std::string name;
  double duration_ms = 0;
};

struct RecipeResult {
  Json::Members answer;            // for programs; the task documents them
  std::vector<std::string> lines;  // the same for people
  std::vector<Mark> marks;         // what to draw on the picture
  std::vector<Stage> stages;       // in the order in which they ran
};

/// A task with its settings read and its models open. Any number of threads may run one at once.
class Task {
 public:
  virtual ~Task() = default;
  /// Throws InvalidArgument where a model gives other outputs than the recipe says.
  virtual RecipeResult run(const RecipeInput& input) const = 0;
};

/// A line of the table of tasks.
struct TaskEntry {
  std::string_view name;  // what `task:` says
  std::string_view about;
  InputKind input;
  void (*check)(const Yaml& recipe);  // throws where the recipe is not what the task reads
  std::unique_ptr<Task> (*open)(const Yaml& recipe, RecipeFiles& files);
  std::vector<FieldDoc> (*fields)();
};

/// Members that every recipe has: `task` and `about`.
void declare_common(Fields& fields, std::string& task, std::string& about);

/// The settings of `T` in a recipe. `T::Settings` is default-constructible and declares its members in
/// `void declare(Fields&)`.
template <typename T>
typename T::Settings read_settings(const Yaml& recipe) {
  typename T::Settings settings;
  std::string task;
  std::string about;
  Fields::read(recipe, [&](Fields& fields) {
    declare_common(fields, task, about);
    settings.declare(fields);
  });
  return settings;
}

/// The entry of a task that is made from its settings and the recipe's files: `T(const Settings&,
/// RecipeFiles&)`.
template <typename T>
TaskEntry task_entry(std::string_view name, std::string_view about, InputKind input) {
  return {name,
          about,
          input,
          [](const Yaml& recipe) { read_settings<T>(recipe); },
          [](const Yaml& recipe, RecipeFiles& files) -> std::unique_ptr<Task> {
            return std::make_unique<T>(read_settings<T>(recipe), files);
          },
          [] {
            typename T::Settings settings;
            return Fields::list([&](Fields& fields) { settings.declare(fields); });
          }};
}

}  // namespace atlas
