// Loads the recipe's models, reads the picture, and shows the lines on the terminal, on a copy and as JSON.
#include "cli/run_ocr.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "atlas/base/file.h"
#include "atlas/base/json.h"
#include "atlas/formats/model_file.h"
#include "atlas/pipeline/ocr_annotation.h"
#include "atlas/pipeline/ocr_recipe.h"
#include "atlas/pipeline/session_model.h"
#include "atlas/run/session.h"
#include "cli/command_line.h"
#include "cli/model_run.h"
#include "cli/recipe.h"

namespace atlas::cli {
namespace {

struct Reading {
  Tensor image;
  OcrResult result;
  std::vector<std::pair<std::string, double>> stages_ms;  // in the order in which they ran
  std::vector<std::string> fallbacks;                     // nodes that ran by their reference
};

Json to_json(const OcrLine& line) {
  Json corners = Json::array();
  for (const Point& corner : line.corners)
    corners.add(Json::array_of(std::vector<double>{corner.x, corner.y}));
  return Json::object({{"text", line.text},
                       {"confidence", double{line.confidence}},
                       {"corners", std::move(corners)},
                       {"box_score", double{line.box_score}},
                       {"is_upside_down", line.is_upside_down}});
}

Json to_json(const Reading& reading) {
  Json lines = Json::array();
  for (const OcrLine& line : reading.result.lines) lines.add(to_json(line));
  Json stages = Json::object();
  for (const auto& [stage, duration_ms] : reading.stages_ms) stages.set(stage, duration_ms);
  return Json::object({{"width", reading.image.dim(1)},
                       {"height", reading.image.dim(0)},
                       {"lines", std::move(lines)},
                       {"stages_ms", std::move(stages)},
                       {"fallbacks", Json::array_of(reading.fallbacks)}});
}

void print(const Reading& reading) {
  fmt::print("confidence  text\n");
  for (const OcrLine& line : reading.result.lines) fmt::print("{:10.4f}  {}\n", line.confidence, line.text);
  fmt::print("\n");
  for (const auto& [stage, duration_ms] : reading.stages_ms)
    fmt::print("{:<10} {:9.1f} ms\n", stage, duration_ms);
}

}  // namespace

int run_ocr(const std::filesystem::path& recipe_file, Arguments arguments) {
  std::string photo;
  std::string annotated;
  std::string json;
  SessionOptions options;
  CommandLine line("run ocr", "Read the text in a picture.");
  line.add_option("PICTURE", photo, "JPEG, PNG, WebP, TIFF, JPEG 2000, BMP or PNM")->required();
  line.add_option("--annotate", annotated, "Write the picture with the lines drawn on it: .png or .jpg");
  line.add_option("--json", json, "Write the lines and the time of each stage to this file");
  line.add_option("--target", options.target, "What runs the models")->capture_default_str();
  line.add_flag("--strict", options.strict, "A node without a kernel is an error");
  line.add_option("--threads", options.threads, "Threads to use; 0 is all this process may use");
  if (!line.read(arguments)) return 0;

  Reading reading;
  Stopwatch watch;
  const auto stage = [&](const char* name) {
    reading.stages_ms.emplace_back(name, std::exchange(watch, Stopwatch()).milliseconds());
  };
  OcrRecipe recipe = parse_ocr_recipe(Yaml::read(recipe_file));
  recipe.options.labels = read_dictionary(zoo_file(recipe.dictionary));
  const Registry registry = standard_registry();
  const Session detect(load_model(zoo_file(recipe.detect_model)), registry, options);
  const Session classify(load_model(zoo_file(recipe.classify_model)), registry, options);
  const Session recognise(load_model(zoo_file(recipe.recognise_model)), registry, options);
  stage("load");
  reading.image = read_image(photo);
  stage("decode");
  reading.result =
      read_lines(reading.image, {model_of(detect), model_of(classify), model_of(recognise)}, recipe.options);
  reading.stages_ms.emplace_back("detect", reading.result.detect_ms);
  reading.stages_ms.emplace_back("classify", reading.result.classify_ms);
  reading.stages_ms.emplace_back("recognise", reading.result.recognise_ms);
  if (!annotated.empty()) {
    watch = Stopwatch();
    Tensor picture = reading.image.clone();
    draw_lines(picture, reading.result.lines, Fonts::standard());
    write_image(annotated, picture);
    stage("draw");
  }
  for (const Session* session : {&detect, &classify, &recognise})
    reading.fallbacks.insert(reading.fallbacks.end(), session->fallbacks().begin(),
                             session->fallbacks().end());
  print(reading);
  if (!reading.fallbacks.empty())
    fmt::print("{} nodes had no kernel and ran by their reference (--json names them)\n",
               reading.fallbacks.size());
  if (!json.empty()) write_text(json, to_json(reading).text());
  return 0;
}

}  // namespace atlas::cli
