// The part of `atlas predict` that needs no model file: networks by name or config.json.
#pragma once

#include <string>

#include "atlas/plan/workload.h"
#include "atlas/timeline/timeline.h"
#include "cli/command_line.h"
#include "cli/predict_all.h"

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
  double zero = 0;
  std::string recompute;
  std::string runtime = "fused";

  void add_to(CommandLine& line);
};

/// Whether `model` is a network's name or a config.json.
bool is_workload(const std::string& model);

/// Throws InvalidArgument on what cannot be.
Workload make_workload(const std::string& model, const WorkloadOptions& options, const std::string& dtype);

/// Its prediction on a device; several chips need a node.
Answer answer_for(const Workload& workload, const Device& device);

/// Time, throughput, memory, energy.
void print_answer(const Workload& workload, const Answer& answer, const Chip& chip);

}  // namespace atlas::cli
