#include "atlas/base/file.h"

#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

TEST(File, ReadsBackWhatWasWritten) {
  const auto path = std::filesystem::path(testing::TempDir()) / "file_test.bin";
  std::vector<std::uint8_t> bytes(200'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  write_file(path, bytes);
  EXPECT_EQ(read_file(path), bytes);
  EXPECT_THROW(read_file(path, 199'999), Error);
  write_text(path, "text");
  EXPECT_EQ(read_text(path), "text");
  std::filesystem::remove(path);
  try {
    read_file(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
    EXPECT_NE(std::string(error.what()).find("file_test.bin: cannot be opened"), std::string::npos);
  }
  EXPECT_THROW(read_file(testing::TempDir()), Error);
  EXPECT_THROW(write_text("/nonexistent/x", ""), Error);
  EXPECT_THROW(read_file("/dev/zero", 1 << 20), Error);
}

}  // namespace
}  // namespace atlas
