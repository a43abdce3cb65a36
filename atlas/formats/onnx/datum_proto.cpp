// The messages of onnx-data.proto, bounded in depth.
#include "atlas/formats/onnx/datum_proto.h"

#include <cstring>
#include <protozero/pbf_writer.hpp>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/tensor_reader.h"
#include "atlas/formats/onnx/tensor_writer.h"
#include "atlas/formats/onnx/wire.h"

namespace atlas {
namespace {

using onnx::Message;
using onnx::Source;

constexpr int kMaxDepth = 32;

Datum read_sequence(std::string_view proto, Source& source, int depth);
Datum read_map(std::string_view proto, Source& source, int depth);

void require_depth(int depth) {
  require(depth <= kMaxDepth, "sequences nest more than {} deep", kMaxDepth);
}

Datum read_optional(std::string_view proto, Source& source, int depth) {
  require_depth(depth);
  Datum out;
  for (Message message(proto); message.next();) {
    switch (message.field()) {
      case 3:
        out = onnx::read_tensor(message.bytes(), source).tensor;
        break;
      case 4:
        out = onnx::read_sparse_tensor(message.bytes(), source).tensor;
        break;
      case 5:
        out = read_sequence(message.bytes(), source, depth + 1);
        break;
      case 6:
        out = read_map(message.bytes(), source, depth + 1);
        break;
      case 7:
        out = read_optional(message.bytes(), source, depth + 1);
        break;
      default:
        message.skip();
    }
  }
  return out;
}

Datum read_sequence(std::string_view proto, Source& source, int depth) {
  require_depth(depth);
  Sequence out;
  for (Message message(proto); message.next();) {
    switch (message.field()) {
      case 3:
        out.push_back(onnx::read_tensor(message.bytes(), source).tensor);
        break;
      case 4:
        out.push_back(onnx::read_sparse_tensor(message.bytes(), source).tensor);
        break;
      case 5:
        out.push_back(read_sequence(message.bytes(), source, depth + 1));
        break;
      case 6:
        out.push_back(read_map(message.bytes(), source, depth + 1));
        break;
      case 7:
        out.push_back(read_optional(message.bytes(), source, depth + 1));
        break;
      default:
        message.skip();
    }
  }
  return out;
}

// The values of a map are a sequence with one tensor for all keys, or one of a single element for each.
Tensor joined(const Sequence& values, std::size_t count) {
  if (values.size() == 1 && values[0].tensor().element_count() == count)
    return values[0].tensor().reshaped({static_cast<std::int64_t>(count)});
  require(values.size() == count && count > 0, "map: expected {} values, got {}", count, values.size());
  const DType dtype = values[0].tensor().dtype();
  Tensor out(dtype, {static_cast<std::int64_t>(count)});
  require(!is_packed(dtype), "map: values of type {} are not supported", name(dtype));
  for (std::size_t i = 0; i < count; ++i) {
    const Tensor& value = values[i].tensor();
    require(value.dtype() == dtype && value.element_count() == 1,
            "map: expected single values of type {}, got {}", name(dtype), text(value));
    if (dtype == DType::String) {
      out.values_mutable<std::string>()[i] = value.values<std::string>()[0];
    } else {
      const std::size_t width = byte_size(dtype, 1);
      std::memcpy(static_cast<std::byte*>(out.raw_mutable()) + i * width, value.raw(), width);
    }
  }
  return out;
}

Datum read_map(std::string_view proto, Source& source, int depth) {
  require_depth(depth);
  std::vector<std::int64_t> integers;
  std::vector<std::string> strings;
  std::int64_t key_type = 0;
  Datum values = Sequence();
  for (Message message(proto); message.next();) {
    switch (message.field()) {
      case 2:
        key_type = message.integer();
        break;
      case 3:
        message.append(integers);
        break;
      case 4:
        strings.push_back(message.text());
        break;
      case 5:
        values = read_sequence(message.bytes(), source, depth + 1);
        break;
      default:
        message.skip();
    }
  }
  require(key_type == 0 || is_dtype(key_type), "map: expected the type of its keys, got number {}", key_type);
  Map out;
  if (!strings.empty() || static_cast<DType>(key_type) == DType::String) {
    out.keys = Tensor::of<std::string>({static_cast<std::int64_t>(strings.size())},
                                       std::span<const std::string>(strings));
  } else {
    out.keys = Tensor::of_ints(integers);
  }
  out.values = joined(values.sequence(), out.keys.element_count());
  return out;
}

Datum read_datum(Source& source, const Type& type) {
  switch (type.kind) {
    case Type::Kind::Sequence:
      return read_sequence(source.bytes(), source, 0);
    case Type::Kind::Optional:
      return read_optional(source.bytes(), source, 0);
    case Type::Kind::Map:
      return read_map(source.bytes(), source, 0);
    case Type::Kind::SparseTensor:
      return onnx::read_sparse_tensor(source.bytes(), source).tensor;
    default:
      return onnx::read_tensor(source.bytes(), source).tensor;
  }
}

}  // namespace

Datum read_onnx_datum(const std::filesystem::path& path, const Type& type) {
  Source source = Source::of_file(path);
  return within([&] { return path.string(); }, [&] { return read_datum(source, type); });
}

Datum read_onnx_datum(std::shared_ptr<Buffer> bytes, const Type& type, std::string_view where) {
  Source source = Source::of_memory(std::move(bytes), std::nullopt);
  return within([&] { return where; }, [&] { return read_datum(source, type); });
}

std::string write_tensor_proto(const Tensor& tensor, std::string_view name) {
  std::string out;
  protozero::pbf_writer writer(out);
  onnx::write_tensor(writer, tensor, name);
  return out;
}

}  // namespace atlas
