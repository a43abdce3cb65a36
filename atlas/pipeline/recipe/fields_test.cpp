#include "atlas/pipeline/recipe/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Settings {
  bool flag = false;
  std::int64_t count = 3;
  float share = 0.5f;
  std::array<float, 2> pair{1, 2};
  std::vector<std::int64_t> strides{8, 16};
  std::vector<float> sizes;
  std::string name;
  int color = 1;
  std::int64_t inner = 0;

  void declare(Fields& fields) {
    fields.boolean({"flag", "A flag", true}, flag);
    fields.integer({"count", "How many"}, count, 1, 10);
    fields.number({"share", "A share", true}, share, 0, 1);
    fields.numbers({"pair", "Two", true}, pair, -5, 5);
    fields.integers({"strides", "Steps", true}, strides, 1, 64, 3);
    fields.reals({"sizes", "Of things", true}, sizes, 0, 100, 2);
    fields.text({"name", "A name", true}, name);
    fields.choice({"color", "A color", true}, color, {{"red", 0}, {"green", 1}});
    fields.section({"section", "A part", true}, [&](Fields& part) {
      part.integer({"inner", "Inside"}, inner, 0, 9);
    });
  }
};

Settings read(const std::string& yaml) {
  Settings out;
  Fields::read(Yaml::parse(yaml, "r.yaml"), [&](Fields& fields) { out.declare(fields); });
  return out;
}

std::string message_of(const std::string& yaml) {
  try {
    read(yaml);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Fields, ReadsEveryKind) {
  const Settings all = read(
      "{flag: true, count: 7, share: 0.25, pair: [3, -4], strides: [32], sizes: [1.5], name: x, color: red, "
      "section: "
      "{inner: "
      "5}}");
  EXPECT_TRUE(all.flag);
  EXPECT_EQ(all.count, 7);
  EXPECT_FLOAT_EQ(all.share, 0.25f);
  EXPECT_THAT(all.pair, ElementsAre(3, -4));
  EXPECT_THAT(all.strides, ElementsAre(32));
  EXPECT_THAT(all.sizes, ElementsAre(1.5f));
  EXPECT_EQ(all.name, "x");
  EXPECT_EQ(all.color, 0);
  EXPECT_EQ(all.inner, 5);
}

TEST(Fields, KeepsDefaultsOfWhatIsLeftOut) {
  const Settings few = read("{count: 1}");
  EXPECT_FLOAT_EQ(few.share, 0.5f);
  EXPECT_THAT(few.strides, ElementsAre(8, 16));
  EXPECT_EQ(few.color, 1);
}

TEST(Fields, SaysWhatIsWrong) {
  EXPECT_THAT(message_of("{flag: true}"), HasSubstr("r.yaml:1: expected a member 'count'"));
  EXPECT_THAT(message_of("{count: 1, cuont: 2}"), HasSubstr("got the key 'cuont'"));
  EXPECT_THAT(message_of("{count: 11}"), HasSubstr("count: expected a whole number from 1 to 10, got '11'"));
  EXPECT_THAT(message_of("{count: 1, share: .nan}"), HasSubstr("expected a number from 0 to 1"));
  EXPECT_THAT(message_of("{count: 1, pair: [1]}"), HasSubstr("pair: expected 2 numbers from -5 to 5"));
  EXPECT_THAT(message_of("{count: 1, strides: [1, 2, 3, 4]}"), HasSubstr("expected 1 to 3 whole numbers"));
  EXPECT_THAT(message_of("{count: 1, strides: []}"), HasSubstr("expected 1 to 3 whole numbers"));
  EXPECT_THAT(message_of("{count: 1, sizes: [1, 2, 3]}"), HasSubstr("expected 1 to 2 numbers from 0 to 100"));
  EXPECT_THAT(message_of("{count: 1, color: blue}"), HasSubstr("color: expected red or green, got 'blue'"));
  EXPECT_THAT(message_of("{count: 1, section: {}}"), HasSubstr("section: expected a member 'inner'"));
  EXPECT_THAT(message_of("{count: 1, section: {inner: 1, x: 1}}"), HasSubstr("got the key 'x'"));
}

TEST(Fields, ListsThemselves) {
  Settings settings;
  const std::vector<FieldDoc> docs = Fields::list([&](Fields& fields) { settings.declare(fields); });
  ASSERT_EQ(docs.size(), 10u);
  EXPECT_EQ(docs[1].form, "whole number from 1 to 10");
  EXPECT_EQ(docs[1].otherwise, "required");
  EXPECT_EQ(docs[4].otherwise, "[8, 16]");
  EXPECT_EQ(docs[7].form, "red or green");
  EXPECT_EQ(docs[7].otherwise, "green");
  EXPECT_EQ(docs[9].path, "section.inner");
  EXPECT_EQ(docs[9].about, "Inside");
}

}  // namespace
}  // namespace atlas
