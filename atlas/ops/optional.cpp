// Values that may be absent: Optional, OptionalGetElement, OptionalHasElement.
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

void infer_optional(InferContext& context) {
  Type element = context.input(0);
  if (const Attribute* stated = context.attribute("type")) {
    const Type& type = std::get<Type>(*stated);
    element = context.has_input(0) ? unify(element, type, describe(context.node())) : type;
  } else {
    context.check(context.has_input(0), "expected an input or attribute 'type'");
  }
  if (element.is_known())
    context.set_output(0, element.kind == Type::Kind::Optional ? element : Type::optional(element));
}

void reference_optional(ReferenceContext& context) {
  context.set_output(0, context.datum(0));
}

void infer_optional_get_element(InferContext& context) {
  const Type& type = context.input(0);
  context.set_output(0, type.kind == Type::Kind::Optional ? type.element.at(0) : type);
}

void reference_optional_get_element(ReferenceContext& context) {
  context.check(context.has_input(0), "the optional is empty");
  context.set_output(0, context.datum(0));
}

void infer_optional_has_element(InferContext& context) {
  context.set_output(0, DType::Bool, Dims{});
}

void reference_optional_has_element(ReferenceContext& context) {
  context.set_output(0, Tensor::scalar(context.has_input(0)));
}

}  // namespace

std::vector<OpDef> optional() {
  constexpr TypeSet kContent = types::kClassic | sequences_of(types::kClassic);
  const Constraint content{"V", kContent};
  const Constraint either{"O", kContent | optionals_of(kContent)};
  return {
      {.name = "Optional",
       .schema = {"input?:V -> output:O",
                  {content, {"O", optionals_of(kContent)}},
                  {{"type", AttributeKind::Type}}},
       .infer = infer_optional,
       .reference = reference_optional,
       .cost = cost_of_view},
      {.name = "OptionalGetElement",
       .schema = {"input:O -> output:V", {either, content}},
       .infer = infer_optional_get_element,
       .reference = reference_optional_get_element,
       .cost = cost_of_view},
      {.name = "OptionalHasElement",
       .schema = {"input?:O -> output:bool", {either}},
       .infer = infer_optional_has_element,
       .reference = reference_optional_has_element,
       .cost = cost_of_view},
  };
}

}  // namespace atlas::ops
