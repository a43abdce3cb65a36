#include "atlas/machine/quantity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atlas {
namespace {

TEST(Quantity, TurnsUnitsIntoBaseUnits) {
  EXPECT_EQ(parse_quantity("3.35 TB/s", Dimension::Bandwidth), 3.35e12);
  EXPECT_EQ(parse_quantity("40 MiB", Dimension::Bytes), 40.0 * 1024 * 1024);
  EXPECT_EQ(parse_quantity("2GiB", Dimension::Bytes), 2.0 * 1024 * 1024 * 1024);
  EXPECT_EQ(parse_quantity("130 TOP/s", Dimension::Ops), 130e12);
  EXPECT_EQ(parse_quantity("200 Gb/s", Dimension::Bandwidth), 25e9);  // bits
  EXPECT_EQ(parse_quantity("132", Dimension::Count), 132.0);
}

TEST(Quantity, RefusesOtherUnitsAndForms) {
  EXPECT_FALSE(parse_quantity("3.35 TB", Dimension::Bandwidth));
  EXPECT_FALSE(parse_quantity("3.35  TB/s", Dimension::Bandwidth));
  EXPECT_FALSE(parse_quantity("3.35 tb/s", Dimension::Bandwidth));
  EXPECT_FALSE(parse_quantity("3.35 ", Dimension::Bandwidth));
  EXPECT_FALSE(parse_quantity("3.35", Dimension::Bandwidth));
  EXPECT_FALSE(parse_quantity("132 cores", Dimension::Count));
  EXPECT_FALSE(parse_quantity("inf W", Dimension::Power));
  EXPECT_FALSE(parse_quantity("", Dimension::Count));
  EXPECT_THAT(describe(Dimension::Area), testing::HasSubstr("814 mm2"));
}

TEST(Quantity, WritesTheLargestFittingUnit) {
  EXPECT_EQ(format_quantity(3.35e12, Dimension::Bandwidth), "3.35 TB/s");
  EXPECT_EQ(format_quantity(989.4e12, Dimension::Ops), "989.4 TFLOP/s");
  EXPECT_EQ(format_quantity(2.5e-6, Dimension::Time), "2.5 us");
  EXPECT_EQ(format_quantity(0.5, Dimension::Power), "500 mW");
  EXPECT_EQ(format_quantity(2022, Dimension::Year), "2022");
}

}  // namespace
}  // namespace atlas
