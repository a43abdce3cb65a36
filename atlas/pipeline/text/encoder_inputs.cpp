// Inputs are told apart by their names, which all exporters agree on.
#include "atlas/pipeline/text/encoder_inputs.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {
namespace {

template <typename T>
Tensor rows_of(std::span<const Encoding> batch, const std::vector<T> Encoding::*list) {
  Tensor out(DType::I64,
             {static_cast<std::int64_t>(batch.size()), static_cast<std::int64_t>(batch[0].size())});
  auto to = out.values_mutable<std::int64_t>().begin();
  for (const Encoding& encoding : batch) to = std::ranges::copy(encoding.*list, to).out;
  return out;
}

}  // namespace

void check_encoder(const Session& session, std::string_view what) {
  bool takes_ids = false;
  for (const Port& input : session.inputs()) {
    takes_ids = takes_ids || input.name == "input_ids";
    require(input.name == "input_ids" || input.name == "attention_mask" || input.name == "token_type_ids",
            "{}: expected inputs input_ids, attention_mask and token_type_ids, got '{}'", what, input.name);
  }
  require(takes_ids, "{}: expected an input input_ids", what);
}

std::vector<Datum> encoder_inputs(const Session& session, std::span<const Encoding> batch) {
  std::vector<Datum> out;
  for (const Port& input : session.inputs()) {
    if (input.name == "input_ids") {
      out.emplace_back(rows_of(batch, &Encoding::ids));
    } else if (input.name == "attention_mask") {
      out.emplace_back(attention_masks(batch));
    } else {
      out.emplace_back(rows_of(batch, &Encoding::type_ids));
    }
  }
  return out;
}

Tensor attention_masks(std::span<const Encoding> batch) {
  return rows_of(batch, &Encoding::attention_mask);
}

}  // namespace atlas
