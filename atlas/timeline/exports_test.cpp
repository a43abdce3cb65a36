// A timeline as a trace, as text and as a page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "atlas/timeline/report.h"
#include "atlas/timeline/table.h"
#include "atlas/timeline/trace.h"

namespace atlas {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// A loop of 10 us with 6 us of a product in it, then an addition that two threads share.
Timeline example() {
  Timeline timeline{"net", "host", "measured", {}};
  Event loop{"l", "Loop", "", 0, 10e-6};
  loop.nested_s = 6e-6;
  timeline.events.push_back(loop);
  timeline.events.push_back({"m", "MatMul", "", 2e-6, 6e-6, 1000, 3000, 0, "f32", "f32[10]"});
  timeline.events.push_back({"</script><b>", "Add", "", 10e-6, 2e-6, 400, 100, 0, "f32"});
  timeline.events[2].reads = {0};
  timeline.threads = {{2, 1, 10.5e-6, 1e-6}};
  timeline.memory = {{8e-6, 4096, 100}, {12e-6, 0, 100}};
  timeline.notes = {"3 runs"};
  set_roof(timeline, {"measured at start", {{"f32", 1e9}}, {{1e6, 1e9}}});
  return timeline;
}

std::vector<Json> slices(const Json& trace, std::string_view phase) {
  std::vector<Json> out;
  for (const Json& event : trace.at("traceEvents").items())
    if (event.at("ph").string() == phase) out.push_back(event);
  return out;
}

TEST(Trace, HoldsStepsThreadsAndCounters) {
  const Json trace = Json::parse(trace_json(example()), "trace");
  const std::vector<Json> parts = slices(trace, "X");
  ASSERT_EQ(parts.size(), 4u);  // three steps, and what the second thread did
  EXPECT_EQ(parts[1].at("name").string(), "MatMul");
  EXPECT_DOUBLE_EQ(parts[1].at("ts").number(), 2);
  EXPECT_DOUBLE_EQ(parts[1].at("dur").number(), 6);
  EXPECT_DOUBLE_EQ(parts[1].at("args").at("percent of roof").number(), 50);
  EXPECT_EQ(parts[3].at("tid").number(), 1);
  EXPECT_EQ(slices(trace, "M").size(), 3u);  // the process and two threads
  ASSERT_EQ(slices(trace, "s").size(), 1u);  // from inside the loop to the addition
  EXPECT_DOUBLE_EQ(slices(trace, "s")[0].at("ts").number(), 9);
  EXPECT_DOUBLE_EQ(slices(trace, "f")[0].at("ts").number(), 10);
  const std::vector<Json> counters = slices(trace, "C");
  EXPECT_TRUE(std::ranges::any_of(counters, [](const Json& counter) {
    return counter.at("name").string() == "memory" && counter.at("args").at("arena").number() == 4096;
  }));
}

TEST(Table, SaysWhereTheTimeWent) {
  const std::vector<OperatorShare> shares = shares_by_operator(example());
  ASSERT_EQ(shares.size(), 3u);
  EXPECT_EQ(shares[0].op, "MatMul");
  EXPECT_EQ(shares[1].op, "Loop");
  EXPECT_NEAR(shares[1].seconds, 4e-6, 1e-12);  // without the product inside it
  const std::string text = timeline_text(example(), 1);
  EXPECT_THAT(text, HasSubstr("time         12.0 us, 83333.3 per second\n"));
  EXPECT_THAT(text, ContainsRegex("MatMul +1 +6.0 us +50.0 % +500 Mop/s +167 MB/s +50.0 %\n"));
  EXPECT_THAT(text, HasSubstr("memory       4.20 kB at most"));
  EXPECT_THAT(text, HasSubstr("3 runs\n"));
  EXPECT_THAT(text, Not(HasSubstr("</script>")));  // only the slowest step was asked for
}

TEST(Table, AmountsHaveThreeDigits) {
  EXPECT_EQ(text_of_amount(0), "0");
  EXPECT_EQ(text_of_amount(999.6, "B"), "1.00 kB");
  EXPECT_EQ(text_of_amount(12345), "12.3 k");
  EXPECT_EQ(text_of_amount(4.56e9, "op/s"), "4.56 Gop/s");
  EXPECT_EQ(text_of_seconds(1.5e-6), "1.5 us");
  EXPECT_EQ(text_of_seconds(2), "2.000 s");
}

TEST(Report, IsOnePageThatRunsNothingOfTheData) {
  const std::string page = report_page(example());
  EXPECT_THAT(page, HasSubstr("\\u003c/script>"));
  EXPECT_THAT(page, Not(HasSubstr("</script><b>")));
  EXPECT_THAT(page, Not(HasSubstr("/*timeline*/")));
  EXPECT_THAT(page, Not(ContainsRegex("(src|href)=")));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

}  // namespace
}  // namespace atlas
