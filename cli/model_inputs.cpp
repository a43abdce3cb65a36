// From command-line words to tensors.
#include "cli/model_inputs.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "atlas/base/error.h"
#include "atlas/base/rng.h"
#include "atlas/formats/onnx/datum_proto.h"
#include "atlas/media/image.h"
#include "atlas/tensor/elements.h"
#include "atlas/tensor/npy.h"
#include "atlas/tensor/npz.h"

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;

std::pair<std::string, std::string> name_and_rest(const std::string& word, std::string_view option) {
  const std::size_t equals = word.find('=');
  require(equals != std::string::npos && equals > 0, "{} '{}': expected NAME=...", option, word);
  return {word.substr(0, equals), word.substr(equals + 1)};
}

Shape parse_shape(const std::string& text, const std::string& word) {
  Shape shape;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    std::int64_t extent = 0;
    const auto [next, error] = std::from_chars(at, end, extent);
    require(error == std::errc() && extent >= 0 && (next == end || (*next == 'x' && next + 1 != end)),
            "--shape '{}': expected sizes such as 1x3x224x224", word);
    shape.push_back(extent);
    at = next == end ? end : next + 1;
  }
  return shape;
}

std::size_t input_index(const std::vector<Port>& inputs, const std::string& name) {
  std::string known;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].name == name) return i;
    known += (known.empty() ? "" : ", ") + inputs[i].name;
  }
  fail(ErrorCode::InvalidArgument, "input '{}': the model has {}", name, known);
}

Shape shape_of(const Port& input) {
  Shape shape;
  if (input.type.dims)
    for (const Dim& dim : *input.type.dims) shape.push_back(dim.is_constant() ? dim.value() : 1);
  return shape;
}

// A picture as the model's input wants it, resized by nobody: its own size must do.
Tensor image_input(const fs::path& file, const Port& input) {
  const std::optional<Dims>& dims = input.type.dims;
  require(input.type.is_tensor() && dims && (dims->size() == 3 || dims->size() == 4),
          "input '{}': a picture cannot feed {}", input.name, text(input.type));
  const Dim& last = dims->back();
  const bool channels_last = last == Dim(1) || last == Dim(3) || last == Dim(4);
  const Dim& channels = channels_last ? last : (*dims)[dims->size() - 3];
  const Tensor pixels = read_image(file, channels == Dim(1) ? PixelFormat::Grayscale : PixelFormat::RGB);
  std::vector<double> values = to_doubles(pixels);
  if (input.type.dtype != DType::U8)
    for (double& value : values) value /= 255;
  Shape shape = pixels.shape();
  if (!channels_last) {
    const auto count = static_cast<std::size_t>(shape[2]);
    const std::size_t plane = values.size() / count;
    std::vector<double> planes(values.size());
    for (std::size_t i = 0; i < plane; ++i)
      for (std::size_t c = 0; c < count; ++c) planes[c * plane + i] = values[i * count + c];
    values = std::move(planes);
    shape = {shape[2], shape[0], shape[1]};
  }
  if (dims->size() == 4) shape.insert(shape.begin(), 1);
  return from_doubles(input.type.dtype, shape, values);
}

Datum read_input(const fs::path& file, const Port& input) {
  const std::string ending = file.extension().string();
  if (ending == ".npy") return read_npy(file);
  if (ending == ".pb") return read_onnx_datum(file, input.type);
  if (ending == ".npz") {
    const NamedTensors tensors = read_npz(file);
    require(tensors.size() == 1, "{}: expected one tensor for input '{}', got {}", file.string(), input.name,
            tensors.size());
    return tensors[0].second;
  }
  return image_input(file, input);
}

Datum random_input(const Port& input, std::uint64_t seed, std::size_t position) {
  const DType dtype = input.type.dtype;
  require(input.type.is_tensor() && dtype != DType::Undefined && dtype != DType::String &&
              input.type.dims.has_value(),
          "input '{}': cannot make random values of type {} (give a file)", input.name, text(input.type));
  const Shape shape = shape_of(input);
  Rng rng(seed, position);
  std::vector<double> values(element_count(shape));
  for (double& value : values) {
    value = rng.uniform(24);
    if (is_integer(input.type.dtype)) value = static_cast<double>(static_cast<int>(value * 2));
    if (input.type.dtype == DType::Bool) value = value >= 0.5 ? 1 : 0;
  }
  return from_doubles(input.type.dtype, shape, values);
}

}  // namespace

void InputOptions::add_to(CommandLine& line) {
  line.add_option("--input", files,
                  "NAME=FILE, or an .npz with the inputs by name (.npy, .npz, .pb, images)");
  line.add_option("--shape", shapes,
                  "NAME=1x3x224x224: the size of an input whose dims the model leaves open");
  line.add_option("--random", random_seed, "Fill missing inputs with random values from this seed");
}

void apply_shapes(Graph& graph, const InputOptions& options) {
  SymbolTable symbols;
  for (const std::string& word : options.shapes) {
    const auto [name, sizes] = name_and_rest(word, "--shape");
    const Shape shape = parse_shape(sizes, word);
    Value& input = graph.value(graph.inputs[input_index(input_ports(graph), name)]);
    const Type stated = input.type;
    input.type = unify(stated, Type::tensor(stated.dtype, dims_of(shape)), "--shape " + name);
    for (std::size_t i = 0; stated.dims && i < shape.size(); ++i)
      if (const std::string symbol = (*stated.dims)[i].symbol_name(); !symbol.empty())
        symbols.emplace(symbol, shape[i]);
  }
  // A symbol means the same size wherever it stands.
  for (const ValueId id : graph.inputs) {
    Type& type = graph.value(id).type;
    for (std::size_t i = 0; type.dims && i < type.dims->size(); ++i)
      if (const auto size = (*type.dims)[i].evaluate(symbols)) (*type.dims)[i] = *size;
  }
}

std::function<void(Graph&)> shape_change(const InputOptions& options) {
  if (options.shapes.empty()) return {};
  return [&options](Graph& graph) { apply_shapes(graph, options); };
}

std::vector<Datum> read_inputs(const std::vector<Port>& inputs, const InputOptions& options) {
  std::vector<Datum> out(inputs.size());
  for (const std::string& word : options.files) {
    if (word.ends_with(".npz") && word.find('=') == std::string::npos) {
      for (auto& [name, tensor] : read_npz(word)) out[input_index(inputs, name)] = std::move(tensor);
      continue;
    }
    const auto [name, file] = name_and_rest(word, "--input");
    const std::size_t i = input_index(inputs, name);
    out[i] = read_input(file, inputs[i]);
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Port& input = inputs[i];
    if (!out[i].is_empty() || input.has_default || input.type.kind == Type::Kind::Optional) continue;
    require(options.random_seed.has_value(),
            "input '{}' ({}) is missing (give --input {}=FILE, or --random SEED)", input.name,
            text(input.type), input.name);
    out[i] = random_input(input, *options.random_seed, i);
  }
  return out;
}

}  // namespace atlas::cli
