// The harness that proves kernels: one-node graphs run by a Session and by the reference implementations.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/tensor/compare.h"
#include "atlas/tensor/datum.h"

namespace atlas {

/// One node and the inputs it runs on.
struct KernelCase {
  std::string op;             // "Relu" or "com.microsoft::Gelu"
  std::vector<Datum> inputs;  // an empty Datum: left out
  Attributes attributes = {};
  std::size_t outputs = 1;
  Tolerance tolerance = {1e-4, 1e-5};
};

/// Checks for each case that no node runs by its reference, and that a Session of one and of two threads
/// gives what interpret() gives, and one of a compiled file the same bits; once with every input given at run
/// time, once with all but the first constant.
void check_kernels(const std::vector<KernelCase>& cases);

/// The same for a graph of any number of nodes.
void check_graph(const Graph& graph, const std::vector<Datum>& inputs, const Tolerance& tolerance);

/// Checks that a Session throws Error on running the case, and that the message holds `fragment`.
void check_kernel_error(const KernelCase& kernel_case, const std::string& fragment);

/// Tensors with random content, the same for every run of a test.
class RandomTensors {
 public:
  Tensor floats(Shape shape, float low = -2, float high = 2);
  Tensor bools(Shape shape);
  /// Numbers of [low, high], both ends included.
  template <typename T>
  Tensor integers(Shape shape, std::int64_t low, std::int64_t high) {
    Tensor out(dtype_of<T>, std::move(shape));
    std::uniform_int_distribution<std::int64_t> uniform(low, high);
    for (T& value : out.values_mutable<T>()) value = static_cast<T>(uniform(generator_));
    return out;
  }

 private:
  std::mt19937 generator_{7};
};

/// A tensor of rank 1.
inline Tensor int64s(std::vector<std::int64_t> values) {
  return Tensor::of_ints(values);
}

}  // namespace atlas
