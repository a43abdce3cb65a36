// Scan: a body run along an axis of its inputs, its outputs joined along one.
#include <algorithm>

#include "atlas/ops/concatenate.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/loop_body.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// What the attributes say, defaults applied.
struct ScanPlan {
  std::size_t states;
  std::size_t scans;
  std::vector<std::int64_t> input_axes;
  std::vector<std::int64_t> input_directions;  // 1: backwards
  std::vector<std::int64_t> output_axes;
  std::vector<std::int64_t> output_directions;
};

template <typename Context>
ScanPlan plan_of(const Context& context) {
  const auto inputs = static_cast<std::int64_t>(context.input_count());
  const std::int64_t scans = context.integer("num_scan_inputs");
  context.check(scans >= 1 && scans <= inputs, "expected 1 to {} scan inputs, got {}", inputs, scans);
  const auto states = static_cast<std::size_t>(inputs - scans);
  context.check(context.output_count() >= states, "expected {} outputs or more, got {}", states,
                context.output_count());
  const auto list = [&](const char* name, std::size_t count) {
    if (!context.has_attribute(name)) return std::vector<std::int64_t>(count, 0);
    std::vector<std::int64_t> values = context.ints(name);
    context.check(values.size() == count, "expected {} numbers in '{}', got {}", count, name, values.size());
    return values;
  };
  const auto count = static_cast<std::size_t>(scans);
  const std::size_t collected_count = context.output_count() - states;
  return {states,
          count,
          list("scan_input_axes", count),
          list("scan_input_directions", count),
          list("scan_output_axes", collected_count),
          list("scan_output_directions", collected_count)};
}

void infer_scan(InferContext& context) {
  const ScanPlan plan = plan_of(context);
  std::vector<Type> inputs;
  Dim length;
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    Type type = context.input(i);
    if (i >= plan.states && type.dims) {
      const std::size_t axis = context.axis(plan.input_axes[i - plan.states], type.dims->size());
      const auto at = type.dims->begin() + static_cast<std::ptrdiff_t>(axis);
      context.check(!length.is_constant() || !at->is_constant() || length == *at,
                    "its scan inputs are of lengths {} and {}", length.text(), at->text());
      if (!length.is_constant()) length = *at;
      type.dims->erase(at);
    }
    inputs.push_back(std::move(type));
  }
  const CarriedTypes carried = infer_carried(context, std::move(inputs), 0, plan.states);
  context.check(carried.outputs.size() >= context.output_count(), "expected {} outputs of its body, got {}",
                context.output_count(), carried.outputs.size());
  for (std::size_t i = 0; i < context.output_count(); ++i) {
    if (i < plan.states) {
      context.set_output(i, carried.inputs[i]);
      continue;
    }
    const Type& element = carried.outputs[i].type;
    if (!element.is_tensor()) continue;
    std::optional<Dims> dims = element.dims;
    if (dims) {
      const std::size_t axis = context.axis(plan.output_axes[i - plan.states], dims->size() + 1);
      dims->insert(dims->begin() + static_cast<std::ptrdiff_t>(axis), length);
    }
    context.set_output(i, element.dtype, std::move(dims));
  }
}

void reference_scan(ReferenceContext& context) {
  const ScanPlan plan = plan_of(context);
  const Graph& body = context.body("body");
  context.check(body.inputs.size() == context.input_count() && body.outputs.size() >= context.output_count(),
                "expected {} inputs and {} outputs of its body, got {} and {}", context.input_count(),
                context.output_count(), body.inputs.size(), body.outputs.size());
  std::vector<std::size_t> axes;
  std::optional<std::int64_t> length;
  for (std::size_t i = 0; i < plan.scans; ++i) {
    const Tensor& data = context.input(plan.states + i);
    axes.push_back(context.axis(plan.input_axes[i], data.rank()));
    context.check(!length || *length == data.dim(axes[i]), "its scan inputs are of lengths {} and {}",
                  length.value_or(0), data.dim(axes[i]));
    length = data.dim(axes[i]);
  }

  std::vector<Datum> arguments(context.input_count());
  for (std::size_t i = 0; i < plan.states; ++i) arguments[i] = context.datum(i);
  std::vector<std::vector<Datum>> collections(context.output_count() - plan.states);
  for (std::int64_t step = 0; step < *length; ++step) {
    for (std::size_t i = 0; i < plan.scans; ++i) {
      const std::int64_t at = plan.input_directions[i] != 0 ? *length - 1 - step : step;
      arguments[plan.states + i] = element_along(context.input(plan.states + i), axes[i], at);
    }
    std::vector<Datum> results = context.run_body(body, arguments);
    for (std::size_t i = 0; i < plan.states; ++i) arguments[i] = std::move(results[i]);
    for (std::size_t i = 0; i < collections.size(); ++i)
      collections[i].push_back(std::move(results[plan.states + i]));
  }
  for (std::size_t i = 0; i < plan.states; ++i) context.set_output(i, std::move(arguments[i]));
  for (std::size_t i = 0; i < collections.size(); ++i) {
    if (plan.output_directions[i] != 0) std::ranges::reverse(collections[i]);
    const std::size_t output = plan.states + i;
    context.set_output(output, collected(context, output, collections[i], plan.output_axes[i],
                                         body.value(body.outputs[output]).type));
  }
}

}  // namespace

std::vector<OpDef> scan() {
  using enum AttributeKind;
  return {
      {.name = "Scan",
       .schema = {"initial_state_and_scan_inputs:V** -> final_state_and_scan_outputs:V**",
                  {{"V", types::kAll}},
                  {{"body", AttributeKind::Graph, kRequired},
                   {"num_scan_inputs", Integer, kRequired},
                   {"scan_input_axes", Integers},
                   {"scan_input_directions", Integers},
                   {"scan_output_axes", Integers},
                   {"scan_output_directions", Integers}}},
       .infer = infer_scan,
       .reference = reference_scan,
       .cost = cost_of_traffic},
  };
}

}  // namespace atlas::ops
