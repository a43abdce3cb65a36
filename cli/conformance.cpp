// `atlas conformance DIR`: every case of an ONNX backend-test tree, each in a process of its own.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <regex>

#include "atlas/base/cpu_info.h"
#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/json.h"
#include "cli/command_line.h"
#include "cli/conformance_suite.h"
#include "cli/isolated_run.h"

namespace atlas::cli {
namespace {

// What a child says of its case: one letter, then the reason.
constexpr char kPassed = 'P';
constexpr char kPassedByMean = 'M';
constexpr char kFailed = 'F';

struct Verdict {
  bool passed = false;
  bool by_mean = false;
  std::string reason;
};

std::string child_verdict(const ConformanceCase& test, const Registry& registry,
                          const SessionOptions& options) {
  try {
    bool by_mean = false;
    const std::string reason = judge(test, registry, options, by_mean);
    if (reason.empty()) return std::string(1, by_mean ? kPassedByMean : kPassed);
    return kFailed + reason;
  } catch (const std::exception& error) {
    return kFailed + std::string(error.what());
  }
}

Verdict verdict(const IsolatedResult& result) {
  if (!result.finished || result.text.empty()) return {false, false, result.text};
  return {result.text[0] != kFailed, result.text[0] == kPassedByMean, result.text.substr(1)};
}

struct Tally {
  int passed = 0;
  int failed = 0;
};

std::map<std::string, Tally> by_folder(const std::vector<ConformanceCase>& cases,
                                       const std::vector<Verdict>& verdicts) {
  std::map<std::string, Tally> out;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Tally& tally = out[cases[i].folder];
    ++(verdicts[i].passed ? tally.passed : tally.failed);
  }
  return out;
}

void write_json(const std::string& path, const std::vector<ConformanceCase>& cases,
                const std::vector<Verdict>& verdicts) {
  Json list = Json::array();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Json entry = Json::object();
    entry.set("folder", cases[i].folder).set("name", cases[i].name);
    entry.set("status", verdicts[i].passed ? "passed" : "failed").set("judged_by_mean", verdicts[i].by_mean);
    if (!verdicts[i].reason.empty()) entry.set("reason", verdicts[i].reason);
    list.add(std::move(entry));
  }
  Json folders = Json::object();
  for (const auto& [folder, tally] : by_folder(cases, verdicts))
    folders.set(folder, Json::object({{"passed", tally.passed}, {"failed", tally.failed}}));
  write_text(path, Json::object({{"folders", std::move(folders)}, {"cases", std::move(list)}}).text());
}

void write_markdown(const std::string& path, const std::vector<ConformanceCase>& cases,
                    const std::vector<Verdict>& verdicts) {
  std::string out =
      "# Conformance\n\nWritten by `atlas conformance DIR --report docs/conformance.md` on the backend suite "
      "of ONNX "
      "1.22.0\n(PyPI `onnx`, folder `onnx/backend/test/data`).\n\n| folder | passed | failed "
      "|\n|---|---|---|\n";
  for (const auto& [folder, tally] : by_folder(cases, verdicts))
    out += fmt::format("| {} | {} | {} |\n", folder, tally.passed, tally.failed);
  std::string failures;
  std::string drawn;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string name = fmt::format("`{}/{}`", cases[i].folder, cases[i].name);
    if (!verdicts[i].passed) failures += fmt::format("- {}: {}\n", name, verdicts[i].reason);
    if (verdicts[i].by_mean) drawn += fmt::format("- {}\n", name);
  }
  if (!failures.empty()) out += "\n## What fails, and why\n\n" + failures;
  if (!drawn.empty())
    out +=
        "\n## Judged by what the operator does\n\nThese hold one draw of a random generator that the "
        "standard does "
        "not prescribe. They pass where type and shape\nare right, one seed gives one draw, and the recorded "
        "mean is "
        "one that our draws (500 seeds) could have.\n\n" +
        drawn;
  write_text(path, out);
}

}  // namespace

int conformance(Arguments arguments) {
  std::string root;
  std::string json;
  std::string report;
  std::string filter;
  SessionOptions options;
  options.threads = 1;
  int timeout = 60;
  std::size_t jobs = available_cpus();
  CommandLine line("conformance", "Run every case of an ONNX backend-test tree.");
  line.add_option("DIR", root, "A tree of cases: <case>/model.onnx, test_data_set_N/{input,output}_M.pb")
      ->required();
  line.add_option("--filter", filter,
                  "Only cases whose folder/name holds a match of this regular expression");
  line.add_option("--json", json, "Write every verdict to this file");
  line.add_option("--report", report, "Write a summary for people to this Markdown file");
  line.add_option("--target", options.target, "What runs the models")->capture_default_str();
  line.add_option("--timeout", timeout, "Seconds a case may take")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
  line.add_option("--jobs", jobs, "Cases at once")->capture_default_str()->check(CLI::Range(1, 256));
  if (!line.read(arguments)) return 0;

  std::vector<ConformanceCase> cases = find_cases(root);
  if (!filter.empty()) {
    try {
      const std::regex wanted(filter);
      std::erase_if(cases, [&](const ConformanceCase& test) {
        return !std::regex_search(test.folder + "/" + test.name, wanted);
      });
    } catch (const std::regex_error& error) {
      fail(ErrorCode::InvalidArgument, "--filter '{}': {}", filter, error.what());
    }
    require(!cases.empty(), "--filter '{}': no case has such a name", filter);
  }
  const Registry registry = standard_registry();
  const auto work = [&](std::size_t i) { return child_verdict(cases[i], registry, options); };
  const bool live = isatty(fileno(stderr)) != 0;
  const auto progress = [&](std::size_t done) {
    if (live) fmt::print(stderr, "\r{} of {}", done, cases.size());
  };
  std::vector<Verdict> verdicts;
  for (const IsolatedResult& result :
       run_isolated(cases.size(), jobs, std::chrono::seconds(timeout), work, progress))
    verdicts.push_back(verdict(result));
  if (live) fmt::print(stderr, "\r");

  int failed = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (verdicts[i].passed) continue;
    ++failed;
    fmt::print("FAILED {}/{}: {}\n", cases[i].folder, cases[i].name, verdicts[i].reason);
  }
  if (!json.empty()) write_json(json, cases, verdicts);
  if (!report.empty()) write_markdown(report, cases, verdicts);
  for (const auto& [folder, tally] : by_folder(cases, verdicts))
    fmt::print("{:<20} {:>5} of {}\n", folder, tally.passed, tally.passed + tally.failed);
  fmt::print("{} passed, {} failed, 0 skipped\n", cases.size() - static_cast<std::size_t>(failed), failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace atlas::cli
