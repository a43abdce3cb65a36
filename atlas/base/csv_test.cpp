#include "atlas/base/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string message_of(std::string_view text) {
  try {
    Csv::parse(text, "t.csv");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Csv, ReadsAndWritesQuotesAndLineEnds) {
  const Csv csv = Csv::parse("a,b\r\n1,\"x, \"\"y\"\"\"\r\n\n,2", "t.csv");
  EXPECT_THAT(csv.columns, ElementsAre("a", "b"));
  EXPECT_THAT(csv.rows, ElementsAre(ElementsAre("1", "x, \"y\""), ElementsAre("", "2")));
  EXPECT_EQ(csv.column("b"), 1u);
  EXPECT_FALSE(csv.column("c"));
  EXPECT_EQ(csv.text(), "a,b\n1,\"x, \"\"y\"\"\"\n,2\n");
}

TEST(Csv, NamesFileAndLine) {
  EXPECT_EQ(message_of("a,b\n1\n"), "t.csv:2: expected 2 fields, got 1");
  EXPECT_EQ(message_of("a,a\n"), "t.csv:1: expected column 'a' once");
  EXPECT_THAT(message_of("a\n\"x\n"), HasSubstr("t.csv:2: expected the quote to end"));
  EXPECT_THAT(message_of("a\n\"x\"y\n"), HasSubstr("expected a comma behind a quoted field, got 'y'"));
  EXPECT_THAT(message_of(""), HasSubstr("expected a header"));
  EXPECT_THAT(message_of(std::string(300, ',')), HasSubstr("at most 256 columns"));
}

}  // namespace
}  // namespace atlas
