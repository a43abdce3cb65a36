#include "atlas/pipeline/recipe/proposal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/pipeline/recipe/recipe.h"

namespace atlas {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A graph with these inputs and outputs and nothing between them.
Graph model(std::initializer_list<Type> inputs, std::initializer_list<std::pair<std::string, Type>> outputs,
            std::map<std::string, std::string> metadata = {}) {
  Graph graph;
  for (const Type& type : inputs) graph.add_input("x", type);
  for (const auto& [name, type] : outputs) graph.outputs.push_back(graph.add_value(name, type));
  graph.metadata = std::move(metadata);
  return graph;
}

Type f32(const std::vector<std::int64_t>& sizes) {
  return Type::tensor(DType::F32, dims_of(sizes));
}

/// The proposal, which must read back.
std::string proposal(const Graph& graph) {
  const std::string text = propose_recipe(graph, "./model \"one\".onnx");
  EXPECT_NO_THROW(check_recipe(Yaml::parse(text, "proposal"))) << text;
  EXPECT_EQ(Yaml::parse(text, "proposal").at("model").text(), "./model \"one\".onnx");
  return text;
}

std::string message_of(const Graph& graph) {
  try {
    propose_recipe(graph, "m.onnx");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

const Type kPicture = f32({1, 3, 640, 480});

TEST(Proposal, TakesUltralyticsAtItsWord) {
  const std::string text =
      proposal(model({kPicture}, {{"output0", f32({1, 6, 6300})}},
                     {{"names", "{0: 'cat', 1: 'dog'}"}, {"stride", "32"}, {"task", "detect"}}));
  EXPECT_THAT(text, HasSubstr("task: detect\n"));
  EXPECT_THAT(text, HasSubstr("form: yolov8\n"));
  EXPECT_THAT(text, HasSubstr("  height: 640\n  width: 480\n  fit: letterbox\n  resize: linear\n"));
  EXPECT_THAT(text, HasSubstr("the 2 names in the model's metadata"));
  EXPECT_THAT(text, HasSubstr("channels: RGB\n"));
}

TEST(Proposal, FindsPointsMasksAndFinalBoxes) {
  const auto ultralytics = [](std::map<std::string, std::string> more) {
    more.insert({{"names", "{0: 'person'}"}, {"stride", "32"}, {"imgsz", "[320, 256]"}});
    return more;
  };
  const Type open = Type::tensor(DType::F32, Dims{Dim(1), Dim(3), Dim::symbol("h"), Dim::symbol("w")});
  const std::string pose = proposal(model({open}, {{"output0", f32({1, 56, 8400})}},
                                          ultralytics({{"task", "pose"}, {"kpt_shape", "[17, 3]"}})));
  EXPECT_THAT(pose, HasSubstr("points: 17\n"));
  EXPECT_THAT(pose, HasSubstr("height: 320\n  width: 256\n"));
  const std::string segment =
      proposal(model({open}, {{"output0", f32({1, 37, 8400})}, {"output1", f32({1, 32, 160, 160})}},
                     ultralytics({{"task", "segment"}})));
  EXPECT_THAT(segment, HasSubstr("mask_coefficients: 32\n"));
  const std::string final_boxes =
      proposal(model({open}, {{"output0", f32({1, 300, 6})}}, ultralytics({{"task", "detect"}})));
  EXPECT_THAT(final_boxes, HasSubstr("form: yolov10\n"));
}

TEST(Proposal, SaysWhatItIsNotSureOf) {
  const std::string v5 = proposal(model({kPicture}, {{"output", f32({1, 25200, 85})}}));
  EXPECT_THAT(v5, HasSubstr("form: yolov5 # not sure"));
  EXPECT_THAT(v5,
              HasSubstr("labels: labels.txt # not sure: make this file, with a label a line for 80 scores"));
  EXPECT_THAT(v5, HasSubstr("channels: RGB # not sure: or BGR"));
  const std::string boxes = proposal(model(
      {f32({3, 300, 300})},
      {{"boxes", f32({9, 4})}, {"labels", Type::tensor(DType::I64, dims_of({9}))}, {"scores", f32({9})}}));
  EXPECT_THAT(boxes, HasSubstr("form: boxes # not sure"));
  EXPECT_THAT(
      boxes,
      HasSubstr("  boxes: \"boxes\" # not sure\n  labels: \"labels\" # not sure\n  scores: \"scores\""));
}

TEST(Proposal, KnowsClassifiers) {
  const std::string text = proposal(model({f32({1, 224, 224, 3})}, {{"scores", f32({1, 1000})}}));
  EXPECT_THAT(text, HasSubstr("task: classify\n"));
  EXPECT_THAT(text, HasSubstr("layout: NHWC\n"));
  EXPECT_THAT(text, HasSubstr("for 1000 scores"));
  EXPECT_THAT(text, HasSubstr("scores: logits # not sure"));
  const std::string bytes =
      proposal(model({Type::tensor(DType::U8, dims_of({1, 224, 224, 3}))}, {{"scores", f32({1, 1000})}}));
  EXPECT_THAT(bytes, Not(HasSubstr("normalize")));
}

TEST(Proposal, RefusesWhatNoTaskFits) {
  EXPECT_THAT(message_of(model({f32({1, 10})}, {{"y", f32({1, 2})}})),
              HasSubstr("expected an input [batch,channels,height,width] of pixels, got x: f32[1,10]"));
  EXPECT_THAT(message_of(model({kPicture, kPicture}, {{"y", f32({1, 2})}})), HasSubstr("got 2 inputs"));
  EXPECT_THAT(message_of(model({f32({1, 8, 64, 64})}, {{"y", f32({1, 2})}})), HasSubstr("1 or 3 channels"));
  EXPECT_THAT(message_of(model({kPicture}, {{"y", f32({1, 3, 640, 480})}})),
              HasSubstr("expected outputs of a classifier [1,labels] or a detector [1,n,m]"));
  EXPECT_THAT(message_of(model({kPicture}, {})), HasSubstr("got none"));
  EXPECT_THAT(message_of(model({kPicture}, {{"scores", f32({1, 512, 1})}, {"boxes", f32({1, 512, 16})}})),
              HasSubstr("got scores: f32[1,512,1]"));
}

}  // namespace
}  // namespace atlas
