// Fills a template in.
#include "atlas/pipeline/text/post_processor.h"

namespace atlas {
namespace {

using What = TemplatePiece::What;

void append(Encoding& to, const Encoding& from, std::int32_t type_id) {
  to.ids.insert(to.ids.end(), from.ids.begin(), from.ids.end());
  to.type_ids.insert(to.type_ids.end(), from.size(), type_id);
  to.offsets.insert(to.offsets.end(), from.offsets.begin(), from.offsets.end());
  to.attention_mask.insert(to.attention_mask.end(), from.attention_mask.begin(), from.attention_mask.end());
  to.special_mask.insert(to.special_mask.end(), from.special_mask.begin(), from.special_mask.end());
}

}  // namespace

std::size_t PostProcessor::added_count(bool is_pair) const {
  std::size_t count = 0;
  for (const TemplatePiece& piece : is_pair ? pair : single) count += piece.ids.size();
  return count;
}

Encoding PostProcessor::apply(Encoding first, std::optional<Encoding> second) const {
  Encoding out;
  for (const TemplatePiece& piece : second ? pair : single) {
    if (piece.what == What::First) append(out, first, piece.type_id);
    if (piece.what == What::Second) append(out, *second, piece.type_id);
    for (const TokenId id : piece.ids) out.add(id, piece.type_id, {}, true);
  }
  return out;
}

}  // namespace atlas
