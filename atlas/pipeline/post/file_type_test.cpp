#include "atlas/pipeline/post/file_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using testing::ElementsAre;

constexpr const char* kConfig = R"({"beg_size":4,"mid_size":0,"end_size":3,"use_inputs_at_offsets":false,
"medium_confidence_threshold":0.5,"min_file_size_for_dl":2,"padding_token":256,"block_size":6,
"target_labels_space":["c","png","randomtxt"],"thresholds":{"c":0.9},"overwrite_map":{"randomtxt":"txt"}})";

FileTypeConfig config() {
  return read_file_type_config(Yaml::parse(kConfig, "config.json"));
}

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(FileType, TakesBothEndsWithoutWhiteSpace) {
  EXPECT_THAT(file_type_features(bytes(" \tabcdefghij\n"), config()),
              ElementsAre('a', 'b', 'c', 'd', 'h', 'i', 'j'));
  EXPECT_THAT(file_type_features(bytes("\n ab "), config()), ElementsAre('a', 'b', ' ', 256, ' ', 'a', 'b'));
  // Only the block of six is looked at: of the beginning nothing is left.
  EXPECT_TRUE(file_type_features(bytes("      abcdef"), config()).empty());
  EXPECT_TRUE(file_type_features(bytes("a"), config()).empty());
}

TEST(FileType, JudgesShortFilesByTheirBytes) {
  EXPECT_EQ(type_of_few_bytes({}, config()), "empty");
  EXPECT_EQ(type_of_few_bytes(bytes("\xC3\xA4"), config()), "txt");
  EXPECT_EQ(type_of_few_bytes(bytes("\xC3"), config()), "unknown");
}

TEST(FileType, KeepsToThresholdsAndRenames) {
  EXPECT_EQ(reported_type("c", 0.9f, true, config()), "c");
  EXPECT_EQ(reported_type("c", 0.89f, true, config()), "txt");
  EXPECT_EQ(reported_type("png", 0.5f, false, config()), "png");
  EXPECT_EQ(reported_type("png", 0.49f, false, config()), "unknown");
  EXPECT_EQ(reported_type("randomtxt", 0.6f, true, config()), "txt");
}

TEST(FileType, RefusesOtherConfigurations) {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string text = kConfig;
    text.replace(text.find(from), from.size(), to);
    read_file_type_config(Yaml::parse(text, "config.json"));
  };
  EXPECT_THROW(with("\"mid_size\":0", "\"mid_size\":512"), Error);
  EXPECT_THROW(with("\"use_inputs_at_offsets\":false", "\"use_inputs_at_offsets\":true"), Error);
  EXPECT_THROW(with("\"block_size\":6", "\"block_size\":3"), Error);
  EXPECT_THROW(with("\"beg_size\":4", "\"beg_size\":4000000000"), Error);
  EXPECT_NO_THROW(with("\"beg_size\":4", "\"beg_size\":5"));
}

}  // namespace
}  // namespace atlas
