// Files as memory, paths that stay inside a folder, files that appear whole.
#include "atlas/base/mapped_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "atlas/base/atomic_file.h"
#include "atlas/base/contained_path.h"
#include "atlas/base/error.h"
#include "atlas/base/file.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Files : public ::testing::Test {
 protected:
  Files()
      : folder_(fs::temp_directory_path() / fmt::format("atlas_files_{}", static_cast<const void*>(this))) {
    fs::create_directories(folder_);
  }
  ~Files() override { fs::remove_all(folder_); }

  template <typename Body>
  static std::string error_of(Body body) {
    try {
      body();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  fs::path folder_;
};

TEST_F(Files, MapsWhatWasWritten) {
  std::string content(3 << 20, 'x');
  content[5000] = 'y';
  write_text(folder_ / "a", content);
  const MappedFile file(folder_ / "a");
  file.prefer_huge_pages();  // a wish: it changes no byte
  ASSERT_EQ(file.bytes().size(), content.size());
  std::string copy(content.size() - 7, ' ');
  file.copy(7, std::as_writable_bytes(std::span(copy)));
  EXPECT_EQ(copy, content.substr(7));
  EXPECT_EQ(static_cast<char>(file.bytes()[5000]), 'y');
}

TEST_F(Files, MapsAnEmptyFileAndRefusesWhatIsNone) {
  write_text(folder_ / "empty", "");
  EXPECT_TRUE(MappedFile(folder_ / "empty").bytes().empty());
  EXPECT_THAT(error_of([&] { MappedFile(folder_ / "none"); }), HasSubstr("cannot be opened"));
  EXPECT_THAT(error_of([&] { MappedFile{folder_}; }), HasSubstr("expected a regular file"));
}

TEST_F(Files, PathsStayInside) {
  fs::create_directories(folder_ / "model/sub");
  write_text(folder_ / "secret", "s");
  write_text(folder_ / "model/sub/data", "d");
  fs::create_symlink("sub/data", folder_ / "model/inside");
  fs::create_symlink("../secret", folder_ / "model/outside");
  const fs::path model = folder_ / "model";
  EXPECT_EQ(read_text(contained_path(model, "sub/data")), "d");
  EXPECT_EQ(read_text(contained_path(model, "./inside")), "d");
  for (const char* bad : {"", "..", "../secret", "sub/../../secret", "/etc/passwd", "sub/../sub/data"})
    EXPECT_THAT(error_of([&] { contained_path(model, bad); }), HasSubstr("expected a path inside")) << bad;
  EXPECT_THAT(error_of([&] { contained_path(model, "outside"); }), HasSubstr("leads out of the folder"));
  EXPECT_THAT(error_of([&] { contained_path(model, "none"); }), HasSubstr("No such file"));
}

TEST_F(Files, AppearWhole) {
  write_text(folder_ / "a", "old");
  {
    AtomicFile file(folder_ / "a");
    file.append("half");
  }
  EXPECT_EQ(read_text(folder_ / "a"), "old");
  {
    AtomicFile file(folder_ / "a");
    file.append("new");
    file.append(" one");
    EXPECT_EQ(file.size_bytes(), 7u);
    file.commit();
  }
  EXPECT_EQ(read_text(folder_ / "a"), "new one");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
  EXPECT_THAT(error_of([&] { AtomicFile(folder_ / "no/such"); }), HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace atlas
