// Magika's way from a file's bytes to its model's input, and from the model's scores to a type.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "atlas/base/yaml.h"

namespace atlas {

/// What Magika 1.0's config.min.json says; blocks from the middle of a file are not among it.
struct FileTypeConfig {
  std::int64_t first_bytes = 0;  // of the file, that the model takes
  std::int64_t last_bytes = 0;   // and from its end
  std::int64_t block_bytes = 0;  // of either end, in which white space is left out first
  std::int64_t least_bytes = 0;  // with fewer the model is not asked
  std::int64_t padding = 0;      // stands for a byte that is not there
  float threshold = 0;           // of the score, for labels without one of their own
  std::vector<std::string> labels;
  std::map<std::string, float> thresholds;
  std::map<std::string, std::string> renamed;
};

/// JSON is YAML. Throws InvalidArgument where a member is missing, wrong or beyond what this reader knows.
FileTypeConfig read_file_type_config(const Yaml& json);

/// What the model takes, [first_bytes + last_bytes]: the first without white space before them, padded at
/// the end, then the last without white space after them, padded at the beginning. Empty where fewer than
/// `least_bytes` are left at the beginning.
std::vector<std::int32_t> file_type_features(std::span<const std::uint8_t> file,
                                             const FileTypeConfig& config);

/// "empty", "txt" or "unknown" for a file too short for the model.
std::string type_of_few_bytes(std::span<const std::uint8_t> file, const FileTypeConfig& config);

/// A label as Magika reports it: renamed where the configuration says so; where the score is below the
/// label's threshold, "txt" for a kind of text and "unknown" otherwise.
std::string reported_type(const std::string& label, float score, bool is_text, const FileTypeConfig& config);

}  // namespace atlas
