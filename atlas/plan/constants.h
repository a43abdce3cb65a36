// The constants of the operator models: named, bounded, kept with where they come from.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlas {

/// A constant of a model. A fit starts at `start` and stays between `low` and `high`.
struct ModelConstant {
  std::string_view name;
  double start;
  double low;
  double high;
  std::string_view meaning;
};

/// The constants of one operator model: "gemm", "attention_prefill", ...
struct Family {
  std::string_view name;
  std::span<const ModelConstant> parameters;
};

/// Every family, in the order in which they are written.
std::span<const Family> families();
/// Throws InvalidArgument.
const Family& family_named(std::string_view name);

/// Values of the families' constants, per kind of kernel: a key is a family and what its numbers are, as in
/// "gemm/bfloat16". Where a key has none, the family's shared ones hold ("gemm"), else the starts.
struct Constants {
  std::vector<std::string> fitted_on;  // machines whose measurements they were fitted on; empty: none
  std::map<std::string, std::vector<double>, std::less<>> values;

  /// In the order of the family's parameters.
  std::span<const double> at(std::string_view key) const;
  std::string yaml() const;
};

/// What family a key belongs to: the part before the slash.
std::string_view family_of(std::string_view key);

/// Throws InvalidArgument on families, parameters or values that are not theirs.
Constants parse_constants(const std::string& text, const std::string& where);
Constants read_constants(const std::filesystem::path& path);

/// How far a prediction can be trusted.
enum class Level { DataSheet, Transferred, Calibrated };

/// "data sheet", "transferred from h100-sxm-80gb", "calibrated".
struct Provenance {
  Level level = Level::DataSheet;
  std::string sibling;
  std::string text() const;
};

/// Calibrated where the constants saw the machine itself; transferred where all that they saw is of its
/// family; from the data sheet otherwise. `families` gives the family of each machine in `fitted_on`.
Provenance provenance_of(const Constants& constants, std::string_view machine, std::string_view family,
                         std::span<const std::string> families);

}  // namespace atlas
