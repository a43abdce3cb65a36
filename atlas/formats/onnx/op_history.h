// Every version of every operator of ONNX, and how one becomes the next.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "atlas/formats/onnx/conversion.h"

namespace atlas::onnx {

/// A version of an operator. Without steps it means, for every node the version before it allowed, the same.
struct OpVersion {
  OpVersion(int number, Step upgrade = nullptr, Step downgrade = nullptr)
      : version(number), up(upgrade), down(downgrade) {}

  int version;
  Step up;    // from the version before to this one
  Step down;  // from this one to the version before
};

struct OpHistory {
  std::string_view domain;
  std::string_view op;
  std::vector<OpVersion> versions;  // ascending
};

/// In order of domain and name.
std::span<const OpHistory> op_histories();

/// nullptr where ONNX has no such operator.
const OpHistory* find_history(std::string_view domain, std::string_view op);

}  // namespace atlas::onnx
