// The part of `atlas predict` that needs no model file: networks by name or config.json.
#pragma once

#include <string>

#include "atlas/timeline/timeline.h"
#include "cli/command_line.h"
#include "cli/device.h"

namespace atlas::cli {

struct WorkloadOptions {
  bool trains = false;
  std::string mode;
  double batch = 1;
  double micro_batch = 0;
  double tokens = 0;
  double past = 0;
  double picture = 0;
  double tensor = 1;
  double pipeline = 1;
  double data = 1;
  double interleave = 1;
  bool sequence_parallel = false;
  std::string recompute;
  std::string runtime = "fused";

  void add_to(CommandLine& line);
};

/// Whether `model` is a network's name or a config.json.
bool is_workload(const std::string& model);

/// Prints time, throughput, energy and memory; returns the timeline. Throws InvalidArgument on what cannot
/// be.
Timeline predict_workload(const std::string& model, const WorkloadOptions& options, const std::string& dtype,
                          const Device& device);

}  // namespace atlas::cli
