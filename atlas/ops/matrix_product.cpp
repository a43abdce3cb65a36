// Promotion of vectors, broadcasting of stacks.
#include "atlas/ops/matrix_product.h"

namespace atlas::ops {

MatrixProduct plan_product(const ReferenceContext& context, const Shape& a, const Shape& b) {
  context.check(!a.empty() && !b.empty(), "expected operands of rank 1 or more, got {} and {}", text(a),
                text(b));
  MatrixProduct out;
  out.a = a;
  out.b = b;
  if (a.size() == 1) out.a.insert(out.a.begin(), 1);
  if (b.size() == 1) out.b.push_back(1);
  out.rows = out.a[out.a.size() - 2];
  out.inner = out.a.back();
  out.columns = out.b.back();
  context.check(out.b[out.b.size() - 2] == out.inner, "expected inner extents that agree, got {} and {}",
                text(a), text(b));
  out.batch = broadcast(Shape(out.a.begin(), out.a.end() - 2), Shape(out.b.begin(), out.b.end() - 2));
  out.stacked = out.batch;
  out.stacked.push_back(out.rows);
  out.stacked.push_back(out.columns);
  out.output = out.batch;
  if (a.size() > 1) out.output.push_back(out.rows);
  if (b.size() > 1) out.output.push_back(out.columns);
  return out;
}

void infer_product(InferContext& context, std::size_t a_input, std::size_t b_input, DType dtype) {
  if (!context.dims(a_input) || !context.dims(b_input)) return context.set_output(0, dtype, std::nullopt);
  const Dims& a = *context.dims(a_input);
  const Dims& b = *context.dims(b_input);
  context.check(!a.empty() && !b.empty(), "expected operands of rank 1 or more, got {} and {}", text(a),
                text(b));
  const Dim& left = a.back();
  const Dim& right = b.size() == 1 ? b[0] : b[b.size() - 2];
  context.check(!left.is_constant() || !right.is_constant() || left == right,
                "expected inner extents that agree, got {} and {}", text(a), text(b));
  const auto batch = [](const Dims& dims) {
    return dims.size() <= 2 ? Dims() : Dims(dims.begin(), dims.end() - 2);
  };
  Dims out = broadcast_dims(context, batch(a), batch(b));
  if (a.size() > 1) out.push_back(a[a.size() - 2]);
  if (b.size() > 1) out.push_back(b.back());
  context.set_output(0, dtype, std::move(out));
}

}  // namespace atlas::ops
