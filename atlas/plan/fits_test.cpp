#include "atlas/plan/fits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/plan/streaming_model.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;

// Element-wise constants that name their file by their first number; runs' likewise by a host's.
class FitsOf : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "runs");
    write("general.yaml", {"near"}, "elementwise/fp32", {1, 0.5});
    write("without-near.yaml", {"far"}, "softmax/fp32", {2, 0.5, 1, 0.1, 1});
    write("near.yaml", {"near"}, "elementwise/fp32", {3, 0.5});
    write("runs/general.yaml", {"near"}, "host/xla", {4, 100, 10});
    write("runs/near.yaml", {"near"}, "host/xla", {5, 100, 10});
    Machine machine;
    for (const char* name : {"near", "sibling"}) {
      machine.name = name;
      machine.family = "family";
      catalogue_.add(machine);
    }
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const char* file, std::vector<std::string> seen, const char* key, std::vector<double> values) {
    Constants constants;
    constants.fitted_on = std::move(seen);
    constants.values[key] = std::move(values);
    write_text(folder_ / file, constants.yaml());
  }
  ChosenConstants choose(const char* machine, std::optional<Level> level = std::nullopt) const {
    return Fits(folder_).choose(catalogue_.at(machine), catalogue_, level);
  }

  fs::path folder_ = fs::path(testing::TempDir()) / "atlas-fits";
  Catalogue catalogue_;
};

// What a chip's own file lacks, those of the others have.
TEST_F(FitsOf, AChipsOwnFileComesFirst) {
  const ChosenConstants chosen = choose("near");
  EXPECT_EQ(chosen.constants.at("elementwise/fp32")[0], 3);
  EXPECT_EQ(chosen.constants.at("softmax/fp32")[0], 2);
  EXPECT_EQ(chosen.constants.at("host/xla")[0], 5);
  EXPECT_EQ(chosen.provenance.text(), "calibrated");
  EXPECT_EQ(chosen.runs.text(), "calibrated");
}

TEST_F(FitsOf, OperatorsAloneComeWithoutRuns) {
  const ChosenConstants chosen =
      Fits(folder_).choose_operators(catalogue_.at("near"), catalogue_, std::nullopt);
  EXPECT_EQ(chosen.constants.at("elementwise/fp32")[0], 3);
  EXPECT_FALSE(chosen.constants.values.contains("host/xla"));
}

TEST_F(FitsOf, TheDataSheetLevelSawNothingOfTheChip) {
  const ChosenConstants chosen = choose("near", Level::DataSheet);
  EXPECT_EQ(chosen.constants.at("elementwise/fp32")[0], kElementwiseFamily.parameters[0].start);
  EXPECT_EQ(chosen.constants.at("softmax/fp32")[0], 2);
  EXPECT_EQ(chosen.provenance.text(), "data sheet");
}

TEST_F(FitsOf, ASiblingServesWhereThereIsNoOther) {
  const ChosenConstants chosen = choose("sibling");
  EXPECT_EQ(chosen.constants.at("elementwise/fp32")[0], 1);
  EXPECT_EQ(chosen.constants.at("host/xla")[0], 4);
  EXPECT_EQ(chosen.runs.text(), "transferred from near");
  EXPECT_EQ(choose("sibling", Level::Transferred).constants.at("elementwise/fp32")[0], 3);
}

TEST_F(FitsOf, AsksForMeasurementsWhereThereAreNone) {
  try {
    choose("sibling", Level::Calibrated);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr("fit constants with `atlas machine fit` and give them by --fit"));
  }
}

// A file of operators says nothing of runs.
TEST_F(FitsOf, AnOwnFileIsWorthWhatItSaw) {
  const ChosenConstants chosen = constants_from(folder_ / "near.yaml", catalogue_.at("near"), catalogue_);
  EXPECT_EQ(chosen.provenance.text(), "calibrated");
  EXPECT_EQ(chosen.runs.text(), "data sheet");
}

}  // namespace
}  // namespace atlas
