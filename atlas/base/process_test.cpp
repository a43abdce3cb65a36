#include "atlas/base/process.h"

#include <gtest/gtest.h>

#include <csignal>

#include "atlas/base/error.h"

namespace atlas {
namespace {

TEST(Process, CapturesBothStreamsAndTheExitCode) {
  const ProcessResult result = run_process({"sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.error, "err\n");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.signal, 0);
  EXPECT_FALSE(result.succeeded());
  EXPECT_GT(result.peak_bytes, 0u);
}

TEST(Process, PassesArgumentsAsTheyAre) {
  EXPECT_EQ(run_process({"printf", "%s|", "a b", "$HOME", "*"}).output, "a b|$HOME|*|");
}

TEST(Process, RunsWhereItIsTold) {
  EXPECT_EQ(run_process({"pwd"}, {.directory = "/"}).output, "/\n");
}

TEST(Process, HasNothingOnItsStandardInput) {
  EXPECT_EQ(run_process({"cat"}).output, "");
}

TEST(Process, IsKilledAtItsLimit) {
  const auto started = std::chrono::steady_clock::now();
  const ProcessResult result = run_process({"sleep", "60"}, {.limit = std::chrono::milliseconds(50)});
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_FALSE(result.succeeded());
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(30));
}

TEST(Process, DoesNotWaitForGrandchildrenThatHoldItsStreams) {
  const auto started = std::chrono::steady_clock::now();
  EXPECT_EQ(run_process({"sh", "-c", "sleep 5 & echo done"}).output, "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(4));
}

TEST(Process, NamesTheSignalThatEndedIt) {
  const ProcessResult result = run_process({"sh", "-c", "kill -SEGV $$"});
  EXPECT_EQ(result.signal, SIGSEGV);
  EXPECT_EQ(result.exit_code, 128 + SIGSEGV);
}

TEST(Process, KeepsNoMoreThanTheLimitOfItsOutput) {
  const ProcessResult result =
      run_process({"head", "-c", "300000", "/dev/zero"}, {.output_limit_bytes = 1000});
  EXPECT_TRUE(result.succeeded());
  EXPECT_EQ(result.output.size(), 1000u);
}

TEST(Process, SaysWhichProgramIsMissing) {
  try {
    run_process({"no-such-program-of-atlas"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
    EXPECT_STREQ(error.what(), "no-such-program-of-atlas: cannot be started: No such file or directory");
  }
  EXPECT_FALSE(find_program("no-such-program-of-atlas"));
  EXPECT_TRUE(find_program("sh"));
  EXPECT_EQ(this_binary().filename(), "base_test");
}

}  // namespace
}  // namespace atlas
