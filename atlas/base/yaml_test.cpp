#include "atlas/base/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

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

TEST(Yaml, ReadsScalarsListsAndMaps) {
  const Yaml yaml = Yaml::parse("name: det\nsizes: [1, 2.5]\ndeep: {on: true, count: 7}\nnone:\n", "a.yaml");
  EXPECT_EQ(yaml.at("name").text(), "det");
  EXPECT_THAT(yaml.at("sizes").numbers(2), testing::ElementsAre(1, 2.5));
  EXPECT_TRUE(yaml.at("deep").at("on").boolean());
  EXPECT_EQ(yaml.at("deep").at("count").integer(0, 10), 7);
  EXPECT_TRUE(yaml.at("none").is_null());
  EXPECT_EQ(yaml.find("absent"), nullptr);
}

TEST(Yaml, ErrorsNameFileLineAndExpectation) {
  const Yaml yaml = Yaml::parse("a:\n  b: x\n  c: [1]\n", "r.yaml");
  EXPECT_EQ(message_of([&] { yaml.at("a").at("b").number(0, 1); }),
            "r.yaml:2: a.b: expected a number from 0 to 1, got 'x'");
  EXPECT_EQ(message_of([&] { yaml.at("a").at("c").numbers(3); }),
            "r.yaml:3: a.c: expected a list of 3 numbers, got a list of 1");
  EXPECT_THAT(message_of([&] { yaml.at("z"); }), HasSubstr("expected a member 'z', got a map of 1"));
  EXPECT_THAT(message_of([&] { yaml.at("a").allow_only({"b"}); }),
              HasSubstr("r.yaml:3: expected one of b, got the key 'c'"));
  EXPECT_THAT(message_of([] { Yaml::parse("a: [1,\nb", "s.yaml"); }), HasSubstr("s.yaml:2: expected YAML"));
}

TEST(Yaml, RefusesCyclesBombsAndRepeatedKeys) {
  EXPECT_THAT(message_of([] { Yaml::parse("&a [*a]", "c.yaml"); }), HasSubstr("nested at most 64"));
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 1; j < 10; ++j) bomb += "," + last;
    bomb += "]\n";
  }
  EXPECT_THAT(message_of([&] { Yaml::parse(bomb, "b.yaml"); }), HasSubstr("at most 200000 nodes"));
  EXPECT_THAT(message_of([] { Yaml::parse("a: 1\na: 2\n", "k.yaml"); }), HasSubstr("key 'a' once"));
}

}  // namespace
}  // namespace atlas
