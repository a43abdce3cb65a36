// Recipes: opened once, run on paths, pictures or bytes.
#include "atlas/pipeline/recipe/recipe.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>

#include "atlas/base/error.h"
#include "atlas/base/json.h"
#include "atlas/pipeline/image/draw_marks.h"
#include "python/arrays.h"
#include "python/bindings.h"

namespace atlas::python {
namespace {

namespace fs = std::filesystem;

// An answer and what it was found in.
struct PyResult {
  RecipeInput input;
  RecipeResult result;
};

std::string known_recipes() {
  std::string out;
  for (const fs::path& path : recipes_of_the_zoo()) out += (out.empty() ? "" : ", ") + path.stem().string();
  return out;
}

void open(Recipe* self, nb::handle recipe, std::size_t threads, bool strict) {
  const auto name = nb::cast<std::string>(nb::module_::import_("os").attr("fsdecode")(recipe));
  const std::optional<fs::path> file = find_recipe(name);
  if (!file)
    fail(ErrorCode::NotFound, "recipe '{}': expected one of {}, or a file that ends in .yaml", name,
         known_recipes());
  SessionOptions options;
  options.threads = threads;
  options.strict = strict;
  const nb::gil_scoped_release release;
  new (self) Recipe(*file, options);
}

// What a recipe takes besides paths, for messages.
std::string_view in_memory(InputKind kind) {
  switch (kind) {
    case InputKind::Image:
      return "an array of pixels";
    case InputKind::Sound:
      return "(samples, rate in Hz)";
    case InputKind::Text:
      return "a list of lines";
    case InputKind::Bytes:
      break;
  }
  return "bytes";
}

std::string lines_of(nb::handle list, const Recipe& recipe) {
  std::string out;
  for (const nb::handle line : list) {
    require(nb::isinstance<nb::str>(line), "recipe '{}': expected lines of text, got {}", recipe.name(),
            nb::cast<std::string>(nb::str(line.type().attr("__name__"))));
    out += nb::cast<std::string>(line) + "\n";
  }
  return out;
}

// Samples [frames] or [channels, frames], full scale -1 to 1.
Sound sound_of(nb::handle samples, nb::handle rate, const Recipe& recipe) {
  Sound out;
  out.samples = to_tensor(samples, DType::F32, "samples").clone();
  if (out.samples.rank() == 1) out.samples = out.samples.reshaped({1, out.samples.dim(0)});
  require(out.samples.dtype() == DType::F32 && out.samples.rank() == 2 && out.samples.dim(0) >= 1 &&
              out.samples.dim(0) <= kMostChannels,
          "recipe '{}': expected samples f32[frames] or f32[channels,frames], got {}", recipe.name(),
          text(out.samples));
  require(nb::isinstance<nb::int_>(rate), "recipe '{}': expected a rate in Hz, a whole number",
          recipe.name());
  const auto hertz = nb::cast<std::int64_t>(rate);
  require(hertz >= 1 && hertz <= kMostSampleRateHz, "recipe '{}': expected a rate of 1 to {} Hz, got {}",
          recipe.name(), kMostSampleRateHz, hertz);
  out.rate_hz = static_cast<int>(hertz);
  return out;
}

RecipeInput input_of(const Recipe& recipe, nb::handle input) {
  const InputKind kind = recipe.input_kind();
  RecipeInput out;
  if (kind == InputKind::Bytes && nb::isinstance<nb::bytes>(input)) {
    const auto bytes = nb::borrow<nb::bytes>(input);
    const auto* begin = static_cast<const std::uint8_t*>(bytes.data());
    const auto copy = std::make_shared<const std::vector<std::uint8_t>>(begin, begin + bytes.size());
    out.bytes = *copy;
    out.owner = copy;
    return out;
  }
  if (kind == InputKind::Image && nb::hasattr(input, "shape")) {
    out.image = to_tensor(input, DType::U8, "picture").clone();
    require(out.image.dtype() == DType::U8 && out.image.rank() == 3 && out.image.dim(2) == 3,
            "recipe '{}': expected a picture u8[height,width,3], got {}", recipe.name(), text(out.image));
    return out;
  }
  if (kind == InputKind::Sound && nb::isinstance<nb::tuple>(input) && nb::len(input) == 2) {
    out.sound = sound_of(input[0], input[1], recipe);
    return out;
  }
  if (kind == InputKind::Text && (nb::isinstance<nb::list>(input) || nb::isinstance<nb::tuple>(input))) {
    out.text = lines_of(input, recipe);
    return out;
  }
  const bool is_path = nb::isinstance<nb::str>(input) || nb::hasattr(input, "__fspath__");
  require(is_path, "recipe '{}': expected the path of a file or {}", recipe.name(), in_memory(kind));
  const auto path = nb::cast<std::string>(nb::module_::import_("os").attr("fsdecode")(input));
  const nb::gil_scoped_release release;
  return recipe.read_input(path);
}

PyResult run(const Recipe& self, nb::handle input) {
  PyResult out{input_of(self, input), {}};
  const nb::gil_scoped_release release;
  out.result = self.run(out.input);
  return out;
}

nb::object picture(const PyResult& self) {
  require(self.input.image.is_defined(), "picture: the recipe takes none");
  Tensor image = self.input.image.clone();
  draw_marks(image, self.result.marks, Fonts::standard());
  return from_tensor(image);
}

nb::dict stages(const PyResult& self) {
  nb::dict out;
  for (const Stage& stage : self.result.stages) out[nb::str(stage.name.c_str())] = stage.duration_ms;
  return out;
}

}  // namespace

void bind_recipe(nb::module_& module) {
  nb::class_<PyResult>(module, "RecipeResult")
      .def_prop_ro("json", [](const PyResult& self) { return Json::object(self.result.answer).text(); })
      .def_prop_ro("lines", [](const PyResult& self) { return self.result.lines; })
      .def_prop_ro("stages_ms", stages, nb::sig("def stages_ms(self) -> dict[str, float]"))
      .def("picture", picture, nb::sig("def picture(self) -> typing.Any"));

  nb::class_<Recipe>(module, "Recipe")
      .def("__init__", open, nb::arg("recipe"), nb::kw_only(), nb::arg("threads") = 0,
           nb::arg("strict") = false)
      .def_prop_ro("name", [](const Recipe& self) { return self.name(); })
      .def_prop_ro("input_kind", [](const Recipe& self) { return std::string(name(self.input_kind())); })
      .def_prop_ro("fallbacks", [](const Recipe& self) { return self.fallbacks(); })
      .def("run", run, nb::arg("input"));

  module.def(
      "recipes",
      [] {
        std::vector<std::string> out;
        for (const fs::path& path : recipes_of_the_zoo()) out.push_back(path.stem().string());
        return out;
      },
      "The names of the recipes that come with Atlas.");
}

}  // namespace atlas::python
