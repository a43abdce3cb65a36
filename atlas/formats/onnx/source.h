// Where the bytes of a model lie, tensors made of them without copying, and what may still be made of them.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "atlas/base/mapped_file.h"
#include "atlas/graph/limits.h"
#include "atlas/tensor/tensor.h"

namespace atlas::onnx {

/// A stretch of a file of its own that holds a tensor's elements.
struct ExternalPlace {
  std::string location;  // relative to the model's folder
  std::size_t offset = 0;
  std::optional<std::size_t> length;
};

/// Tensors keep the memory they view alive, so they outlive the Source.
class Source {
 public:
  /// A mapped file; its folder is where external data is looked for.
  static Source of_file(const std::filesystem::path& path, const Limits& limits = {});
  /// Bytes in memory. Without a folder external data is refused.
  static Source of_memory(std::shared_ptr<Buffer> bytes, std::optional<std::filesystem::path> folder,
                          const Limits& limits = {});

  std::string_view bytes() const;

  /// The elements in `stored`, which lies inside `bytes()`: viewed where their alignment allows, else
  /// copied. Throws InvalidArgument where the number of bytes is not that of the shape.
  Tensor tensor(DType dtype, Shape shape, std::string_view stored) const;

  /// The same out of another file, mapped once however many tensors lie in it.
  Tensor external_tensor(DType dtype, Shape shape, const ExternalPlace& place);

  /// Counts memory taken by what grows out of few bytes (sparse tensors). Throws ResourceExhausted past
  /// 1 GiB for the model.
  void spend(std::size_t bytes);

  GraphBudget& budget() { return budget_; }

 private:
  explicit Source(const Limits& limits) : budget_(limits) {}

  struct Region {
    std::shared_ptr<MappedFile> file;  // nothing where the bytes are lent
    std::shared_ptr<Buffer> buffer;
  };

  static Region map(const std::filesystem::path& path);
  static Tensor view(const Region& region, DType dtype, Shape shape, std::size_t offset, std::size_t size);

  Region model_;
  std::optional<std::filesystem::path> folder_;
  std::map<std::string, Region> external_;
  std::size_t spent_bytes_ = 0;
  GraphBudget budget_;
};

}  // namespace atlas::onnx
