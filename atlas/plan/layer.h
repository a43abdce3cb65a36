// A network without weights: a list of layers with their sizes.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "atlas/plan/attention_model.h"
#include "atlas/plan/convolution_model.h"
#include "atlas/plan/gemm_model.h"
#include "atlas/plan/streaming_model.h"

namespace atlas {

/// Element-wise work, or whatever else only moves tensors: how many of them it reads to write one.
struct Pointwise {
  double elements = 0;        // of the result
  double reads = 1;           // tensors of that size
  double training_reads = 1;  // where statistics are made as well
  double gradient_reads = 2;  // by its gradient, which writes one; 0: the gradient passes through
};

/// Layers that are alike stand as one with a count. Number formats are left open: `Gemm::format` and
/// `element_bytes` are set where a network becomes steps.
struct Layer {
  std::string name;
  std::variant<Gemm, Convolution, Attention, RowWise, Pointwise> sizes;
  double count = 1;
  double parameters = 0;  // learned numbers of one
  bool training_only = false;
  bool first = false;  // of the network: its input needs no gradient
};

struct Network {
  std::string name;
  double samples = 1;  // in a batch: pictures or sequences
  std::vector<Layer> layers;

  double parameters() const {
    double total = 0;
    for (const Layer& layer : layers) total += layer.count * layer.parameters;
    return total;
  }
};

}  // namespace atlas
