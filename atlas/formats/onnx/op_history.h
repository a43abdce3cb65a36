// Every version of every operator of ONNX, and how one becomes the next.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "atlas/formats/onnx/conversion.h"

namespace atlas::onnx {

/// A version of an operator. Without steps it means, for every node the version before it allowed, the same.
struct OpVersion {
  OpVersion(int number) : version(number) {}
  OpVersion(int number, Step upgrade, Step downgrade = nullptr, std::string_view news = "")
      : version(number), up(upgrade), down(downgrade), added(news) {}
  OpVersion(int number, std::string_view news) : version(number), added(news) {}

  /// A version that forbids the operator.
  static OpVersion deprecated(int number) {
    OpVersion out(number);
    out.is_deprecated = true;
    return out;
  }

  int version;
  bool is_deprecated = false;
  Step up = nullptr;    // from the version before to this one
  Step down = nullptr;  // from this one to the version before; from the first one, to another operator
  /// Attributes that came with this version, with the text of the default under which they change nothing:
  /// "allowzero=0"; "#3" says that inputs from position 3 on came with it.
  std::string_view added;
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
