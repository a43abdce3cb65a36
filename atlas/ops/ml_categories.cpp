// Categories in ai.onnx.ml: values mapped to values, and to rows of one 1.
#include "atlas/ops/category_table.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/result_limit.h"

namespace atlas::ops {
namespace {

using Strings = std::vector<std::string>;

const Tensor* tensor_attribute(const Attribute* attribute) {
  return attribute == nullptr ? nullptr : std::get_if<Tensor>(attribute);
}

void infer_label_encoder(InferContext& context) {
  DType dtype = DType::F32;
  if (const Tensor* values = tensor_attribute(context.attribute("values_tensor"))) {
    dtype = values->dtype();
  } else if (context.has_attribute("values_strings")) {
    dtype = DType::String;
  } else if (context.has_attribute("values_int64s")) {
    dtype = DType::I64;
  }
  context.set_output(0, dtype, context.dims(0));
}

void infer_category_mapper(InferContext& context) {
  const DType dtype = context.dtype(0) == DType::String ? DType::I64
                      : context.dtype(0) == DType::I64  ? DType::String
                                                        : DType::Undefined;
  context.set_output(0, dtype, context.dims(0));
}

void map_categories(ReferenceContext& context) {
  context.set_output(0, CategoryMap::read(context, context.dtype(0)).map(context.input(0)));
}

void infer_one_hot_encoder(InferContext& context) {
  if (!context.dims(0)) return context.set_output(0, DType::F32, std::nullopt);
  Dims dims = *context.dims(0);
  const Attribute* strings = context.attribute("cats_strings");
  const std::size_t count = strings ? std::get<Strings>(*strings).size() : context.ints("cats_int64s").size();
  dims.emplace_back(static_cast<std::int64_t>(count));
  context.set_output(0, DType::F32, dims);
}

void one_hot_encoder(ReferenceContext& context) {
  const CategoryRows rows = CategoryRows::read(context, context.dtype(0));
  Shape shape = context.shape(0);
  shape.push_back(static_cast<std::int64_t>(rows.width()));
  check_result_size(context, shape);
  const std::vector<std::size_t> at = rows.places(context.input(0));
  std::vector<double> out(element_count(shape));
  for (std::size_t i = 0; i < at.size(); ++i)
    if (at[i] < rows.width()) out[i * rows.width() + at[i]] = 1;
  context.set_doubles(0, DType::F32, shape, out);
}

}  // namespace

std::vector<OpDef> ml_categories() {
  constexpr TypeSet kLabels = {DType::String, DType::I64, DType::F32, DType::I32, DType::I16, DType::F64};
  constexpr TypeSet kPair = {DType::String, DType::I64};
  std::vector<OpDef> out = {
      {.name = "CategoryMapper",
       .schema = {"X:T1 -> Y:T2",
                  {{"T1", kPair}, {"T2", kPair}},
                  {{"cats_strings", AttributeKind::Strings},
                   {"cats_int64s", AttributeKind::Integers},
                   {"default_string", "_Unused"},
                   {"default_int64", -1}}},
       .infer = infer_category_mapper,
       .reference = map_categories},
      {.name = "LabelEncoder",
       .schema = {"X:T1 -> Y:T2",
                  {{"T1", kLabels}, {"T2", kLabels}},
                  {{"keys_strings", AttributeKind::Strings},
                   {"keys_int64s", AttributeKind::Integers},
                   {"keys_floats", AttributeKind::Reals},
                   {"keys_tensor", AttributeKind::Tensor},
                   {"values_strings", AttributeKind::Strings},
                   {"values_int64s", AttributeKind::Integers},
                   {"values_floats", AttributeKind::Reals},
                   {"values_tensor", AttributeKind::Tensor},
                   {"default_string", "_Unused"},
                   {"default_int64", -1},
                   {"default_float", Attribute(-0.0f)},
                   {"default_tensor", AttributeKind::Tensor}}},
       .infer = infer_label_encoder,
       .reference = map_categories},
      {.name = "OneHotEncoder",
       .schema = {"X:T -> Y:f32",
                  {{"T", {DType::String, DType::I64, DType::I32, DType::F32, DType::F64}}},
                  {{"cats_int64s", AttributeKind::Integers},
                   {"cats_strings", AttributeKind::Strings},
                   {"zeros", 1}}},
       .infer = infer_one_hot_encoder,
       .reference = one_hot_encoder},
  };
  for (OpDef& op : out) op.domain = "ai.onnx.ml";
  return out;
}

}  // namespace atlas::ops
