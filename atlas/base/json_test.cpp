#include "atlas/base/json.h"

#include <gtest/gtest.h>

#include <limits>

#include "atlas/base/error.h"

namespace atlas {
namespace {

TEST(Json, WritesWhatWasSetInOrder) {
  Json json = Json::object();
  json.set("name", "a \"quoted\" \\ line\nbreak\x01");
  json.set("count", std::size_t{3}).set("ratio", 0.1).set("ok", true).set("nothing", Json());
  json.set("numbers", Json::array_of(std::vector<std::int64_t>{1, -2}));
  json.set("rows", Json::array({Json::object({{"x", 1}}), Json::object()}));
  EXPECT_EQ(json.text(), R"({
  "name": "a \"quoted\" \\ line\nbreak\u0001",
  "count": 3,
  "ratio": 0.1,
  "ok": true,
  "nothing": null,
  "numbers": [1, -2],
  "rows": [
    {
      "x": 1
    },
    {}
  ]
}
)");
}

TEST(Json, LeavesNothingThatJsonCannotHold) {
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).text(), "null\n");
  EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()).text(), "null\n");
  EXPECT_EQ(Json("gr\xC3\xBC\xC3\x9F").text(), "\"gr\xC3\xBC\xC3\x9F\"\n");
  EXPECT_EQ(Json("gr\xFC").text(), "\"gr\xEF\xBF\xBD\"\n");
}

TEST(Json, RefusesMembersWhereThereIsNoObject) {
  Json json = Json::array();
  EXPECT_THROW(json.set("key", 1), Error);
  EXPECT_THROW(Json(1).add(2), Error);
}

TEST(Json, ReadsWhatItWrites) {
  const std::string text =
      R"({"a": [1, -2.5, true, null, "x\u00e9\n"], "b": {"c": 18446744073709551615}, "a": 2})";
  const Json json = Json::parse(text, "t");
  EXPECT_EQ(json.at("a").integer(0, 9), 2);  // the last one of that name
  const Json::Items& items = json.members()[0].second.items();
  EXPECT_EQ(items[0].integer(1, 1), 1);
  EXPECT_EQ(items[1].number(), -2.5);
  EXPECT_TRUE(items[2].boolean());
  EXPECT_TRUE(items[3].is_null());
  EXPECT_EQ(items[4].string(), "x\u00e9\n");
  EXPECT_EQ(json.at("b").at("c").number(), 18446744073709551616.0);
  EXPECT_EQ(json.find("nothing"), nullptr);
  EXPECT_EQ(Json::parse(json.text(), "t").text(), json.text());
}

TEST(Json, RefusesWhatIsNoJson) {
  const auto message = [](std::string_view text) {
    try {
      Json::parse(text, "file");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  for (const char* bad : {"", "{", "[1,]", "nul", "\"\xC3\"", "1 2", "{\"a\" 1}"})
    EXPECT_NE(message(bad).find("file: expected JSON, got something else at byte"), std::string::npos) << bad;
  EXPECT_NE(message(std::string(200, '[')).find("expected nesting of at most 128"), std::string::npos);
  EXPECT_EQ(message(std::string(128, '[') + std::string(128, ']')), "no error");
}

TEST(Json, SaysWhatItExpected) {
  const auto message = [](auto act) {
    try {
      act(Json::parse(R"({"text": "abc", "number": 3.5, "list": []})", "t"));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message([](const Json& j) { j.at("text").items(); }), "expected an array, got \"abc\"");
  EXPECT_EQ(message([](const Json& j) { j.at("number").integer(0, 5); }),
            "expected an integer from 0 to 5, got 3.5");
  EXPECT_EQ(message([](const Json& j) { j.at("list").string(); }), "expected a string, got an array");
  EXPECT_EQ(message([](const Json& j) { j.at("other"); }), "expected a member 'other'");
}

}  // namespace
}  // namespace atlas
