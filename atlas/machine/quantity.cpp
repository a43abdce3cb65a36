// One table of units; decimal prefixes by thousands, binary ones (KiB) by 1024.
#include "atlas/machine/quantity.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <span>
#include <vector>

namespace atlas {
namespace {

struct Unit {
  std::string_view name;
  double scale;
  bool shown = true;  // one that format_quantity uses; others are read alone
};

constexpr double kKi = 1024;
constexpr Unit kOps[] = {{"FLOP/s", 1},         {"GFLOP/s", 1e9},      {"TFLOP/s", 1e12},
                         {"PFLOP/s", 1e15},     {"GOP/s", 1e9, false}, {"TOP/s", 1e12, false},
                         {"POP/s", 1e15, false}};
constexpr Unit kBytes[] = {{"B", 1},
                           {"kB", 1e3},
                           {"MB", 1e6},
                           {"GB", 1e9},
                           {"TB", 1e12},
                           {"KiB", kKi, false},
                           {"MiB", kKi* kKi, false},
                           {"GiB", kKi* kKi* kKi, false},
                           {"TiB", kKi* kKi* kKi* kKi, false}};
constexpr Unit kBandwidth[] = {
    {"B/s", 1}, {"MB/s", 1e6}, {"GB/s", 1e9}, {"TB/s", 1e12}, {"Gb/s", 125e6, false}};
constexpr Unit kTime[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
constexpr Unit kFrequency[] = {{"Hz", 1}, {"MHz", 1e6}, {"GHz", 1e9}};
constexpr Unit kPower[] = {{"mW", 1e-3}, {"W", 1}, {"kW", 1e3}, {"MW", 1e6}};
constexpr Unit kEnergyPerBit[] = {{"fJ/bit", 1e-15}, {"pJ/bit", 1e-12}};
constexpr Unit kEnergyPerOp[] = {{"fJ/FLOP", 1e-15}, {"pJ/FLOP", 1e-12}};
constexpr Unit kArea[] = {{"mm2", 1}};
constexpr Unit kMoney[] = {{"USD", 1}};
constexpr Unit kBare[] = {{"", 1}};

struct Kind {
  std::span<const Unit> units;
  const char* article;
  const char* example;
};

Kind kind_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::Ops:
      return {kOps, "a rate of operations", "989.4 TFLOP/s"};
    case Dimension::Bytes:
      return {kBytes, "a size", "80 GB"};
    case Dimension::Bandwidth:
      return {kBandwidth, "a bandwidth", "3.35 TB/s"};
    case Dimension::Time:
      return {kTime, "a time", "2.5 us"};
    case Dimension::Frequency:
      return {kFrequency, "a frequency", "1410 MHz"};
    case Dimension::Power:
      return {kPower, "a power", "700 W"};
    case Dimension::EnergyPerBit:
      return {kEnergyPerBit, "an energy per bit", "4 pJ/bit"};
    case Dimension::EnergyPerOp:
      return {kEnergyPerOp, "an energy per operation", "0.5 pJ/FLOP"};
    case Dimension::Area:
      return {kArea, "an area", "814 mm2"};
    case Dimension::Money:
      return {kMoney, "a price", "10000 USD"};
    case Dimension::Year:
      return {kBare, "a year", "2022"};
    case Dimension::Count:
      break;
  }
  return {kBare, "a number", "132"};
}

}  // namespace

std::optional<double> parse_quantity(std::string_view text, Dimension dimension) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  std::string_view rest(stop, static_cast<std::size_t>(end - stop));
  if (rest.starts_with(' ')) {
    rest.remove_prefix(1);
    if (rest.empty()) return std::nullopt;
  }
  for (const Unit& unit : kind_of(dimension).units)
    if (unit.name == rest) return number * unit.scale;
  return std::nullopt;
}

std::string describe(Dimension dimension) {
  const Kind kind = kind_of(dimension);
  if (kind.units.size() == 1 && kind.units[0].name.empty())
    return fmt::format("{} such as {}, without a unit", kind.article, kind.example);
  std::vector<std::string_view> names;
  for (const Unit& unit : kind.units) names.push_back(unit.name);
  return fmt::format("{} such as {} (units: {})", kind.article, kind.example, fmt::join(names, ", "));
}

std::string format_quantity(double value, Dimension dimension) {
  const std::span<const Unit> units = kind_of(dimension).units;
  const Unit* best = &units[0];
  for (const Unit& unit : units)
    if (unit.shown && std::abs(value) >= unit.scale * 0.9995) best = &unit;
  const std::string number = dimension == Dimension::Year ? fmt::format("{:.0f}", value)
                                                          : fmt::format("{:.4g}", value / best->scale);
  return best->name.empty() ? number : fmt::format("{} {}", number, best->name);
}

}  // namespace atlas
