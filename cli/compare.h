// The three things that `atlas compare` holds against each other.
#pragma once

#include <string>
#include <vector>

#include "atlas/run/session.h"
#include "cli/model_inputs.h"

namespace atlas::cli {

struct CompareOptions {
  std::string before;
  std::string after;  // "" where one model is compared with itself
  std::string json;
  std::size_t shown = 20;

  // Of two runs.
  bool layers = false;  // of two models
  std::string target;   // of the second run
  std::string isa;
  std::string precision;  // that the second run keeps numbers in
  std::vector<std::string> without_passes;
  std::string layers_from;  // a file in place of the second run
  std::string save_layers;  // of the first run
  std::string bisect;
  double tolerance = 1e-3;
  SessionOptions session;
  InputOptions inputs;

  bool asks_for_runs() const {
    return layers || !target.empty() || !isa.empty() || !precision.empty() || !without_passes.empty() ||
           !layers_from.empty() || !save_layers.empty();
  }
};

/// Each prints its answer and gives the exit code: 1 where the two differ.
int compare_models(const CompareOptions& options);
int compare_timelines(const CompareOptions& options);
int compare_runs(const CompareOptions& options);

}  // namespace atlas::cli
