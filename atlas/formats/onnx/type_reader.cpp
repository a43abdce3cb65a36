// The oneof of TypeProto, nested types bounded in depth.
#include "atlas/formats/onnx/type_reader.h"

#include "atlas/base/error.h"
#include "atlas/formats/onnx/tensor_reader.h"
#include "atlas/formats/onnx/wire.h"

namespace atlas::onnx {
namespace {

constexpr int kMaxTypeDepth = 32;

Dim read_dim(std::string_view proto) {
  Dim out;
  for (Message message(proto); message.next();) {
    if (message.field() == 1) {
      const std::int64_t value = message.integer();
      out = value < 0 ? Dim() : Dim(value);
    } else if (message.field() == 2) {
      out = read_dim_parameter(message.text());
    } else {
      message.skip();
    }
  }
  return out;
}

Dims read_shape(std::string_view proto) {
  Dims out;
  for (Message message(proto); message.next();) {
    if (message.field() == 1) {
      out.push_back(read_dim(message.bytes()));
      require(out.size() <= kMaxRank, "expected a type of at most {} axes", kMaxRank);
    } else {
      message.skip();
    }
  }
  return out;
}

DType element_type(std::int64_t number) {
  require(number == 0 || is_dtype(number), "expected an element type, got number {}", number);
  return static_cast<DType>(number);
}

Type read_tensor_type(std::string_view proto) {
  Type out = Type::tensor(DType::Undefined);
  for (Message message(proto); message.next();) {
    if (message.field() == 1) {
      out.dtype = element_type(message.integer());
    } else if (message.field() == 2) {
      out.dims = read_shape(message.bytes());
    } else {
      message.skip();
    }
  }
  return out;
}

Type read_type(std::string_view proto, int depth);

// Sequence and Optional: one field, the type of the elements.
Type read_element(std::string_view proto, int depth) {
  Type out;
  for (Message message(proto); message.next();) {
    if (message.field() == 1) {
      out = read_type(message.bytes(), depth);
    } else {
      message.skip();
    }
  }
  return out;
}

Type read_map(std::string_view proto, int depth) {
  DType key = DType::Undefined;
  Type value;
  for (Message message(proto); message.next();) {
    if (message.field() == 1) {
      key = element_type(message.integer());
    } else if (message.field() == 2) {
      value = read_type(message.bytes(), depth);
    } else {
      message.skip();
    }
  }
  require(key == DType::String || is_integer(key), "expected keys of a map to be strings or integers, got {}",
          name(key));
  return Type::map(key, std::move(value));
}

Type read_type(std::string_view proto, int depth) {
  require(depth <= kMaxTypeDepth, "types nest more than {} deep", kMaxTypeDepth);
  Type out;
  for (Message message(proto); message.next();) {
    switch (message.field()) {
      case 1:
        out = read_tensor_type(message.bytes());
        break;
      case 4:
        out = Type::sequence(read_element(message.bytes(), depth + 1));
        break;
      case 5:
        out = read_map(message.bytes(), depth + 1);
        break;
      case 8:
        out = read_tensor_type(message.bytes());
        out.kind = Type::Kind::SparseTensor;
        break;
      case 9:
        out = Type::optional(read_element(message.bytes(), depth + 1));
        break;
      default:
        message.skip();
    }
  }
  return out;
}

}  // namespace

Dim read_dim_parameter(std::string_view text) {
  if (text.empty() || text == "?" || text == "None") return {};
  try {
    const Dim dim = Dim::parse(text);
    return dim.is_constant() && dim.value() < 0 ? Dim() : dim;
  } catch (const Error&) {
    return Dim::symbol(std::string(text));
  }
}

Type read_type(std::string_view proto) {
  return read_type(proto, 0);
}

NamedType read_value_info(std::string_view proto) {
  NamedType out;
  for (Message message(proto); message.next();) {
    if (message.field() == 1) {
      out.name = message.text();
    } else if (message.field() == 2) {
      const std::string_view type = message.bytes();
      out.type = within([&] { return "the type of '" + out.name + "'"; }, [&] { return read_type(type); });
    } else {
      message.skip();
    }
  }
  return out;
}

}  // namespace atlas::onnx
