// Tensors in files: NumPy's .npy and .npz, PyTorch's checkpoints. Their heads say which; the rest is tried as
// a checkpoint.
#include "atlas/formats/torch/state_dict.h"
#include "atlas/tensor/npy.h"
#include "atlas/tensor/npz.h"
#include "tests/fuzz/targets.h"

namespace atlas::fuzz {

void checkpoint(Bytes bytes) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 26;
  if (text(bytes).starts_with("\x93NUMPY")) {
    parse_npy(bytes, "tensor");
  } else if (text(bytes).find(".npy") != std::string_view::npos) {
    parse_npz(bytes, "tensors", kMostBytes);
  } else {
    parse_state_dict(bytes, "checkpoint");
  }
}

}  // namespace atlas::fuzz
