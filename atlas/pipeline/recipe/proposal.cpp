// What is known first, then what is guessed; Ultralytics' exports say most of it in their metadata.
#include "atlas/pipeline/recipe/proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/base/json.h"
#include "atlas/pipeline/recipe/image_fields.h"
#include "atlas/pipeline/recipe/model_names.h"

namespace atlas {
namespace {

constexpr std::int64_t kUsualSide = 224;
constexpr std::int64_t kUsualDetectorSide = 640;

/// Sizes of a value; -1 for those that are not numbers. Nothing where the rank is not known.
std::optional<std::vector<std::int64_t>> sizes_of(const Value& value) {
  if (!value.type.is_tensor() || !value.type.dims) return std::nullopt;
  std::vector<std::int64_t> out;
  for (const Dim& dim : *value.type.dims) out.push_back(dim.is_constant() ? dim.value() : -1);
  return out;
}

std::string metadata(const Graph& graph, const char* key) {
  const auto found = graph.metadata.find(key);
  return found == graph.metadata.end() ? "" : found->second;
}

struct Picture {
  std::int64_t height = -1;
  std::int64_t width = -1;
  std::int64_t channels = 3;
  bool is_last = false;  // channels
};

bool is_channels(std::int64_t size) {
  return size == 1 || size == 3;
}

/// What the model's one input says of a picture.
Picture picture_of(const Graph& graph) {
  std::vector<const Value*> inputs;
  for (const ValueId id : graph.inputs)
    if (!graph.value(id).constant.is_defined()) inputs.push_back(&graph.value(id));
  if (inputs.size() != 1)
    fail(ErrorCode::Unsupported, "recipe new: expected a model of one input, a picture, got {} inputs",
         inputs.size());
  const auto sizes = sizes_of(*inputs[0]);
  const DType dtype = inputs[0]->type.dtype;
  const std::size_t rank = sizes ? sizes->size() : 0;
  const bool takes_pixels = dtype == DType::U8 || is_floating(dtype);
  if ((rank != 3 && rank != 4) || !takes_pixels)
    fail(ErrorCode::Unsupported,
         "recipe new: expected an input [batch,channels,height,width] of pixels, got {}: {}", inputs[0]->name,
         text(inputs[0]->type));
  const std::int64_t* last = sizes->data() + rank - 3;
  if (is_channels(last[2]) && !is_channels(last[0])) return {last[0], last[1], last[2], true};
  if (!is_channels(last[0]) && last[0] != -1)
    fail(ErrorCode::Unsupported, "recipe new: expected pictures of 1 or 3 channels, got {}: {}",
         inputs[0]->name, text(inputs[0]->type));
  return {last[1], last[2], last[0] == 1 ? 1 : 3, false};
}

/// Height and width out of "[640, 640]".
std::optional<std::pair<std::int64_t, std::int64_t>> pair_in(const std::string& text) {
  std::int64_t numbers[2] = {};
  const char* at = text.data();
  const char* end = at + text.size();
  for (std::int64_t& number : numbers) {
    while (at != end && (*at < '0' || *at > '9')) ++at;
    const auto [stop, error] = std::from_chars(at, end, number);
    if (error != std::errc{} || number < 1 || number > kMostSide) return std::nullopt;
    at = stop;
  }
  return std::pair(numbers[0], numbers[1]);
}

/// The operator that makes an output, looking through reshapes.
std::string last_op(const Graph& graph, ValueId output) {
  for (int steps = 0; steps < 8; ++steps) {
    const NodeId producer = graph.value(output).producer;
    if (producer == NodeId::None) return "";
    const Node& node = graph.node(producer);
    if (node.op != "Identity" && node.op != "Reshape" && node.op != "Flatten" && node.op != "Cast")
      return node.op;
    output = node.inputs[0];
  }
  return "";
}

std::string in_quotes(std::string_view text) {
  std::string out = Json(text).text();
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

class Proposal {
 public:
  Proposal(const Graph& graph, std::string_view file)
      : graph_(graph),
        file_(file),
        picture_(picture_of(graph)),
        names_(names_in(graph.metadata)),
        is_ultralytics_(!metadata(graph, "stride").empty() && !names_.empty()) {
    for (const ValueId id : graph.outputs) outputs_.push_back(sizes_of(graph.value(id)));
  }

  std::string text() {
    const auto first = outputs_.empty() ? std::nullopt : outputs_[0];
    if (metadata(graph_, "task") == "classify" || (outputs_.size() == 1 && first && is_scores(*first)))
      classify(first ? label_count(*first) : -1);
    else
      detect();
    return std::move(text_);
  }

 private:
  /// [1, labels], or with sizes of 1 behind, as some classifiers have it.
  static bool is_scores(const std::vector<std::int64_t>& sizes) {
    if (sizes.size() < 2 || sizes[1] == 1) return false;
    for (std::size_t i = 2; i < sizes.size(); ++i)
      if (sizes[i] != 1) return false;
    return true;
  }
  static std::int64_t label_count(const std::vector<std::int64_t>& sizes) {
    return sizes.size() < 2 ? -1 : sizes[1];
  }

  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  void head(std::string_view task, std::string_view about) {
    line(
        "# Proposed by `atlas recipe new` out of what the model says of itself. Lines marked \"not sure\" "
        "are guesses:");
    line("# compare with how the model was trained, then take the marks away.");
    line("task: {}", task);
    line("about: {} # not sure: say what it is for", about);
    line("model: {}", in_quotes(file_));
  }

  void input(std::int64_t usual, std::string_view fit) {
    const auto stated = pair_in(metadata(graph_, "imgsz"));
    const auto side = [&](const char* key, std::int64_t known, std::int64_t stated_side) {
      if (known >= 1 && known <= kMostSide)
        line("  {}: {}", key, known);
      else if (stated)
        line("  {}: {}", key, stated_side);
      else
        line("  {}: {} # not sure: the model takes any", key, usual);
    };
    line("");
    line("input:");
    side("height", picture_.height, stated ? stated->first : 0);
    side("width", picture_.width, stated ? stated->second : 0);
    const char* sure = is_ultralytics_ ? "" : " # not sure";
    line("  fit: {}{}", fit, sure);
    // Ultralytics fits pictures to detectors by OpenCV, to classifiers by Pillow.
    line("  resize: {}{}", fit == "crop" ? "smooth-linear" : "linear", sure);
    if (fit == "letterbox") line("  fill: 114{}", sure);
    if (picture_.channels == 1)
      line("  channels: grey");
    else
      line("  channels: RGB{}", is_ultralytics_ ? "" : " # not sure: or BGR");
    line("  layout: {}", picture_.is_last ? "NHWC" : "NCHW");
    if (graph_.value(graph_.inputs[0]).type.dtype == DType::U8) return;  // takes pixels as they are
    line("  normalize:{}", is_ultralytics_
                               ? ""
                               : " # not sure: often also mean [0.485, 0.456, 0.406] and deviation "
                                 "[0.229, 0.224, 0.225]");
    line("    scale: 0.00392156862745098");
  }

  void labels(std::int64_t count) {
    if (!names_.empty()) {
      line("# labels: the {} names in the model's metadata", names_.size());
      return;
    }
    if (count > 0)
      line("labels: labels.txt # not sure: make this file, with a label a line for {} scores", count);
    else
      line("labels: labels.txt # not sure: make this file, with a label a line");
  }

  void classify(std::int64_t count) {
    head("classify", "What a picture shows");
    labels(count);
    const bool is_softmax = !graph_.outputs.empty() && last_op(graph_, graph_.outputs[0]) == "Softmax";
    if (is_softmax)
      line("scores: probabilities");
    else
      line("scores: logits # not sure: the model does not end in Softmax");
    input(kUsualSide, "crop");
  }

  /// The task `detect` with whatever form the outputs seem to have.
  void detect() {
    const auto first = outputs_.empty() ? std::nullopt : outputs_[0];
    const bool is_three = first && first->size() == 3;
    const bool ends_in_nms = metadata(graph_, "end2end") == "True" || (is_three && first->at(2) == 6);
    // A box takes four numbers and a score at least.
    const bool is_yolo = is_three && !is_separate() && (first->at(1) < 0 || first->at(1) > 4) &&
                         (first->at(2) < 0 || first->at(2) > 4);
    if (!is_yolo && !is_separate())
      fail(ErrorCode::Unsupported,
           "recipe new: expected outputs of a classifier [1,labels] or a detector [1,n,m], got {}: {}",
           graph_.outputs.empty() ? "none" : graph_.value(graph_.outputs[0]).name,
           graph_.outputs.empty() ? "" : atlas::text(graph_.value(graph_.outputs[0]).type));
    head("detect", "Things in a picture");
    if (is_yolo && ends_in_nms) {
      line("form: yolov10{}", is_ultralytics_ ? "" : " # not sure: six numbers a box look like final boxes");
      labels(-1);
      line("most_overlap: 1 # boxes are final");
    } else if (is_yolo) {
      yolo(first->at(1), first->at(2));
    } else {
      separate();
    }
    line("threshold: 0.25 # not sure: higher finds less and errs less");
    input(kUsualDetectorSide, "letterbox");
  }

  /// Whether an output can only be boxes, [1, n, 4] or [n, 4], with others beside it.
  bool is_separate() const {
    return outputs_.size() >= 2 && std::ranges::any_of(outputs_, [](const auto& sizes) {
             return sizes && sizes->size() >= 2 && sizes->size() <= 3 && sizes->back() == 4;
           });
  }

  void yolo(std::int64_t rows, std::int64_t columns) {
    // Boxes are many, numbers a box are few: the smaller of two known sizes is the latter.
    const bool is_v5 = columns > 0 && (rows <= 0 || columns < rows);
    const std::int64_t numbers = is_v5 ? columns : rows;
    const std::string task = metadata(graph_, "task");
    line("form: {}{}", is_v5 ? "yolov5" : "yolov8",
         is_ultralytics_ ? "" : " # not sure: by the output's shape");
    const std::int64_t front = is_v5 ? 5 : 4;
    const auto named = static_cast<std::int64_t>(names_.size());
    labels(numbers > front && named == 0 ? numbers - front : -1);
    const std::int64_t more = numbers > 0 && named > 0 ? numbers - front - named : 0;
    if (task == "segment" && more > 0) {
      line("mask_coefficients: {}", more);
    } else if (task == "pose" && more > 0) {
      const auto shape = pair_in(metadata(graph_, "kpt_shape"));
      const std::int64_t each = shape && shape->second == 2 ? 2 : 3;
      line("points: {}", more / each);
      if (each == 2) line("point_numbers: 2");
    } else if (more > 0) {
      line("# not sure: {} numbers a box more than its place and {} labels: points or mask_coefficients",
           more, named);
    }
    line("most_overlap: 0.45 # not sure: of two boxes, to be two things");
  }

  void separate() {
    line("form: boxes # not sure: which output is which");
    labels(-1);
    line("outputs:");
    std::optional<std::size_t> boxes;
    std::optional<std::size_t> scores;
    std::optional<std::size_t> numbers;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const Value& value = graph_.value(graph_.outputs[i]);
      const bool is_box = outputs_[i] && outputs_[i]->size() >= 2 && outputs_[i]->back() == 4;
      const bool says_label =
          value.name.find("label") != std::string::npos || value.name.find("class") != std::string::npos;
      if (is_box && !boxes)
        boxes = i;
      else if ((is_integer(value.type.dtype) || says_label) && !numbers)
        numbers = i;
      else if (is_floating(value.type.dtype) && !scores)
        scores = i;
    }
    const auto say = [&](const char* key, std::optional<std::size_t> i) {
      if (i) line("  {}: {} # not sure", key, in_quotes(graph_.value(graph_.outputs[*i]).name));
    };
    say("boxes", boxes);
    say("labels", numbers);
    say("scores", scores);
    line("  sizes: pixels # not sure: or relative, from 0 to 1");
    line("  order: left-first # not sure: or top-first");
  }

  const Graph& graph_;
  std::string_view file_;
  Picture picture_;
  std::vector<std::string> names_;
  bool is_ultralytics_;
  std::vector<std::optional<std::vector<std::int64_t>>> outputs_;
  std::string text_;
};

}  // namespace

std::string propose_recipe(const Graph& graph, std::string_view file) {
  return Proposal(graph, file).text();
}

}  // namespace atlas
