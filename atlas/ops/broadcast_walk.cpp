// Broadcasting by the strides of the smaller shape.
#include "atlas/ops/broadcast_walk.h"

namespace atlas {

std::vector<std::size_t> broadcast_indices(const Shape& shape, const Shape& to) {
  const std::vector<std::int64_t> strides = broadcast_strides(shape, to);
  std::vector<std::size_t> out(element_count(to));
  Shape at(to.size(), 0);
  std::int64_t from = 0;
  for (std::size_t& index : out) {
    index = static_cast<std::size_t>(from);
    for (std::size_t axis = to.size(); axis-- > 0;) {
      from += strides[axis];
      if (++at[axis] < to[axis]) break;
      from -= strides[axis] * to[axis];
      at[axis] = 0;
    }
  }
  return out;
}

Shape broadcast_inputs(const ReferenceContext& context) {
  Shape out = context.shape(0);
  for (std::size_t i = 1; i < context.input_count(); ++i) {
    try {
      out = broadcast(out, context.shape(i));
    } catch (const Error& error) {
      context.check(false, "{}", error.what());
    }
  }
  return out;
}

}  // namespace atlas
