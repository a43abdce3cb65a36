// Preparation of features in ai.onnx.ml: choosing, joining, scaling and filling columns.
#include <algorithm>
#include <cmath>

#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"
#include "atlas/ops/ml_scores.h"
#include "atlas/ops/result_limit.h"

namespace atlas::ops {
namespace {

void infer_array_feature_extractor(InferContext& context) {
  if (!context.dims(0)) return context.set_output(0, context.dtype(0), std::nullopt);
  Dims dims = *context.dims(0);
  context.check(!dims.empty(), "expected an input of rank 1 or more, got a scalar");
  dims.back() = context.dims(1) ? product(*context.dims(1)) : Dim();
  if (dims.size() == 1) dims.insert(dims.begin(), Dim(1));
  context.set_output(0, context.dtype(0), dims);
}

// Columns of the last axis; an input of rank 1 is one row.
void array_feature_extractor(ReferenceContext& context) {
  Shape shape = context.shape(0);
  context.check(!shape.empty(), "expected an input of rank 1 or more, got a scalar");
  const std::int64_t width = shape.back();
  const std::vector<std::int64_t> columns = context.integers(1);
  for (const std::int64_t column : columns)
    context.check(column >= 0 && column < width, "column {} is not one of {}", column, width);
  const std::size_t rows =
      width == 0 ? 0 : context.input(0).element_count() / static_cast<std::size_t>(width);
  shape.back() = static_cast<std::int64_t>(columns.size());
  if (shape.size() == 1) shape.insert(shape.begin(), 1);
  check_result_size(context, shape);

  const auto pick = [&](const auto& values) {
    auto out = values;
    out.clear();
    for (std::size_t row = 0; row < rows; ++row)
      for (const std::int64_t column : columns)
        out.push_back(values[row * static_cast<std::size_t>(width) + static_cast<std::size_t>(column)]);
    return out;
  };
  if (context.dtype(0) == DType::String) {
    const auto values = context.input(0).values<std::string>();
    const auto out = pick(std::vector<std::string>(values.begin(), values.end()));
    context.set_output(0, Tensor::of<std::string>(shape, out));
  } else if (is_floating(context.dtype(0))) {
    context.set_doubles(0, context.dtype(0), shape, pick(context.doubles(0)));
  } else {
    context.set_integers(0, context.dtype(0), shape, pick(context.integers(0)));
  }
}

std::vector<ValueId> decompose_array_feature_extractor(DecomposeContext& context) {
  const auto& dims = context.type(0).dims;
  if (!dims || dims->empty()) return {};
  Formula f{context};
  const ValueId x = dims->size() == 1 ? f.unsqueeze(f.input(0), {0}) : f.input(0);
  return {f.op("Gather", {x, f.reshape(f.input(1), {-1})}, {{"axis", std::int64_t{-1}}})};
}

void binarizer(ReferenceContext& context) {
  const double threshold = context.real("threshold");
  std::vector<double> values = context.doubles(0);
  for (double& value : values) value = value > threshold;
  context.set_doubles(0, context.dtype(0), context.shape(0), values);
}

void infer_feature_vectorizer(InferContext& context) {
  const std::vector<std::int64_t> widths = context.ints("inputdimensions");
  Dim width(0);
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    const auto& dims = context.dims(i);
    width = width + (i < widths.size() ? Dim(widths[i]) : dims && !dims->empty() ? dims->back() : Dim());
  }
  context.set_output(0, DType::F32, Dims{input_row_count(context), width});
}

// Each input is cut or filled with zeros to its width in 'inputdimensions'.
void feature_vectorizer(ReferenceContext& context) {
  std::vector<std::int64_t> widths = context.ints("inputdimensions");
  context.check(widths.empty() || widths.size() == context.input_count(),
                "expected {} input dimensions, got {}", context.input_count(), widths.size());
  const Rows rows = input_rows(context);
  std::int64_t width = 0;
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    const Shape& shape = context.shape(i);
    const bool fits = shape.size() == 2 ? shape[0] == static_cast<std::int64_t>(rows.count)
                                        : shape.size() == 1 && rows.count == 1;
    context.check(fits, "expected {} rows in input {}, got shape {}", rows.count, i, text(shape));
    if (widths.size() <= i) widths.push_back(shape.back());
    check_result_size(context, {widths[i]});
    width += widths[i];
  }
  const Shape out_shape = {static_cast<std::int64_t>(rows.count), width};
  check_result_size(context, out_shape);
  std::vector<double> out(element_count(out_shape));
  std::int64_t at = 0;
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    const std::vector<double> values = context.doubles(i);
    const std::int64_t given = context.shape(i).back();
    for (std::size_t row = 0; row < rows.count; ++row)
      for (std::int64_t k = 0; k < std::min(given, widths[i]); ++k)
        out[row * static_cast<std::size_t>(width) + static_cast<std::size_t>(at + k)] =
            values[row * static_cast<std::size_t>(given) + static_cast<std::size_t>(k)];
    at += widths[i];
  }
  context.set_doubles(0, DType::F32, out_shape, out);
}

/// Columns of the last axis, 1 for a scalar.
std::size_t feature_count(const ReferenceContext& context) {
  return context.shape(0).empty() ? 1 : static_cast<std::size_t>(context.shape(0).back());
}

/// In f32, where a decomposition computes as exactly as the reference; None elsewhere.
ValueId as_f32(Formula& f) {
  const DType dtype = f.context.type(0).dtype;
  if (dtype == DType::F32) return f.input(0);
  return dtype == DType::I32 || dtype == DType::I64 ? f.cast(f.input(0), DType::F32) : ValueId::None;
}

/// Numbers of an attribute as one or one for each column of input 0; None where they do not fit that for
/// certain.
ValueId by_column(Formula& f, std::string_view attribute) {
  const Attribute* given = f.context.attribute(attribute);
  const auto* numbers = given ? std::get_if<std::vector<float>>(given) : nullptr;
  const auto& dims = f.context.type(0).dims;
  if (numbers == nullptr || numbers->empty() || !dims || dims->empty()) return ValueId::None;
  if (numbers->size() == 1) return f.builder.scalar(numbers->front());
  const auto count = static_cast<std::int64_t>(numbers->size());
  if (dims->back() != Dim(count)) return ValueId::None;
  return f.builder.constant(Tensor::of<float>({count}, *numbers));
}

template <typename T, typename U>
std::vector<T> imputed(const ReferenceContext& context, std::vector<T> values, const std::vector<U>& fill,
                       U replaced) {
  const std::size_t features = feature_count(context);
  context.check(fill.size() == 1 || (fill.size() == features && features > 0),
                "expected 1 or {} imputed values, got {}", features, fill.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool both_nan = values[i] != values[i] && replaced != replaced;
    if (both_nan || values[i] == replaced) values[i] = fill[fill.size() == 1 ? 0 : i % features];
  }
  return values;
}

void imputer(ReferenceContext& context) {
  const DType dtype = context.dtype(0);
  if (is_floating(dtype)) {
    context.set_doubles(0, dtype, context.shape(0),
                        imputed(context, context.doubles(0), context.reals("imputed_value_floats"),
                                context.real("replaced_value_float")));
  } else {
    context.set_integers(0, dtype, context.shape(0),
                         imputed(context, context.integers(0), context.ints("imputed_value_int64s"),
                                 context.integer("replaced_value_int64")));
  }
}

std::vector<ValueId> decompose_imputer(DecomposeContext& context) {
  Formula f{context};
  if (context.type(0).dtype != DType::F32) return {};
  const ValueId fill = by_column(f, "imputed_value_floats");
  if (fill == ValueId::None) return {};
  const float replaced = context.real("replaced_value_float");
  const ValueId is_missing = std::isnan(replaced) ? f.op("IsNaN", {f.input(0)})
                                                  : f.op("Equal", {f.input(0), f.builder.scalar(replaced)});
  return {f.op("Where", {is_missing, fill, f.input(0)})};
}

void infer_to_f32(InferContext& context) {
  context.set_output(0, DType::F32, context.dims(0));
}

// MAX divides by the largest value, not the largest magnitude, as the standard's formula says.
double norm_of(const std::string& norm, std::span<const double> row) {
  double out = norm == "MAX" && !row.empty() ? row.front() : 0;
  for (const double value : row) {
    if (norm == "MAX") {
      out = std::max(out, value);
    } else {
      out += norm == "L1" ? std::abs(value) : value * value;
    }
  }
  return norm == "L2" ? std::sqrt(out) : out;
}

void normalizer(ReferenceContext& context) {
  const std::string norm = context.string("norm");
  context.check(norm == "MAX" || norm == "L1" || norm == "L2",
                "attribute 'norm' is '{}', expected MAX, L1 or L2", norm);
  const Rows rows = input_rows(context);
  std::vector<double> values = context.doubles(0);
  for (std::size_t row = 0; row < rows.count; ++row) {
    const std::span<double> part(values.data() + row * rows.features, rows.features);
    const double divisor = norm_of(norm, part);
    if (divisor == 0) continue;
    for (double& value : part) value /= divisor;
  }
  context.set_doubles(0, DType::F32, context.shape(0), values);
}

std::vector<ValueId> decompose_normalizer(DecomposeContext& context) {
  const auto& dims = context.type(0).dims;
  if (!dims || dims->empty() || dims->size() > 2) return {};
  Formula f{context};
  const ValueId x = as_f32(f);
  if (x == ValueId::None) return {};
  const std::string norm = std::get<std::string>(*context.attribute("norm"));
  if (norm != "MAX" && norm != "L1" && norm != "L2") return {};
  const ValueId divisor = f.op("Reduce" + (norm == "MAX" ? "Max" : norm), {x, f.ints({-1})});
  const ValueId is_zero = f.op("Equal", {divisor, f.builder.scalar(0)});
  return {f.div(x, f.op("Where", {is_zero, f.builder.scalar(1), divisor}))};
}

void scaler(ReferenceContext& context) {
  std::vector<float> offset = context.reals("offset");
  std::vector<float> scale = context.reals("scale");
  if (offset.empty()) offset = {0};
  if (scale.empty()) scale = {1};
  const std::size_t features = feature_count(context);
  for (const auto* list : {&offset, &scale})
    context.check(list->size() == 1 || (list->size() == features && features > 0),
                  "expected 1 or {} offsets and scales, got {}", features, list->size());
  std::vector<double> values = context.doubles(0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t feature = i % features;
    values[i] =
        (values[i] - offset[offset.size() == 1 ? 0 : feature]) * scale[scale.size() == 1 ? 0 : feature];
  }
  context.set_doubles(0, DType::F32, context.shape(0), values);
}

std::vector<ValueId> decompose_scaler(DecomposeContext& context) {
  Formula f{context};
  ValueId x = as_f32(f);
  if (x == ValueId::None || !context.type(0).dims) return {};
  for (const auto& [attribute, op] : {std::pair("offset", "Sub"), std::pair("scale", "Mul")}) {
    if (context.attribute(attribute) == nullptr) continue;
    const ValueId numbers = by_column(f, attribute);
    if (numbers == ValueId::None) return {};
    x = f.op(op, {x, numbers});
  }
  return {x == f.input(0) ? f.op("Identity", {x}) : x};
}

}  // namespace

std::vector<OpDef> ml_features() {
  constexpr TypeSet kInputs = {DType::F32, DType::F64, DType::I64, DType::I32};
  std::vector<OpDef> out = {
      {.name = "ArrayFeatureExtractor",
       .schema = {"X:T, Y:i64 -> Z:T", {{"T", kInputs | types::kString}}},
       .infer = infer_array_feature_extractor,
       .reference = array_feature_extractor,
       .decompose = decompose_array_feature_extractor},
      {.name = "Binarizer",
       .schema = {"X:T -> Y:T", {{"T", kInputs}}, {{"threshold", Attribute(0.0f)}}},
       .infer = infer_same_as_first,
       .reference = binarizer},
      {.name = "FeatureVectorizer",
       .schema = {"X:T1* -> Y:f32", {{"T1", kInputs}}, {{"inputdimensions", AttributeKind::Integers}}},
       .infer = infer_feature_vectorizer,
       .reference = feature_vectorizer},
      {.name = "Imputer",
       .schema = {"X:T -> Y:T",
                  {{"T", kInputs}},
                  {{"imputed_value_floats", AttributeKind::Reals},
                   {"replaced_value_float", Attribute(0.0f)},
                   {"imputed_value_int64s", AttributeKind::Integers},
                   {"replaced_value_int64", 0}}},
       .infer = infer_same_as_first,
       .reference = imputer,
       .decompose = decompose_imputer},
      {.name = "Normalizer",
       .schema = {"X:T -> Y:f32", {{"T", kInputs}}, {{"norm", "MAX"}}},
       .infer = infer_to_f32,
       .reference = normalizer,
       .decompose = decompose_normalizer},
      {.name = "Scaler",
       .schema = {"X:T -> Y:f32",
                  {{"T", kInputs}},
                  {{"offset", AttributeKind::Reals}, {"scale", AttributeKind::Reals}}},
       .infer = infer_to_f32,
       .reference = scaler,
       .decompose = decompose_scaler},
  };
  for (OpDef& op : out) op.domain = "ai.onnx.ml";
  return out;
}

}  // namespace atlas::ops
