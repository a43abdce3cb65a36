// Steps of recurrent operators and Scan.
#include "atlas/base/error.h"
#include "atlas/formats/onnx/conversion_steps.h"

namespace atlas::onnx::steps {
namespace {

// The axes that one element of a batch has.
Type without_batch(const Type& type) {
  Type out = type;
  if (out.dims && !out.dims->empty()) out.dims->erase(out.dims->begin());
  return out;
}

}  // namespace

void drop_output_sequence(Conversion& c) {
  c.attributes().erase("output_sequence");
  if (c.attributes().string("direction", "forward") == "foward")
    c.attributes().set("direction", std::string("forward"));
}

void scan_unbatched(Conversion& c) {
  if (c.input(0) != ValueId::None) c.unsupported("sequence_lens left ONNX with opset 9");
  require(!c.node().inputs.empty(), "expected sequence_lens, states and scan inputs, got nothing");
  c.node().inputs.erase(c.node().inputs.begin());
  const std::size_t input_count = c.node().inputs.size();

  // The outer Scan has every input and output of the old one as a scan over axis 0, the batch.
  Graph batch;
  batch.name = "batch";
  Node inner = c.node();
  inner.inputs.clear();
  inner.outputs.clear();
  for (const ValueId input : c.node().inputs) {
    require(input != ValueId::None, "expected every state and scan input, got none");
    const Value& value = c.graph().value(input);
    inner.inputs.push_back(batch.add_input(value.name + "/element", without_batch(value.type)));
  }
  for (const ValueId output : c.node().outputs) {
    const bool left_out = output == ValueId::None;
    const Type type = left_out ? Type() : without_batch(c.graph().value(output).type);
    const std::string name = left_out ? "unused" : c.graph().value(output).name;
    inner.outputs.push_back(batch.add_value(name + "/element", type));
    batch.outputs.push_back(inner.outputs.back());
  }
  for_each_subgraph(inner, [&](Graph& body) {
    for (Capture& capture : body.captures) {
      const Value& value = c.graph().value(capture.outer);
      capture.outer = batch.capture(capture.outer, value.name, value.type);
    }
  });
  if (const Attribute* directions = inner.attributes.find("directions")) {
    inner.attributes.set("scan_input_directions", Attribute(*directions));
    inner.attributes.erase("directions");
  }
  batch.add_node(std::move(inner));
  c.node().attributes = {{"body", Box<Graph>(std::move(batch))},
                         {"num_scan_inputs", static_cast<std::int64_t>(input_count)}};
}

}  // namespace atlas::onnx::steps
