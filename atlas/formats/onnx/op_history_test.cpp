// The table of versions against the list of all that ONNX has.
#include "atlas/formats/onnx/op_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace atlas::onnx {
namespace {

using Key = std::pair<std::string, std::string>;

std::map<Key, std::vector<int>> published_versions() {
  std::map<Key, std::vector<int>> out;
  std::ifstream file(ATLAS_SOURCE_DIR "/atlas/formats/onnx/testdata/operator_versions.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string domain;
    std::string op;
    words >> domain >> op;
    if (domain == "ai.onnx") domain = "";
    for (std::string version; words >> version;) out[{domain, op}].push_back(std::stoi(version));
  }
  return out;
}

TEST(OpHistory, KnowsEveryVersionOfEveryOperator) {
  const std::map<Key, std::vector<int>> published = published_versions();
  ASSERT_GT(published.size(), 200u);
  for (const auto& [key, versions] : published) {
    const OpHistory* history = find_history(key.first, key.second);
    ASSERT_NE(history, nullptr) << key.second;
    std::vector<int> known;
    for (const OpVersion& version : history->versions) known.push_back(version.version);
    EXPECT_EQ(known, versions) << key.second;
  }
}

TEST(OpHistory, HoldsNothingElseButTheFirstExperiments) {
  const std::map<Key, std::vector<int>> published = published_versions();
  std::set<std::string> others;
  for (const OpHistory& history : op_histories())
    if (!published.contains({std::string(history.domain), std::string(history.op)}))
      others.insert(std::string(history.op));
  EXPECT_EQ(others, (std::set<std::string>{"Affine", "Crop", "GivenTensorFill", "ImageScaler",
                                           "ParametricSoftplus", "Scale", "ScaledTanh"}));
}

TEST(OpHistory, IsSorted) {
  EXPECT_TRUE(std::ranges::is_sorted(op_histories(), {},
                                     [](const OpHistory& row) { return std::pair(row.domain, row.op); }));
}

}  // namespace
}  // namespace atlas::onnx
