// Contents have rank 0 or 1: broadcasting repeats the one element of the shorter.
#include "atlas/ops/content_arithmetic.h"

#include <algorithm>

namespace atlas {

void combine_contents(InferContext& context, Dim (*combine)(const Dim& a, const Dim& b)) {
  const std::optional<Dims> a = context.content(0);
  const std::optional<Dims> b = context.content(1);
  if (!a || !b || (a->size() != b->size() && a->size() != 1 && b->size() != 1)) return;
  Dims out(a->size() == 1 ? b->size() : a->size());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = combine((*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]);
  context.set_content(0, std::move(out));
}

}  // namespace atlas
