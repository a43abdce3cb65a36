// One line, drawn over itself.
#include "cli/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace atlas::cli {
namespace {

constexpr std::size_t kCells = 24;
constexpr std::size_t kMostName = 40;
constexpr double kQuiet_ms = 1000;

}  // namespace

Progress::Progress(std::size_t count) : count_(count), is_live_(count > 1 && isatty(fileno(stderr)) != 0) {}

void Progress::show(std::size_t done, std::string_view name) {
  if (!is_live_ || watch_.milliseconds() < kQuiet_ms) return;
  const std::size_t full = std::min(kCells, done * kCells / count_);
  std::string shown(name.substr(name.size() - std::min(name.size(), kMostName)));
  // Not from the middle of a character.
  while (!shown.empty() && (static_cast<unsigned char>(shown.front()) & 0xC0) == 0x80) shown.erase(0, 1);
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  fmt::print(stderr, "\r\x1b[K[{}{}] {}/{} {}", std::string(full, '#'), std::string(kCells - full, '.'), done,
             count_, shown);
  std::fflush(stderr);
  is_shown_ = true;
}

void Progress::hide() {
  if (!is_shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  is_shown_ = false;
}

}  // namespace atlas::cli
