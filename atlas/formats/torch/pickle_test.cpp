#include "atlas/formats/torch/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using testing::HasSubstr;
using Kind = PickleValue::Kind;
using namespace std::string_literals;

constexpr std::string_view kAllowed[] = {"collections OrderedDict", "torch FloatStorage"};

Pickle read(const std::string& bytes) {
  std::size_t at = 0;
  return Pickle({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, at, kAllowed, "p");
}

std::string message_of(const std::string& bytes) {
  try {
    read(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Pickle, ReadsPlainValues) {
  // {"a": (1, -2, None), "b": [True, 0.5]}, by hand.
  const Pickle pickle = read(
      "\x80\x02}q\x00(X\x01\x00\x00\x00"
      "aK\x01J\xFE\xFF\xFF\xFFN\x87X\x01\x00\x00\x00"
      "b](\x88G\x3F\xE0\x00\x00\x00\x00\x00\x00"
      "eu."s);
  ASSERT_EQ(pickle.root().kind, Kind::Dict);
  ASSERT_EQ(pickle.root().items.size(), 4u);
  const PickleValue& tuple = pickle[pickle.root().items[1]];
  ASSERT_EQ(tuple.items.size(), 3u);
  EXPECT_EQ(pickle[tuple.items[0]].integer, 1);
  EXPECT_EQ(pickle[tuple.items[1]].integer, -2);
  EXPECT_EQ(pickle[tuple.items[2]].kind, Kind::None);
  const PickleValue& list = pickle[pickle.root().items[3]];
  EXPECT_EQ(pickle[list.items[0]].integer, 1);
  EXPECT_EQ(pickle[list.items[1]].real, 0.5);
}

TEST(Pickle, ReadsLongIntegers) {
  EXPECT_EQ(read("\x8a\x00."s).root().integer, 0);
  EXPECT_EQ(read("\x8a\x01\xFF."s).root().integer, -1);
  EXPECT_EQ(read("\x8a\x02\x00\x01."s).root().integer, 256);
}

TEST(Pickle, SharesWhatTheMemoHolds) {
  const Pickle pickle = read("(K\x05q\x01h\x01t."s);
  EXPECT_EQ(pickle.root().items[0], pickle.root().items[1]);
}

TEST(Pickle, RunsNothing) {
  EXPECT_THAT(message_of("cos\nsystem\n(X\x02\x00\x00\x00lstR."s), HasSubstr("asks for 'os system'"));
  EXPECT_THAT(message_of("\x8c\x08"
                         "builtins\x8c\x04"
                         "eval\x93."s),
              HasSubstr("asks for 'builtins eval'"));
  EXPECT_THAT(message_of("(K\x01ios\nsystem\n."s), HasSubstr("opcode 0x69"));      // INST
  EXPECT_THAT(message_of("cos\nsystem\no."s), HasSubstr("asks for 'os system'"));  // OBJ
  EXPECT_THAT(message_of("\x82\x01."s), HasSubstr("opcode 0x82"));                 // EXT1
  EXPECT_EQ(read("ctorch\nFloatStorage\n."s).root().kind, Kind::Global);
}

TEST(Pickle, RefusesDamage) {
  for (const std::string& bytes :
       {""s, "."s, "X\xFF\xFF\xFF\x7F"s, "h\x07."s, "t."s, "(."s, "K\x01K\x02s."s, "K\x01K\x02R."s,
        "}(K\x01u."s, "]K\x01s."s, "\x80\x09."s, "K"s, "c"s, "a."s})
    EXPECT_NE(message_of(bytes), "no error") << testing::PrintToString(bytes);
}

TEST(Pickle, BoundsMemory) {
  EXPECT_THAT(message_of("c" + std::string(1000, 'x')), HasSubstr("more than 256 bytes"));
  EXPECT_THAT(message_of(std::string(1'000'001, 'N') + "."), HasSubstr("more than 1000000 values"));
  // A tuple of the one before twice, sixty times: 2^60 leaves, but sixty values.
  std::string doubling = ")q\x00"s;
  for (int i = 0; i < 60; ++i) doubling += "h\x00h\x00\x86q\x00"s;
  EXPECT_EQ(message_of(doubling + "."), "no error");
}

}  // namespace
}  // namespace atlas
