#include "atlas/base/sha256.h"

#include <gtest/gtest.h>

#include <string_view>

#include "atlas/base/error.h"
#include "atlas/base/file.h"

namespace atlas {
namespace {

std::string digest(std::string_view text, std::size_t step = 1000) {
  Sha256 hash;
  for (std::size_t at = 0; at < text.size(); at += step) {
    const std::string_view part = text.substr(at, step);
    hash.append({reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
  }
  return hash.finish();
}

// The examples of FIPS 180-4.
TEST(Sha256, GivesTheDigestsOfTheStandard) {
  EXPECT_EQ(digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(digest(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheBytesArrive) {
  for (std::size_t size = 50; size < 140; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(digest(text, 1), digest(text)) << size;
    EXPECT_EQ(digest(text, 7), digest(text)) << size;
  }
}

TEST(Sha256, ReadsFiles) {
  const auto path = std::filesystem::path(testing::TempDir()) / "sha256_test.bin";
  write_text(path, "abc");
  EXPECT_EQ(sha256_of_file(path), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::filesystem::remove(path);
  EXPECT_THROW(sha256_of_file(path), Error);
}

}  // namespace
}  // namespace atlas
