// Bytes of white space are those of ASCII, as in Python's bytes.strip.
#include "atlas/pipeline/post/file_type.h"

#include <algorithm>

#include "atlas/base/utf8.h"

namespace atlas {
namespace {

constexpr std::int64_t kMostBytes = 1 << 20;

bool is_space(std::uint8_t byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

std::span<const std::uint8_t> first_block(std::span<const std::uint8_t> file, std::int64_t bytes) {
  return file.first(std::min(file.size(), static_cast<std::size_t>(bytes)));
}

}  // namespace

FileTypeConfig read_file_type_config(const Yaml& json) {
  FileTypeConfig out;
  out.first_bytes = json.at("beg_size").integer(1, kMostBytes);
  json.at("mid_size").integer(0, 0);
  out.last_bytes = json.at("end_size").integer(1, kMostBytes);
  if (json.at("use_inputs_at_offsets").boolean()) json.at("use_inputs_at_offsets").expected("false");
  out.threshold = static_cast<float>(json.at("medium_confidence_threshold").number(0, 1));
  out.least_bytes = json.at("min_file_size_for_dl").integer(1, out.first_bytes);
  out.padding = json.at("padding_token").integer(0, 65535);
  out.block_bytes = json.at("block_size").integer(std::max(out.first_bytes, out.last_bytes), kMostBytes);
  for (const Yaml& label : json.at("target_labels_space").items()) out.labels.push_back(label.text());
  for (const auto& [label, threshold] : json.at("thresholds").members())
    out.thresholds[label] = static_cast<float>(threshold.number(0, 1));
  for (const auto& [label, name] : json.at("overwrite_map").members()) out.renamed[label] = name.text();
  return out;
}

std::vector<std::int32_t> file_type_features(std::span<const std::uint8_t> file,
                                             const FileTypeConfig& config) {
  auto start = first_block(file, config.block_bytes);
  auto end = file.last(start.size());
  while (!start.empty() && is_space(start.front())) start = start.subspan(1);
  while (!end.empty() && is_space(end.back())) end = end.first(end.size() - 1);
  if (static_cast<std::int64_t>(start.size()) < config.least_bytes) return {};
  start = first_block(start, config.first_bytes);
  end = end.last(std::min(end.size(), static_cast<std::size_t>(config.last_bytes)));
  std::vector<std::int32_t> out(static_cast<std::size_t>(config.first_bytes + config.last_bytes),
                                static_cast<std::int32_t>(config.padding));
  std::ranges::copy(start, out.begin());
  std::ranges::copy(end, out.end() - static_cast<std::ptrdiff_t>(end.size()));
  return out;
}

std::string type_of_few_bytes(std::span<const std::uint8_t> file, const FileTypeConfig& config) {
  if (file.empty()) return "empty";
  const auto block = first_block(file, config.block_bytes);
  const std::string text(block.begin(), block.end());
  return decode_utf8(text) ? "txt" : "unknown";
}

std::string reported_type(const std::string& label, float score, bool is_text, const FileTypeConfig& config) {
  const auto own = config.thresholds.find(label);
  if (score < (own == config.thresholds.end() ? config.threshold : own->second))
    return is_text ? "txt" : "unknown";
  const auto renamed = config.renamed.find(label);
  return renamed == config.renamed.end() ? label : renamed->second;
}

}  // namespace atlas
