// Workloads for tests.
#pragma once

#include <string>

#include "atlas/plan/workload_table.h"

namespace atlas {

inline Workload workload_of(const std::string& model, const char* mode, const char* runtime, double batch,
                            double tokens) {
  Workload workload;
  set_model(workload, model);
  workload.batch = batch;
  workload.tokens = tokens;
  set_mode(workload, mode);
  workload.lowering.runtime = &runtime_named(runtime);
  workload.lowering.format = &number_format(workload.dtype);
  return workload;
}

inline Workload trained(const std::string& model, const char* runtime, double batch, double tokens) {
  return workload_of(model, "train", runtime, batch, tokens);
}

inline Workload inferred(const std::string& model, const char* runtime, double batch, double tokens) {
  return workload_of(model, "infer", runtime, batch, tokens);
}

}  // namespace atlas
