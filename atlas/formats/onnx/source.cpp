// Views into mapped files, with every offset checked.
#include "atlas/formats/onnx/source.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "atlas/base/contained_path.h"
#include "atlas/base/error.h"

namespace atlas::onnx {
namespace {

std::size_t alignment(DType dtype) {
  return static_cast<std::size_t>(std::clamp(bits(dtype) / 8, 1, 8));
}

// A bool in memory is 0 or 1; files may hold any byte.
Tensor normalized(Tensor tensor) {
  const auto* bytes = static_cast<const unsigned char*>(tensor.raw());
  const std::size_t count = tensor.element_count();
  if (std::all_of(bytes, bytes + count, [](unsigned char byte) { return byte <= 1; })) return tensor;
  Tensor out(DType::Bool, tensor.shape());
  auto* to = static_cast<unsigned char*>(out.raw_mutable());
  std::transform(bytes, bytes + count, to, [](unsigned char byte) { return byte != 0; });
  return out;
}

}  // namespace

Source::Region Source::map(const std::filesystem::path& path) {
  auto file = std::make_shared<MappedFile>(path);
  const std::span<const std::byte> bytes = file->bytes();
  auto buffer = Buffer::wrap(
      const_cast<std::byte*>(bytes.data()), bytes.size(), [file] {}, false);
  return {std::move(file), std::move(buffer)};
}

Source Source::of_file(const std::filesystem::path& path, const Limits& limits) {
  Source out(limits);
  out.model_ = map(path);
  out.folder_ = path.parent_path();
  return out;
}

Source Source::of_memory(std::shared_ptr<Buffer> bytes, std::optional<std::filesystem::path> folder,
                         const Limits& limits) {
  Source out(limits);
  out.model_.buffer = std::move(bytes);
  out.folder_ = std::move(folder);
  return out;
}

std::string_view Source::bytes() const {
  return {static_cast<const char*>(model_.buffer->data()), model_.buffer->size_bytes()};
}

Tensor Source::view(const Region& region, DType dtype, Shape shape, std::size_t offset, std::size_t size) {
  require(dtype != DType::String, "strings cannot lie in raw or external data");
  const std::size_t needed = byte_size(dtype, element_count(shape));
  if (size != needed)
    fail(ErrorCode::InvalidArgument, "expected {} bytes of data for {}{}, got {}", needed, name(dtype),
         text(shape), size);
  if (needed == 0) return Tensor(dtype, std::move(shape));
  const auto* start = static_cast<const std::byte*>(region.buffer->data()) + offset;
  Tensor out;
  if (reinterpret_cast<std::uintptr_t>(start) % alignment(dtype) == 0) {
    out = Tensor(dtype, std::move(shape), region.buffer, offset);
  } else {
    out = Tensor(dtype, std::move(shape));
    const std::span<std::byte> to(static_cast<std::byte*>(out.raw_mutable()), needed);
    if (region.file) {
      region.file->copy(offset, to);
    } else {
      std::memcpy(to.data(), start, needed);
    }
  }
  return dtype == DType::Bool ? normalized(std::move(out)) : out;
}

Tensor Source::tensor(DType dtype, Shape shape, std::string_view stored) const {
  return view(model_, dtype, std::move(shape), stored.empty() ? 0 : stored.data() - bytes().data(),
              stored.size());
}

Tensor Source::external_tensor(DType dtype, Shape shape, const ExternalPlace& place) {
  require(folder_.has_value(), "external data '{}': a model read from memory has no folder to look in",
          place.location);
  auto at = external_.find(place.location);
  if (at == external_.end())
    at = external_.emplace(place.location, map(contained_path(*folder_, place.location))).first;
  const std::size_t available = at->second.buffer->size_bytes();
  const std::size_t needed = dtype == DType::String ? 0 : byte_size(dtype, element_count(shape));
  const std::size_t length = place.length.value_or(needed);
  if (place.offset > available || length > available - place.offset)
    fail(ErrorCode::InvalidArgument, "external data '{}': expected {} bytes from {}, but the file has {}",
         place.location, length, place.offset, available);
  return view(at->second, dtype, std::move(shape), place.offset, length);
}

void Source::spend(std::size_t bytes) {
  constexpr std::size_t kLimit = std::size_t{1} << 30;
  if (bytes > kLimit - spent_bytes_)
    fail(ErrorCode::ResourceExhausted, "sparse tensors of this model take more than {} bytes", kLimit);
  spent_bytes_ += bytes;
}

}  // namespace atlas::onnx
