// Functions of two truth values or of the bits of two integers.
#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"

namespace atlas::ops {
namespace {

// Inputs are all Bool or all integers, so that the bits of whole numbers do for both.
void reference_and(ReferenceContext& context) {
  combine_pairs(context, []<typename T>(T a, T b) -> T {
    return static_cast<T>(static_cast<std::uint64_t>(a) & static_cast<std::uint64_t>(b));
  });
}
void reference_or(ReferenceContext& context) {
  combine_pairs(context, []<typename T>(T a, T b) -> T {
    return static_cast<T>(static_cast<std::uint64_t>(a) | static_cast<std::uint64_t>(b));
  });
}
void reference_xor(ReferenceContext& context) {
  combine_pairs(context, []<typename T>(T a, T b) -> T {
    return static_cast<T>(static_cast<std::uint64_t>(a) ^ static_cast<std::uint64_t>(b));
  });
}

bool shifts_left(const std::string& direction, const auto& context) {
  context.check(direction == "LEFT" || direction == "RIGHT",
                "expected LEFT or RIGHT as attribute 'direction', got '{}'", direction);
  return direction == "LEFT";
}

void infer_bit_shift(InferContext& context) {
  shifts_left(context.string("direction"), context);
  infer_broadcast(context);
}

void reference_bit_shift(ReferenceContext& context) {
  const bool left = shifts_left(context.string("direction"), context);
  const auto width = static_cast<std::uint64_t>(bits(context.dtype(0)));
  combine_pairs(context, [&]<typename T>(T x, T by) -> T {
    if (static_cast<std::uint64_t>(by) >= width) return 0;
    const auto value = static_cast<std::uint64_t>(x);
    return static_cast<T>(left ? value << static_cast<std::uint64_t>(by)
                               : value >> static_cast<std::uint64_t>(by));
  });
}

OpDef bitwise(std::string_view name, void (*reference)(ReferenceContext&)) {
  return {.name = name,
          .schema = {"A:T, B:T -> C:T", {{"T", types::kInts}}},
          .infer = infer_broadcast,
          .reference = reference};
}

OpDef logical(std::string_view name, void (*reference)(ReferenceContext&)) {
  return {.name = name,
          .schema = {"A:bool, B:bool -> C:bool", {}},
          .infer = infer_broadcast,
          .reference = reference};
}

}  // namespace

std::vector<OpDef> logic() {
  return {
      logical("And", reference_and),
      {.name = "BitShift",
       .schema = {"X:T, Y:T -> Z:T",
                  {{"T", types::kUnsignedInts}},
                  {{"direction", AttributeKind::String, kRequired}}},
       .infer = infer_bit_shift,
       .reference = reference_bit_shift},
      bitwise("BitwiseAnd", reference_and),
      bitwise("BitwiseOr", reference_or),
      bitwise("BitwiseXor", reference_xor),
      logical("Or", reference_or),
      logical("Xor", reference_xor),
  };
}

}  // namespace atlas::ops
