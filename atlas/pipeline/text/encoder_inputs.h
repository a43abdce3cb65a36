// Tokens as the inputs of an encoder: input_ids, attention_mask, token_type_ids.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "atlas/pipeline/text/encoding.h"
#include "atlas/run/session.h"

namespace atlas {

/// Throws InvalidArgument, opening with `what`, unless the session takes input_ids and nothing beyond
/// attention_mask and token_type_ids.
void check_encoder(const Session& session, std::string_view what);

/// In the order of the session, which `check_encoder` knows: I64 [batch, tokens] each. The encodings are of
/// one length, and one at least.
std::vector<Datum> encoder_inputs(const Session& session, std::span<const Encoding> batch);

/// I64 [batch, tokens]: 0 for padding.
Tensor attention_masks(std::span<const Encoding> batch);

}  // namespace atlas
