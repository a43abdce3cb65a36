// The list of families, and constants as YAML.
#include "atlas/plan/constants.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/yaml.h"
#include "atlas/plan/attention_model.h"
#include "atlas/plan/collective_model.h"
#include "atlas/plan/convolution_model.h"
#include "atlas/plan/gemm_model.h"
#include "atlas/plan/run_model.h"
#include "atlas/plan/streaming_model.h"

namespace atlas {
namespace {

// The starts of a family, for keys that nothing was fitted for.
std::vector<double> starts_of(const Family& family) {
  std::vector<double> starts;
  for (const ModelConstant& parameter : family.parameters) starts.push_back(parameter.start);
  return starts;
}

std::span<const double> starts(std::string_view name) {
  static const std::map<std::string_view, std::vector<double>> all = [] {
    std::map<std::string_view, std::vector<double>> out;
    for (const Family& family : families()) out[family.name] = starts_of(family);
    return out;
  }();
  return all.at(name);
}

// Kernels for these numbers are relatives: the constants of one are the best guess for another.
std::string relative(std::string_view numbers) {
  if (numbers == "fp8_block" || numbers == "fp8_static" || numbers == "fp8_ootb") return "fp8";
  if (numbers == "fp8" || numbers == "sq" || numbers == "nvfp4") return "bfloat16";
  if (numbers == "int8_wo" || numbers == "int4_wo" || numbers == "f16" || numbers == "float16")
    return "bfloat16";
  if (numbers == "fp16" || numbers == "bf16") return "bfloat16";
  if (numbers == "f8-f8" || numbers == "bf16-f8") return "bf16-bf16";
  return "";
}

// Runtimes whose hosts work alike, and those whose kernels do.
using Alike = std::pair<std::string_view, std::string_view>;
constexpr Alike kHosts[] = {{"megatron", "pytorch"},       {"deepspeed", "pytorch"},
                            {"paddle", "tensorflow"},      {"mxnet", "tensorflow"},
                            {"tensorflow2", "xla"},        {"xla", "tensorflow"},
                            {"fused", "tensorrt"},         {"tensorrt-served", "tensorrt"},
                            {"pytorch-served", "pytorch"}, {"tensorflow-detection", "tensorflow"}};
constexpr Alike kKernels[] = {{"paddle", "tensorflow"},
                              {"mxnet", "xla"},
                              {"tensorflow2", "xla"},
                              {"pytorch-served", "pytorch"},
                              {"tensorrt-served", "tensorrt"},
                              {"onnxruntime-served", "xla"},
                              {"tensorflow-detection", "tensorflow"}};

std::string alike(std::span<const Alike> pairs, std::string_view runtime) {
  const auto found = std::ranges::find(pairs, runtime, &Alike::first);
  return std::string(found == pairs.end() ? "" : found->second);
}

// Of a run's key, "RUNTIME-FORMAT-MODE": first another format, then a runtime with such kernels.
std::string relative_run(std::string_view numbers) {
  const std::size_t mode = numbers.rfind('-');
  const std::size_t format = mode == std::string_view::npos ? mode : numbers.rfind('-', mode - 1);
  if (format == std::string_view::npos) return "";
  const std::string_view runtime = numbers.substr(0, format);
  const std::string_view after = numbers.substr(mode);
  const std::string_view of = numbers.substr(format + 1, mode - format - 1);
  if (of == "bf16" || of == "tf32" || of == "f8") return fmt::format("{}-f16{}", runtime, after);
  std::string like = alike(kKernels, runtime);
  if (runtime == "fused" && after == "-infer") like = "tensorrt";
  return like.empty() ? "" : like + std::string(numbers.substr(format));
}

std::string relative_of(std::string_view family, std::string_view numbers) {
  if (family == kRunFamily.name) return relative_run(numbers);
  if (family == kHostFamily.name) return alike(kHosts, numbers);
  return relative(numbers);
}

}  // namespace

std::span<const Family> families() {
  static const std::array<Family, 10> all = {
      kGemmFamily,    kConvolutionFamily, kPrefillFamily,    kDecodeFamily, kElementwiseFamily,
      kSoftmaxFamily, kNormFamily,        kCollectiveFamily, kRunFamily,    kHostFamily};
  return all;
}

const Family& family_named(std::string_view name) {
  for (const Family& family : families())
    if (family.name == name) return family;
  fail(ErrorCode::InvalidArgument, "expected a family of operator models, got '{}'", name);
}

std::string_view family_of(std::string_view key) {
  return key.substr(0, key.find('/'));
}

std::span<const double> Constants::at(std::string_view key) const {
  const std::string_view family = family_of(key);
  std::string numbers(key.size() > family.size() ? key.substr(family.size() + 1) : std::string_view());
  while (!numbers.empty()) {
    if (const auto found = values.find(fmt::format("{}/{}", family, numbers)); found != values.end())
      return found->second;
    numbers = relative_of(family, numbers);
  }
  if (const auto found = values.find(family); found != values.end()) return found->second;
  return starts(family);
}

std::string Constants::yaml() const {
  std::string out = "# Constants of the operator models, written by `atlas machine fit`.\nfitted_on:";
  if (fitted_on.empty()) out += " []";
  out += '\n';
  for (const std::string& machine : fitted_on) out += fmt::format("  - {}\n", machine);
  out += "constants:\n";
  for (const auto& [key, numbers] : values) {
    out += fmt::format("  {}:\n", key);
    const Family& family = family_named(family_of(key));
    for (std::size_t i = 0; i < numbers.size(); ++i)
      out += fmt::format("    {}: {:.4g}\n", family.parameters[i].name, numbers[i]);
  }
  return out;
}

Constants parse_constants(const std::string& text, const std::string& where) {
  const Yaml yaml = Yaml::parse(text, where);
  yaml.allow_only({"fitted_on", "constants"});
  Constants constants;
  for (const Yaml& machine : yaml.at("fitted_on").items()) constants.fitted_on.push_back(machine.text());
  for (const auto& [key, member] : yaml.at("constants").members()) {
    const std::string_view name = family_of(key);
    const auto known = std::ranges::find(families(), name, &Family::name);
    if (known == families().end())
      member.expected(fmt::format("a family of operator models, not '{}'", name));
    for (const auto& [parameter, value] : member.members())
      if (std::ranges::find(known->parameters, parameter, &ModelConstant::name) == known->parameters.end())
        value.expected(fmt::format("a constant of {}, not '{}'", name, parameter));
    std::vector<double>& numbers = constants.values[key];
    for (const ModelConstant& parameter : known->parameters)
      // What is kept has four digits, which may round beyond a bound.
      numbers.push_back(member.at(parameter.name).number(parameter.low * 0.999, parameter.high * 1.001));
  }
  return constants;
}

Constants read_constants(const std::filesystem::path& path) {
  return parse_constants(read_text(path, std::size_t{1} << 22), path.string());
}

std::string Provenance::text() const {
  switch (level) {
    case Level::Calibrated:
      return "calibrated";
    case Level::Transferred:
      return "transferred from " + sibling;
    case Level::DataSheet:
      break;
  }
  return "data sheet";
}

Provenance provenance_of(const Constants& constants, std::string_view machine, std::string_view family,
                         std::span<const std::string> families_fitted) {
  for (const std::string& fitted : constants.fitted_on)
    if (fitted == machine) return {Level::Calibrated, {}};
  if (!constants.fitted_on.empty() &&
      std::ranges::count(families_fitted, family) == std::ssize(families_fitted))
    return {Level::Transferred, constants.fitted_on.front()};
  return {};
}

}  // namespace atlas
