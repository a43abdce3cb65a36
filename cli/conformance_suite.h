// The ONNX backend suite on disk: its cases, and the judgement of one of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "atlas/run/session.h"
#include "atlas/tensor/compare.h"

namespace atlas::cli {

/// One case: a model with recorded inputs and outputs, or (under `real`) with inputs made by the suite's
/// rule.
struct ConformanceCase {
  std::string folder;  // "node", "simple", ...
  std::string name;    // "test_add"
  std::filesystem::path model;
  std::vector<std::filesystem::path>
      data_sets;                               // folders with input_*.pb and output_*.pb; empty: made inputs
  std::vector<std::filesystem::path> outputs;  // of made inputs
  Tolerance tolerance;
};

/// All cases below `root`, in order of their names: folders that hold a model.onnx, and those whose data.json
/// names a model of the suite's `light` folder. Throws NotFound where there is none.
std::vector<ConformanceCase> find_cases(const std::filesystem::path& root);

/// "" where the case passes, else the reason. Where a model with random operators gives other numbers than
/// the recorded draw, it is judged by type, shape, that the same seed gives the same draw, and that the mean
/// over many seeds fits the recorded draw; `judged_by_mean` is set then. Throws Error where the model does
/// not load or run.
std::string judge(const ConformanceCase& test, const Registry& registry, const SessionOptions& options,
                  bool& judged_by_mean);

}  // namespace atlas::cli
