// An OCR recipe in YAML: which models, and how pictures go in and text comes out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "atlas/base/yaml.h"
#include "atlas/pipeline/ocr.h"

namespace atlas {

/// Files are named MANIFEST/PATH: a file of the package that zoo/manifests/MANIFEST.yaml describes.
struct OcrRecipe {
  std::string detect_model;
  std::string classify_model;
  std::string recognise_model;
  std::string dictionary;  // one label a line
  OcrOptions options;      // `labels` still empty
};

/// Throws InvalidArgument "file:line: path: expected X, got Y" on missing, unknown or wrong members.
OcrRecipe parse_ocr_recipe(const Yaml& yaml);

/// The labels of a CTC recogniser of PP-OCR: blank, the lines of the file, a space. Throws InvalidArgument on
/// a file without lines.
std::vector<std::string> read_dictionary(const std::filesystem::path& path);

}  // namespace atlas
