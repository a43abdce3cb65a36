// Matrix products of 8-bit operands with scales and zero points.
#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/matrix_product.h"
#include "atlas/ops/requantize.h"

namespace atlas::ops {
namespace {

constexpr TypeSet kBytes = {DType::I8, DType::U8};
constexpr TypeSet kQuantised =
    kBytes | TypeSet{DType::F8E4M3FN, DType::F8E4M3FNUZ, DType::F8E5M2, DType::F8E5M2FNUZ};

// Whether a list of parameters counts the rows or the columns of a matrix.
enum class Along { Rows, Columns };

// Scales or zero points as one for each element of `to`: a scalar, one for each row or column, or any shape
// that broadcasts. `otherwise` where the input is left out.
std::vector<double> spread(const ReferenceContext& context, std::size_t input, const Shape& to, Along along,
                           double otherwise) {
  if (!context.has_input(input)) return std::vector<double>(element_count(to), otherwise);
  Shape shape = context.shape(input);
  if (context.input(input).element_count() == 1) shape.clear();
  if (shape.size() == 1 && along == Along::Rows) shape.push_back(1);
  context.check(shape.size() <= to.size() && broadcast(shape, to) == to,
                "expected scales and zero points that broadcast to {}, got {}", text(to), text(shape));
  return broadcast_values(context.doubles(input), shape, to);
}

std::vector<double> centred(const ReferenceContext& context, std::size_t input, std::size_t zero_input,
                            const Shape& shape, Along along) {
  std::vector<double> values = context.doubles(input);
  const std::vector<double> zeros = spread(context, zero_input, shape, along, 0);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= zeros[i];
  return values;
}

void reference_matmul_integer(ReferenceContext& context) {
  const MatrixProduct plan = plan_product(context, context.shape(0), context.shape(1));
  context.set_doubles(0, DType::I32, plan.output,
                      multiply(plan, centred(context, 0, 2, plan.a, Along::Rows),
                               centred(context, 1, 3, plan.b, Along::Columns)));
}

void reference_qlinear_matmul(ReferenceContext& context) {
  const MatrixProduct plan = plan_product(context, context.shape(0), context.shape(3));
  std::vector<double> y = multiply(plan, centred(context, 0, 2, plan.a, Along::Rows),
                                   centred(context, 3, 5, plan.b, Along::Columns));
  const std::vector<double> a_scales = spread(context, 1, plan.stacked, Along::Rows, 1);
  const std::vector<double> b_scales = spread(context, 4, plan.stacked, Along::Columns, 1);
  const std::vector<double> y_scales = spread(context, 6, plan.stacked, Along::Rows, 1);
  const std::vector<double> y_zeros = spread(context, 7, plan.stacked, Along::Rows, 0);
  const DType dtype = context.dtype(7);
  const bool to_integers = is_integer(dtype);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const float scale =
        static_cast<float>(a_scales[i]) * static_cast<float>(b_scales[i]) / static_cast<float>(y_scales[i]);
    y[i] = to_integers
               ? static_cast<double>(requantize(y[i], scale, static_cast<std::int64_t>(y_zeros[i]), dtype))
               : y[i] * scale + y_zeros[i];
  }
  context.set_doubles(0, dtype, plan.output, y);
}

Cost cost_product(const CostContext& context) {
  Cost cost = context.traffic();
  const double inner = static_cast<double>(context.input_shape(0).back());
  cost.add_operations(context.input_dtype(0), 2 * inner * context.output_elements(0));
  return cost;
}

}  // namespace

std::vector<OpDef> quantized_matmul() {
  return {
      {.name = "MatMulInteger",
       .schema = {"A:T1, B:T2, a_zero_point?:T1, b_zero_point?:T2 -> Y:i32",
                  {{"T1", kBytes}, {"T2", kBytes}}},
       .infer = [](InferContext& context) { infer_product(context, 0, 1, DType::I32); },
       .reference = reference_matmul_integer,
       .cost = cost_product},
      {.name = "QLinearMatMul",
       .schema = {"a:T1, a_scale:TS, a_zero_point:T1, b:T2, b_scale:TS, b_zero_point:T2, y_scale:TS, "
                  "y_zero_point:T3 -> y:T3",
                  {{"TS", {DType::F32, DType::F16, DType::BF16}},
                   {"T1", kQuantised},
                   {"T2", kQuantised},
                   {"T3", kQuantised}}},
       .infer = [](InferContext& context) { infer_product(context, 0, 3, context.dtype(7)); },
       .reference = reference_qlinear_matmul,
       .cost = cost_product},
  };
}

}  // namespace atlas::ops
