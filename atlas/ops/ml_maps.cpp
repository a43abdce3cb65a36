// Maps in ai.onnx.ml: made from tensors, and turned into them.
#include <charconv>
#include <map>
#include <unordered_map>

#include "atlas/ops/families.h"
#include "atlas/ops/ml_scores.h"
#include "atlas/ops/result_limit.h"

namespace atlas::ops {
namespace {

using Strings = std::vector<std::string>;

const Map& map_input(const ReferenceContext& context) {
  context.check(context.datum(0).is_map(), "expected a map, got {}", text(context.datum(0)));
  const Map& map = context.datum(0).map();
  context.check(map.keys.element_count() == map.values.element_count(), "a map of {} keys and {} values",
                map.keys.element_count(), map.values.element_count());
  return map;
}

double parsed(const ReferenceContext& context, const std::string& text) {
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  context.check(error == std::errc() && end == text.data() + text.size(), "'{}' is no number", text);
  return out;
}

DType cast_target(const std::string& name) {
  return name == "TO_FLOAT"    ? DType::F32
         : name == "TO_STRING" ? DType::String
         : name == "TO_INT64"  ? DType::I64
                               : DType::Undefined;
}

void infer_cast_map(InferContext& context) {
  const DType dtype = cast_target(context.string("cast_to"));
  const Dim width = context.string("map_form") == "SPARSE" ? Dim(context.integer("max_map")) : Dim();
  context.set_output(0, dtype, Dims{Dim(1), width});
}

// Values in the order of their keys: DENSE side by side, SPARSE each at the place of its key. Gaps between
// strings read "0.f", as in ONNX Runtime.
void cast_map(ReferenceContext& context) {
  const Map& map = map_input(context);
  const std::string form = context.string("map_form");
  const DType dtype = cast_target(context.string("cast_to"));
  context.check(form == "DENSE" || form == "SPARSE", "attribute 'map_form' is '{}', expected DENSE or SPARSE",
                form);
  context.check(dtype != DType::Undefined, "attribute 'cast_to' is '{}'", context.string("cast_to"));
  const bool is_sparse = form == "SPARSE";
  std::map<std::int64_t, std::size_t> order;  // key to place in the map
  const std::vector<std::int64_t> keys = to_ints(map.keys);
  for (std::size_t i = 0; i < keys.size(); ++i) order[keys[i]] = i;
  const std::int64_t width = is_sparse ? context.integer("max_map") : static_cast<std::int64_t>(order.size());
  const Shape shape = {1, width};
  check_result_size(context, shape);

  Strings strings(static_cast<std::size_t>(width), "0.f");
  std::vector<double> numbers(static_cast<std::size_t>(width));
  const bool from_strings = map.values.dtype() == DType::String;
  const std::vector<double> values = from_strings ? std::vector<double>() : to_doubles(map.values);
  std::size_t next = 0;
  for (const auto& [key, place] : order) {
    context.check(!is_sparse || (key >= 0 && key < width), "expected keys of 0 to {}, got {}", width - 1,
                  key);
    const std::size_t at = is_sparse ? static_cast<std::size_t>(key) : next++;
    if (dtype == DType::String) {
      strings[at] =
          from_strings ? map.values.values<std::string>()[place] : fmt::format("{:.6f}", values[place]);
    } else {
      numbers[at] = from_strings ? parsed(context, map.values.values<std::string>()[place]) : values[place];
    }
  }
  if (dtype == DType::String) {
    context.set_output(0, Tensor::of<std::string>(shape, strings));
  } else {
    context.set_doubles(0, dtype, shape, numbers);
  }
}

void infer_dict_vectorizer(InferContext& context) {
  const Attribute* strings = context.attribute("string_vocabulary");
  const std::size_t count =
      strings ? std::get<Strings>(*strings).size() : context.ints("int64_vocabulary").size();
  const Type& type = context.input(0);
  const DType dtype = type.kind == Type::Kind::Map ? type.element.front().dtype : DType::Undefined;
  context.set_output(0, dtype, Dims{Dim(1), Dim(static_cast<std::int64_t>(count))});
}

/// Places of the vocabulary's words in the map's keys, the key count where a word is not there.
template <typename Words, typename Keys>
std::vector<std::size_t> places(const Words& vocabulary, const Keys& keys) {
  std::unordered_map<typename Words::value_type, std::size_t> at;
  for (std::size_t i = 0; i < keys.size(); ++i) at[keys[i]] = i;
  std::vector<std::size_t> out;
  for (const auto& word : vocabulary) {
    const auto found = at.find(word);
    out.push_back(found == at.end() ? keys.size() : found->second);
  }
  return out;
}

// One row, as in ONNX Runtime; keys that the vocabulary does not hold are ignored.
void dict_vectorizer(ReferenceContext& context) {
  const Map& map = map_input(context);
  const bool is_string = map.keys.dtype() == DType::String;
  context.check(context.has_attribute(is_string ? "string_vocabulary" : "int64_vocabulary"),
                "expected a vocabulary of {}", is_string ? "strings" : "integers");
  const std::vector<std::size_t> at =
      is_string ? places(context.strings("string_vocabulary"), map.keys.values<std::string>())
                : places(context.ints("int64_vocabulary"), to_ints(map.keys));
  const Shape shape = {1, static_cast<std::int64_t>(at.size())};
  const auto vector = [&](const auto& values, auto out) {
    for (std::size_t i = 0; i < at.size(); ++i)
      if (at[i] < values.size()) out[i] = values[at[i]];
    return out;
  };
  if (map.values.dtype() == DType::String) {
    context.set_output(
        0, Tensor::of<std::string>(shape, vector(map.values.values<std::string>(), Strings(at.size()))));
  } else if (is_floating(map.values.dtype())) {
    context.set_doubles(0, map.values.dtype(), shape,
                        vector(to_doubles(map.values), std::vector<double>(at.size())));
  } else {
    context.set_integers(0, map.values.dtype(), shape,
                         vector(to_ints(map.values), std::vector<std::int64_t>(at.size())));
  }
}

void infer_zip_map(InferContext& context) {
  input_row_count(context);
  context.set_output(0,
                     Type::sequence(Type::map(class_label_dtype(context), Type::tensor(DType::F32, Dims{}))));
}

void zip_map(ReferenceContext& context) {
  const ClassLabels labels = class_labels(context, "classlabels_int64s");
  const Rows rows = input_rows(context);
  context.check(rows.features == labels.size(), "expected {} columns, one for each label, got {}",
                labels.size(), rows.features);
  std::vector<std::size_t> all(labels.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const Tensor keys = labels.at(all);
  const auto values = context.input(0).values<float>();
  Sequence out;
  for (std::size_t row = 0; row < rows.count; ++row)
    out.push_back(
        Map{keys, Tensor::of<float>(keys.shape(), values.subspan(row * rows.features, rows.features))});
  context.set_output(0, std::move(out));
}

// Maps and sequences of maps; their keys and values are checked by the references.
constexpr TypeSet maps() {
  TypeSet out;
  out.other = true;
  return out;
}

}  // namespace

std::vector<OpDef> ml_maps() {
  return {
      {.domain = "ai.onnx.ml",
       .name = "CastMap",
       .schema = {"X:T1 -> Y:T2",
                  {{"T1", maps()}, {"T2", {DType::String, DType::F32, DType::I64}}},
                  {{"cast_to", "TO_FLOAT"}, {"map_form", "DENSE"}, {"max_map", 1}}},
       .infer = infer_cast_map,
       .reference = cast_map},
      {.domain = "ai.onnx.ml",
       .name = "DictVectorizer",
       .schema = {"X:T1 -> Y:T2",
                  {{"T1", maps()}, {"T2", {DType::I64, DType::F32, DType::F64, DType::String}}},
                  {{"string_vocabulary", AttributeKind::Strings},
                   {"int64_vocabulary", AttributeKind::Integers}}},
       .infer = infer_dict_vectorizer,
       .reference = dict_vectorizer},
      {.domain = "ai.onnx.ml",
       .name = "ZipMap",
       .schema = {"X:f32 -> Z:T",
                  {{"T", maps()}},
                  {{"classlabels_strings", AttributeKind::Strings},
                   {"classlabels_int64s", AttributeKind::Integers}}},
       .infer = infer_zip_map,
       .reference = zip_map},
  };
}

}  // namespace atlas::ops
