// The tensors of a PyTorch checkpoint (.pth, .pt): a state_dict, as torch.save writes it.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "atlas/tensor/npz.h"

namespace atlas {

/// Tensors by name, in the checkpoint's order, each a copy of its own. Both containers of torch.save are
/// read: the ZIP archive of PyTorch 1.6 and newer, and the older stream. A checkpoint is a dict of tensors,
/// or holds one under "state_dict"; what else is in it is left out. Nothing of the pickle is run. Throws
/// InvalidArgument on damage and on whatever a state_dict does not need, Unsupported on big-endian files,
/// ResourceExhausted on sizes beyond the file's.
NamedTensors parse_state_dict(std::span<const std::uint8_t> bytes, std::string_view where);

NamedTensors read_state_dict(const std::filesystem::path& path);

}  // namespace atlas
