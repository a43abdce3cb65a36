#include "atlas/plan/constants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/plan/fit.h"
#include "atlas/plan/plan_testing.h"

namespace atlas {
namespace {

using testing::HasSubstr;

std::string message_of(const std::string& text) {
  try {
    parse_constants(text, "c.yaml");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Constants, AreFoundByKeyRelativeAndFamily) {
  Constants constants;
  constants.values["elementwise"] = {1, 0.5};
  constants.values["elementwise/bfloat16"] = {2, 0.6};
  EXPECT_EQ(constants.at("elementwise/fp16")[0], 2);  // the same width
  EXPECT_EQ(constants.at("elementwise/fp32")[0], 1);
  EXPECT_EQ(constants.at("softmax/fp32").size(), 5u);  // the starts
}

// First another format of the runtime, then a runtime with such kernels; a host serves all formats.
TEST(Constants, OfRunsAreFoundByRuntime) {
  Constants constants;
  const auto with = [](double first) {
    std::vector<double> values(kRunFamily.parameters.size(), 1);
    values[0] = first;
    return values;
  };
  constants.values["run/xla-f16-train"] = with(2);
  constants.values["run/tensorrt-f16-infer"] = with(3);
  constants.values["host/pytorch"] = {70, 1, 1};
  EXPECT_EQ(constants.at("run/xla-tf32-train")[0], 2);
  EXPECT_EQ(constants.at("run/tensorflow2-bf16-train")[0], 2);
  EXPECT_EQ(constants.at("run/fused-f16-infer")[0], 3);
  EXPECT_EQ(constants.at("run/megatron-f16-train")[0], kRunFamily.parameters[0].start);
  EXPECT_EQ(constants.at("host/megatron")[0], 70);
  EXPECT_EQ(constants.at("host/fused")[0], kHostFamily.parameters[0].start);
}

TEST(Constants, ReadBackWhatTheyWrite) {
  Constants constants;
  constants.fitted_on = {"t4"};
  constants.values["elementwise/fp32"] = {3.25, 0.75};
  const Constants back = parse_constants(constants.yaml(), "c.yaml");
  EXPECT_THAT(back.fitted_on, testing::ElementsAre("t4"));
  EXPECT_THAT(back.values.at("elementwise/fp32"), testing::ElementsAre(3.25, 0.75));
}

TEST(Constants, RefuseWhatIsNotTheirs) {
  EXPECT_THAT(message_of("fitted_on: []\nconstants:\n  magic: {launch_us: 1}\n"),
              HasSubstr("c.yaml:3: constants.magic: expected a family of operator models, not 'magic'"));
  EXPECT_THAT(message_of("fitted_on: []\nconstants:\n  elementwise: {launch_us: 1, wings: 2}\n"),
              HasSubstr("expected a constant of elementwise, not 'wings'"));
  EXPECT_THAT(message_of("fitted_on: []\nconstants:\n  elementwise: {launch_us: 1}\n"),
              HasSubstr("expected a member 'bandwidth'"));
  EXPECT_THAT(message_of("fitted_on: []\nconstants:\n  elementwise: {launch_us: 1, bandwidth: 7}\n"),
              HasSubstr("expected a number from"));
}

TEST(Constants, SayHowFarTheyCanBeTrusted) {
  Constants constants;
  constants.fitted_on = {"h100", "a100"};
  const std::vector<std::string> families = {"hopper", "ampere"};
  EXPECT_EQ(provenance_of(constants, "h100", "hopper", families).text(), "calibrated");
  EXPECT_EQ(provenance_of(constants, "h200", "hopper", families).text(),
            "data sheet");  // pooled with another
  EXPECT_EQ(provenance_of(constants, "b200", "blackwell", families).text(), "data sheet");
  constants.fitted_on = {"h100"};
  EXPECT_EQ(provenance_of(constants, "h200", "hopper", std::vector<std::string>{"hopper"}).text(),
            "transferred from h100");
  EXPECT_EQ(provenance_of({}, "h200", "hopper", {}).text(), "data sheet");
}

// Times made by known constants: the fit finds them.
TEST(Fit, FindsTheConstantsBehindMeasurements) {
  const Chip chip = round_chip();
  const std::vector<double> truth = {7, 0.7};
  std::vector<Measurement> measurements;
  for (double elements = 1e3; elements < 1e8; elements *= 2) {
    const Operator op{"elementwise/fp32", Elementwise{elements, 1, 4, 1}};
    measurements.push_back({&chip, op, predict_with(chip, truth, op).seconds});
  }
  const Constants constants = fit_constants(measurements);
  EXPECT_THAT(constants.fitted_on, testing::ElementsAre("round"));
  EXPECT_NEAR(constants.at("elementwise/fp32")[0], 7, 0.07);
  EXPECT_NEAR(constants.at("elementwise/fp32")[1], 0.7, 0.007);
}

// Runs of one runtime in two formats, of which small batches wait for the host: 80 us per kernel, 500 us per
// step, and products that take 1.5 and 2.5 times what their model says.
TEST(Fit, FindsTheHostThatFormatsShare) {
  const Chip chip = round_chip();
  std::vector<Measurement> measurements;
  for (const auto& [key, factor] :
       {std::pair{"run/pytorch-f16-infer", 1.5}, std::pair{"run/pytorch-f32-infer", 2.5}}) {
    std::vector<double> truth;
    for (const ModelConstant& parameter : kRunFamily.parameters) truth.push_back(parameter.start);
    truth[0] = factor;
    for (double batch = 1; batch <= 256; batch *= 2) {
      for (const double kernels : {50, 400}) {
        atlas::Run run;
        run.seconds[0] = batch * kernels * 3e-6;
        run.kernels = kernels;
        run.host = {80, 200, 10};
        const double seconds = predict_run(chip, truth, run).seconds;
        run.host = {};
        measurements.push_back({&chip, {key, run}, seconds});
      }
    }
  }
  const Constants constants = fit_constants(measurements);
  EXPECT_NEAR(constants.at("host/pytorch")[0], 80, 12);
  EXPECT_NEAR(constants.at("run/pytorch-f16-infer")[0], 1.5, 0.1);
  EXPECT_NEAR(constants.at("run/pytorch-f32-infer")[0], 2.5, 0.1);
}

TEST(Fit, KeepsThePriorWhereThereAreTooFewRows) {
  const Chip chip = round_chip();
  Constants prior;
  prior.values["softmax/fp32"] = {4, 0.9, 2, 0.1, 0.5};
  const Constants constants = fit_constants({{&chip, {"softmax/fp32", RowWise{1, 1, 4}}, 1e-6}}, prior);
  EXPECT_TRUE(constants.fitted_on.empty());
  EXPECT_EQ(constants.values, prior.values);
}

}  // namespace
}  // namespace atlas
