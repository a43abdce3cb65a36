#include "atlas/pipeline/recipe/model_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atlas {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ModelNames, ReadsAPythonDict) {
  EXPECT_THAT(names_in({{"names", "{0: 'person', 1: \"driver's cab\", 2: 'it\\'s'}"}}),
              ElementsAre("person", "driver's cab", "it's"));
  EXPECT_THAT(names_in({{"names", "{}"}}), IsEmpty());
  EXPECT_THAT(names_in({{"stride", "32"}}), IsEmpty());
}

TEST(ModelNames, TakesNothingElse) {
  for (const char* text : {"", "{", "{0", "{0:", "{0: 'a", "{0: 'a'", "{1: 'a'}", "{0: 'a' 1: 'b'}", "{0: a}",
                           "{0: 'a\\", "['a']", "{0: 'a', 0: 'b'}", "{99999999999999999999: 'a'}"})
    EXPECT_THAT(names_in({{"names", text}}), IsEmpty()) << text;
}

}  // namespace
}  // namespace atlas
