// The page is a visitor of the form, so that no figure is forgotten.
#include "cli/machine_page.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "atlas/machine/machine_form.h"

namespace atlas::cli {
namespace {

std::string shown(const Figure& figure, Dimension dimension) {
  return figure.known() ? format_quantity(figure.value, dimension) : "-";
}

struct Page {
  std::string text;
  int indent = 0;

  void row(std::string_view key, std::string_view value, bool estimate, std::string_view source) {
    std::string from;
    if (estimate)
      from = source.empty() ? "estimate" : fmt::format("estimate, {}", source);
    else
      from = source;
    text += fmt::format("{:{}}{:<{}} {:<16} {}\n", "", indent, key, 22 - indent, value, from);
    while (text.size() > 1 && text[text.size() - 2] == ' ') text.erase(text.size() - 2, 1);
  }

  void word(const char* key, std::string& from, const char*, bool = false) {
    if (!from.empty()) row(key, from, false, "");
  }
  void choice(const char* key, std::string& from, std::span<const std::string_view>, const char*,
              bool = false) {
    if (!from.empty()) row(key, from, false, "");
  }
  void figure(const char* key, Figure& from, Dimension dimension, const char*, bool = false) {
    if (from.known()) row(key, format_quantity(from.value, dimension), from.estimate, from.source);
  }
  void sourced(const char* key, SourcedText& from, const char*) {
    if (!from.text.empty()) row(key, from.text, from.estimate, from.source);
  }
  void rates(const char* key, std::vector<Rate>& from, Dimension dimension, const char*, bool = false) {
    for (Rate& rate : from)
      row(fmt::format("{} {}", key, rate.format), format_quantity(rate.rate.value, dimension),
          rate.rate.estimate, rate.rate.source);
  }
  void words(const char* key, std::vector<std::string>& from, const char*) {
    if (!from.empty()) row(key, fmt::format("{}", fmt::join(from, ", ")), false, "");
  }
  void count(const char* key, int& from, int, int, const char*, bool = false) {
    row(key, std::to_string(from), false, "");
  }
  template <typename Part>
  void part(const char* key, Part& from, const char*) {
    const std::size_t before = text.size();
    text += fmt::format("{:{}}{}\n", "", indent, key);
    const std::size_t after = text.size();
    indent += 2;
    visit(*this, from);
    indent -= 2;
    if (text.size() == after) text.resize(before);  // nothing is known of it
  }
  template <typename Part>
  void parts(const char* key, std::vector<Part>& from, const char* what, bool = false) {
    for (Part& item : from) part(key, item, what);
  }
};

}  // namespace

std::string machine_line(const Machine& machine) {
  if (machine.is_node())
    return fmt::format("{:<24} {:>5}x {:<32} {}", machine.name, machine.chips.count, machine.chips.chip,
                       machine.title);
  const Engine* engine = machine.compute.engine("matrix");
  if (!engine) engine = machine.compute.engine("vector");
  const auto best = std::ranges::max_element(engine->dense, {}, [](const Rate& rate) {
    const std::string_view format = rate.format;
    return format == "f16" ? 3 : format == "bf16" ? 2 : format == "f32" ? 1 : 0;
  });
  return fmt::format("{:<24} {:>14} {:<4} {:>9} {:>10}  {}", machine.name, shown(best->rate, Dimension::Ops),
                     best->format, shown(machine.memories.front().capacity, Dimension::Bytes),
                     shown(machine.memories.front().bandwidth, Dimension::Bandwidth), machine.title);
}

std::string machine_page(const Machine& machine) {
  Machine copy = machine;
  Page page;
  page.row("name", machine.name, false, "");
  visit(page, copy);
  return page.text;
}

}  // namespace atlas::cli
