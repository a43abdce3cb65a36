#include "atlas/machine/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "atlas/base/error.h"
#include "atlas/base/file.h"

namespace atlas {
namespace {

const Catalogue& standard() {
  static const Catalogue catalogue = Catalogue::read(ATLAS_MACHINES);
  return catalogue;
}

TEST(Catalogue, HasChipsAndNodes) {
  int chips = 0;
  int nodes = 0;
  for (const Machine& machine : standard().machines()) ++(machine.is_node() ? nodes : chips);
  EXPECT_GE(chips, 45);
  EXPECT_GE(nodes, 6);
}

TEST(Catalogue, EveryChipComputesAndRemembers) {
  for (const Machine& machine : standard().machines()) {
    if (machine.is_node()) continue;
    EXPECT_TRUE(machine.memories.front().bandwidth.known()) << machine.name;
    EXPECT_GE(machine.compute.cores.value, 1) << machine.name;
  }
}

TEST(Catalogue, FindsByAliasAndSuggests) {
  EXPECT_EQ(standard().at("NVIDIA H100 80GB HBM3").name, "h100-sxm-80gb");
  try {
    standard().at("h100-nvl");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
    EXPECT_THAT(error.what(), testing::HasSubstr("did you mean dgx-h100, h100-pcie-80gb, h100-sxm-80gb?"));
  }
}

// The A100 computes 108 cores x 4 units x 256 x 2 x 1.41 GHz = 311.9 TFLOP/s in f16; 624 is its sparse rate.
TEST(Catalogue, KeepsDenseAndSparseApart) {
  const Machine& a100 = standard().at("a100-sxm-80gb");
  EXPECT_DOUBLE_EQ(a100.compute.engine("matrix")->rate("f16").value, 312e12);
  EXPECT_EQ(a100.compute.engine("matrix")->sparse[1].format, "f16");
  EXPECT_DOUBLE_EQ(a100.compute.engine("matrix")->sparse[1].rate.value, 624e12);
}

TEST(Catalogue, AMachineOfTheUsersOwnStandsInForOneOfItsName) {
  Catalogue catalogue = standard();
  Machine own = catalogue.at("t4");
  own.title = "mine";
  catalogue.add(own);
  EXPECT_EQ(catalogue.at("t4").title, "mine");
  EXPECT_EQ(catalogue.machines().size(), standard().machines().size());
}

TEST(Catalogue, RefusesNamesGivenTwice) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "atlas-twice";
  std::filesystem::create_directories(folder);
  const std::string text = read_text(std::filesystem::path(ATLAS_MACHINES) / "t4.yaml");
  write_text(folder / "a.yaml", text);
  write_text(folder / "b.yaml", text);
  EXPECT_THROW(Catalogue::read(folder), Error);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace atlas
