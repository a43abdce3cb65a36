#include "atlas/graph/node_errors.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <vector>

#include "atlas/base/error.h"

namespace atlas {
namespace {

template <typename Body>
Error error_at_node(Body&& body) {
  Node node;
  node.op = "Tile";
  node.name = "first";
  try {
    naming(node, body);
  } catch (const Error& error) {
    return error;
  }
  return {ErrorCode::Internal, "nothing was thrown"};
}

TEST(NodeErrors, NameTheNodeOnce) {
  EXPECT_STREQ(error_at_node([] { fail(ErrorCode::InvalidArgument, "too many"); }).what(),
               "Tile 'first': too many");
  EXPECT_STREQ(error_at_node([] { fail(ErrorCode::InvalidArgument, "Tile 'first': too many"); }).what(),
               "Tile 'first': too many");
}

TEST(NodeErrors, KeepTheCode) {
  EXPECT_EQ(error_at_node([] { fail(ErrorCode::Unsupported, "no"); }).code(), ErrorCode::Unsupported);
}

TEST(NodeErrors, TellOfALackOfMemory) {
  const Error from_new = error_at_node([] { throw std::bad_alloc(); });
  EXPECT_EQ(from_new.code(), ErrorCode::ResourceExhausted);
  EXPECT_STREQ(from_new.what(), "Tile 'first': not enough memory");
  std::vector<double> values;
  const Error from_vector = error_at_node([&] { values.reserve(values.max_size() + 1); });
  EXPECT_EQ(from_vector.code(), ErrorCode::ResourceExhausted);
}

}  // namespace
}  // namespace atlas
