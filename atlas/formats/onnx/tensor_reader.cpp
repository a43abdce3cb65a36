// The fields of a TensorProto gathered first, then made a tensor of whichever holds the elements.
#include "atlas/formats/onnx/tensor_reader.h"

#include <charconv>
#include <complex>
#include <cstring>
#include <optional>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/wire.h"
#include "atlas/tensor/elements.h"

namespace atlas::onnx {
namespace {

// Numbers of fixed size: one packed stretch stays a view, anything else is gathered.
template <typename Number>
struct FixedField {
  std::string_view packed;
  std::vector<Number> gathered;

  void read(Message& message) {
    if (packed.empty() && gathered.empty() && message.is_packed()) {
      packed = message.bytes();
      return;
    }
    if (!packed.empty()) {
      require(packed.size() % sizeof(Number) == 0, "packed numbers of {} bytes take {}", sizeof(Number),
              packed.size());
      gathered.resize(packed.size() / sizeof(Number));
      std::memcpy(gathered.data(), packed.data(), packed.size());
      packed = {};
    }
    message.append(gathered);
  }
};

struct Fields {
  std::string name;
  Shape shape;
  std::int64_t data_type = 0;
  std::optional<std::string_view> raw;
  FixedField<float> floats;
  FixedField<double> doubles;
  std::vector<std::int64_t> int32s;
  std::vector<std::int64_t> int64s;
  std::vector<std::int64_t> uint64s;  // as their bits
  std::vector<std::string_view> strings;
  std::vector<std::pair<std::string, std::string>> external;
  bool is_external = false;
};

Fields read_fields(std::string_view proto) {
  Fields out;
  for (Message message(proto); message.next();) {
    switch (message.field()) {
      case 1:
        message.append(out.shape);
        break;
      case 2:
        out.data_type = message.integer();
        break;
      case 3:
        fail(ErrorCode::Unsupported, "tensors in segments are not supported");
      case 4:
        out.floats.read(message);
        break;
      case 5:
        message.append(out.int32s);
        break;
      case 6:
        out.strings.push_back(message.bytes());
        break;
      case 7:
        message.append(out.int64s);
        break;
      case 8:
        out.name = message.text();
        break;
      case 9:
        out.raw = message.bytes();
        break;
      case 10:
        out.doubles.read(message);
        break;
      case 11:
        message.append(out.uint64s);
        break;
      case 13:
        out.external.push_back(read_entry(message.bytes()));
        break;
      case 14:
        out.is_external = message.integer() == 1;
        break;
      default:
        message.skip();
    }
  }
  return out;
}

std::size_t parse_size(const std::string& key, const std::string& text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(error == std::errc() && end == text.data() + text.size(),
          "external data: expected a number of bytes as its {}, got '{}'", key, text);
  return value;
}

ExternalPlace external_place(const Fields& fields) {
  ExternalPlace place;
  for (const auto& [key, value] : fields.external) {
    if (key == "location") place.location = value;
    if (key == "offset") place.offset = parse_size(key, value);
    if (key == "length") place.length = parse_size(key, value);
  }
  return place;
}

void require_count(const Fields& fields, DType dtype, std::size_t wanted, std::size_t got) {
  if (wanted != got)
    fail(ErrorCode::InvalidArgument, "expected {} stored values for {}{}, got {}", wanted, name(dtype),
         text(fields.shape), got);
}

// Stored one to an element, or, for packed types, one to a byte: the low bits count.
Tensor from_int32s(const Fields& fields, DType dtype) {
  const std::size_t count = element_count(fields.shape);
  if (dtype == DType::I32 || dtype == DType::Bool) {
    require_count(fields, dtype, count, fields.int32s.size());
    return from_ints(dtype, fields.shape, fields.int32s);
  }
  const std::size_t width = bits(dtype) == 16 ? 2 : 1;
  require_count(fields, dtype, byte_size(dtype, count) / width, fields.int32s.size());
  Tensor out(dtype, fields.shape);
  auto* to = static_cast<std::byte*>(out.raw_mutable());
  for (std::size_t i = 0; i < fields.int32s.size(); ++i)
    std::memcpy(to + i * width, &fields.int32s[i], width);
  return out;
}

template <typename Number>
Tensor from_fixed(const Fields& fields, DType dtype, const FixedField<Number>& field, const Source& source) {
  if (field.gathered.empty()) return source.tensor(dtype, fields.shape, field.packed);
  const std::size_t per_element = byte_size(dtype, 1) / sizeof(Number);
  require_count(fields, dtype, element_count(fields.shape) * per_element, field.gathered.size());
  Tensor out(dtype, fields.shape);
  std::memcpy(out.raw_mutable(), field.gathered.data(), field.gathered.size() * sizeof(Number));
  return out;
}

Tensor from_strings(const Fields& fields) {
  require_count(fields, DType::String, element_count(fields.shape), fields.strings.size());
  Tensor out(DType::String, fields.shape);
  const std::span<std::string> to = out.values_mutable<std::string>();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = fields.strings[i];
  return out;
}

Tensor from_typed_fields(const Fields& fields, DType dtype, const Source& source) {
  switch (dtype) {
    case DType::F32:
    case DType::C64:
      return from_fixed(fields, dtype, fields.floats, source);
    case DType::F64:
    case DType::C128:
      return from_fixed(fields, dtype, fields.doubles, source);
    case DType::String:
      return from_strings(fields);
    case DType::I64:
      require_count(fields, dtype, element_count(fields.shape), fields.int64s.size());
      return from_ints(dtype, fields.shape, fields.int64s);
    case DType::U32:
    case DType::U64:
      require_count(fields, dtype, element_count(fields.shape), fields.uint64s.size());
      return from_ints(dtype, fields.shape, fields.uint64s);
    default:
      return from_int32s(fields, dtype);
  }
}

Tensor tensor_of(const Fields& fields, Source& source) {
  require(is_dtype(fields.data_type), "expected an element type, got number {}", fields.data_type);
  const auto dtype = static_cast<DType>(fields.data_type);
  require(fields.shape.size() <= kMaxRank, "expected at most {} axes, got {}", kMaxRank, fields.shape.size());
  if (fields.is_external) return source.external_tensor(dtype, fields.shape, external_place(fields));
  if (fields.raw) return source.tensor(dtype, fields.shape, *fields.raw);
  return from_typed_fields(fields, dtype, source);
}

}  // namespace

NamedTensor read_tensor(std::string_view proto, Source& source) {
  Fields fields = read_fields(proto);
  Tensor tensor =
      within([&] { return "tensor '" + fields.name + "'"; }, [&] { return tensor_of(fields, source); });
  return {std::move(fields.name), std::move(tensor)};
}

NamedSparseTensor read_sparse_tensor(std::string_view proto, Source& source) {
  NamedSparseTensor out;
  for (Message message(proto); message.next();) {
    if (message.field() == 1) {
      NamedTensor values = read_tensor(message.bytes(), source);
      out.name = std::move(values.name);
      out.tensor.values = std::move(values.tensor);
    } else if (message.field() == 2) {
      out.tensor.indices = read_tensor(message.bytes(), source).tensor;
    } else if (message.field() == 3) {
      message.append(out.tensor.shape);
    } else {
      message.skip();
    }
  }
  const SparseTensor& sparse = out.tensor;
  require(sparse.values.is_defined() && sparse.indices.is_defined(),
          "sparse tensor '{}': expected values and indices", out.name);
  require(sparse.values.rank() == 1 && sparse.indices.rank() >= 1 && sparse.indices.rank() <= 2 &&
              sparse.indices.dtype() == DType::I64 && sparse.shape.size() <= kMaxRank,
          "sparse tensor '{}': expected values of rank 1 and i64 indices of rank 1 or 2, got {} and {}",
          out.name, text(sparse.values), text(sparse.indices));
  element_count(sparse.shape);
  return out;
}

}  // namespace atlas::onnx
