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

}  // namespace
}  // namespace atlas
