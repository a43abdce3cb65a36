// Lists that grow and shrink together.
#include "atlas/pipeline/text/encoding.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {
namespace {

template <typename T>
void keep(std::vector<T>& list, std::size_t count, bool from_left) {
  if (from_left) list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(count));
  list.resize(count);
}

template <typename T>
void fill(std::vector<T>& list, std::size_t count, bool on_left, T value) {
  list.insert(on_left ? list.begin() : list.end(), count, value);
}

}  // namespace

void Encoding::add(TokenId id, std::int32_t type_id, TextSpan offset, bool is_special) {
  ids.push_back(id);
  type_ids.push_back(type_id);
  offsets.push_back(offset);
  attention_mask.push_back(1);
  special_mask.push_back(is_special);
}

void Encoding::truncate(std::size_t count, bool from_left) {
  if (count >= size()) return;
  keep(ids, count, from_left);
  keep(type_ids, count, from_left);
  keep(offsets, count, from_left);
  keep(attention_mask, count, from_left);
  keep(special_mask, count, from_left);
}

void truncate(Encoding& first, Encoding* second, std::size_t added, const Truncation& truncation) {
  using Strategy = Truncation::Strategy;
  const std::size_t room = truncation.most_tokens - std::min(added, truncation.most_tokens);
  const std::size_t total = first.size() + (second != nullptr ? second->size() : 0);
  if (total <= room) return;
  const std::size_t excess = total - room;
  if (truncation.strategy == Strategy::LongestFirst) {
    if (second == nullptr) return first.truncate(room, truncation.from_left);
    // The shorter keeps all that fits into half of the room, the longer gets the rest.
    const bool first_is_shorter = first.size() <= second->size();
    const std::size_t shorter = std::min(first.size(), second->size());
    const std::size_t short_part = shorter > room - std::min(shorter, room) ? room / 2 : shorter;
    const std::size_t long_part = room - short_part;
    first.truncate(first_is_shorter ? short_part : long_part, truncation.from_left);
    second->truncate(first_is_shorter ? long_part : short_part, truncation.from_left);
    return;
  }
  Encoding* chosen = truncation.strategy == Strategy::OnlyFirst ? &first : second;
  require(chosen != nullptr, "truncation: expected a second text to shorten, got one text");
  require(chosen->size() > excess, "truncation: expected a text of more than {} tokens to shorten, got {}",
          excess, chosen->size());
  chosen->truncate(chosen->size() - excess, truncation.from_left);
}

void pad(std::span<Encoding> encodings, const Padding& padding) {
  std::size_t length = padding.length;
  for (const Encoding& encoding : encodings)
    if (padding.length == 0) length = std::max(length, encoding.size());
  if (padding.multiple_of > 0)
    length = (length + padding.multiple_of - 1) / padding.multiple_of * padding.multiple_of;
  for (Encoding& encoding : encodings) {
    if (encoding.size() >= length) continue;
    const std::size_t missing = length - encoding.size();
    fill(encoding.ids, missing, padding.on_left, padding.id);
    fill(encoding.type_ids, missing, padding.on_left, padding.type_id);
    fill(encoding.offsets, missing, padding.on_left, TextSpan{});
    fill(encoding.attention_mask, missing, padding.on_left, std::uint8_t{0});
    fill(encoding.special_mask, missing, padding.on_left, std::uint8_t{1});
  }
}

}  // namespace atlas
