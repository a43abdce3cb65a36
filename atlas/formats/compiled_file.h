// A compiled file: what a target made of a model, ready to be mapped, and the model itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "atlas/base/mapped_file.h"
#include "atlas/graph/limits.h"
#include "atlas/graph/lowered_graph.h"
#include "atlas/graph/port.h"

namespace atlas {

struct CompiledModel {
  /// What the program was made by and for: another Atlas, processor or switch has another key.
  std::string key;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  LoweredGraph program;
};

/// `model`, where not null, goes into the file too, so that it runs where the key is another. Constants that
/// both have are written once. Throws Io, and InvalidArgument where a name is not UTF-8; what was at `path`
/// stays then.
void write_compiled(const std::filesystem::path& path, const CompiledModel& compiled, const Graph* model);

/// Whether a file begins as compiled files do. False where it cannot be read.
bool is_compiled(const std::filesystem::path& path);

/// A compiled file, mapped: constants and packed weights are views of it, shared by all who open it. For one
/// thread at a time. What is read is bounded, its checksums and both graphs are verified; whether types are
/// right is for the target to say, as with other models. Everything throws InvalidArgument, naming file and
/// place, where the file is damaged.
class CompiledFile {
 public:
  /// Reads the head alone. Throws as MappedFile does.
  explicit CompiledFile(const std::filesystem::path& path);

  const std::string& key() const { return key_; }
  CompiledModel compiled(const Limits& limits);
  bool has_model() const { return model_.graph >= 0; }
  /// Throws NotFound where the file holds none.
  Graph model(const Limits& limits);

 private:
  struct Section {
    std::size_t offset = 0;
    std::size_t size_bytes = 0;
    std::uint64_t checksum = 0;
    bool is_checked = false;
  };
  /// Indices of sections.
  struct StoredGraph {
    std::int64_t graph = -1;
    std::vector<std::int64_t> constants;  // or kPackedAway
  };

  void read_head(std::string_view text, std::size_t start);
  /// The bytes of a section, their checksum held against them the first time.
  std::span<const std::byte> section(std::int64_t index);
  Graph read_graph(const StoredGraph& stored, const Limits& limits, std::vector<ValueId>* packed_away);
  Tensor read_constant(std::int64_t section, const Value& value);

  std::string path_;
  std::shared_ptr<const MappedFile> file_;
  std::string key_;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  std::vector<Section> sections_;
  StoredGraph program_;
  std::vector<std::int64_t> packed_;
  StoredGraph model_;
};

}  // namespace atlas
