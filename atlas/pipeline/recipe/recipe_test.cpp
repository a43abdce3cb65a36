#include "atlas/pipeline/recipe/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/pipeline/recipe/tasks.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

template <typename Act>
std::string message_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

const fs::path kRecipes = fs::path(ATLAS_TESTDATA) / "../../../zoo/recipes";

class RecipeFolder : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    fs::create_directories(outside_);
    write_text(outside_ / "secret.txt", "x");
  }
  void TearDown() override { fs::remove_all(folder_.parent_path()); }

  fs::path folder_ = fs::path(testing::TempDir()) / "recipe_test" / "mine";
  fs::path outside_ = fs::path(testing::TempDir()) / "recipe_test" / "outside";
};

TEST(Recipes, ThatComeWithAtlasAreWhatTheirTasksRead) {
  int count = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(kRecipes)) {
    const RecipeSummary summary = check_recipe(Yaml::read(entry.path()));
    EXPECT_FALSE(summary.about.empty()) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 1);
}

TEST(Recipes, SayWhatIsWrong) {
  const std::string good = read_text(kRecipes / "ocr.yaml");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return message_of([&] { check_recipe(Yaml::parse(text, "ocr.yaml")); });
  };
  EXPECT_EQ(with("", ""), "no error");
  EXPECT_THAT(with("box_threshold: 0.6", "box_threshold: 2"),
              HasSubstr("ocr.yaml:15: detect.box_threshold: expected a number from 0 to 1, got '2'"));
  EXPECT_THAT(with("unclip_ratio", "unclip"), HasSubstr("got the key 'unclip'"));
  EXPECT_THAT(with("  longest_side: 960\n", ""), HasSubstr("detect: expected a member 'longest_side'"));
  EXPECT_THAT(with("channels: BGR", "channels: HSV"), HasSubstr("channels: expected RGB or BGR, got 'HSV'"));
  EXPECT_THAT(with("deviation: [0.229", "deviation: [0"), HasSubstr("deviation[0]: expected a number from"));
  EXPECT_THAT(with("task: ocr", "task: cook"), HasSubstr("ocr.yaml:2: task: expected one of "));
  EXPECT_THAT(with("about:", "abuot:"), HasSubstr("got the key 'abuot'"));
}

TEST_F(RecipeFolder, GivesFilesOfItsOwnAlone) {
  write_text(folder_ / "labels.txt", "a\n");
  fs::create_symlink(outside_ / "secret.txt", folder_ / "link.txt");
  fs::create_directory_symlink(outside_, folder_ / "door");
  const RecipeFiles files(folder_, {});
  EXPECT_EQ(files.find("labels.txt"), fs::canonical(folder_ / "labels.txt"));
  EXPECT_EQ(files.find("./labels.txt"), fs::canonical(folder_ / "labels.txt"));
  for (const char* bad : {"../outside/secret.txt", "./../outside/secret.txt", "/etc/passwd", ""})
    EXPECT_THAT(message_of([&] { files.find(bad); }), HasSubstr("expected a path inside")) << bad;
  for (const char* bad : {"link.txt", "door/secret.txt"})
    EXPECT_THAT(message_of([&] { files.find(bad); }), HasSubstr("leads out of")) << bad;
  EXPECT_THROW(files.find("none.onnx"), Error);
}

TEST_F(RecipeFolder, OpensModelsOnceAndNamesFallbacks) {
  write_text(folder_ / "twice.txt",
             "graph \"g\" {\n input x: f32[2]\n y: f32[2] = Add(x, x)\n output y\n}\n");
  RecipeFiles files(folder_, {});
  const Session& session = files.open("twice.txt");
  const std::vector<Datum> out = session.run(std::vector<Datum>{Tensor::of<float>({2}, {1, 2})});
  EXPECT_EQ(out[0].tensor().values<float>()[1], 4);
  EXPECT_TRUE(files.fallbacks().empty());
  EXPECT_THAT(message_of([&] { files.open("none.onnx"); }), HasSubstr("none.onnx"));
}

TEST(Recipes, TasksAreListedByNameAndDocumented) {
  std::string before;
  for (const TaskEntry& task : recipe_tasks()) {
    EXPECT_LT(before, std::string(task.name));
    before = task.name;
    EXPECT_FALSE(task.fields().empty());
    for (const FieldDoc& field : task.fields()) EXPECT_FALSE(field.about.empty()) << field.path;
  }
}

}  // namespace
}  // namespace atlas
