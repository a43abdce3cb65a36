// Models put together field by field: what is read, what is viewed, what is refused.
#include "atlas/formats/onnx/onnx_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <protozero/pbf_writer.hpp>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/graph/text_writer.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;
using protozero::pbf_writer;
using ::testing::HasSubstr;

// A message built by `fill(writer)`.
template <typename Fill>
std::string message(Fill fill) {
  std::string out;
  pbf_writer writer(out);
  fill(writer);
  return out;
}

std::string value_info(const std::string& name, int dtype, const std::vector<std::string>& dims) {
  const std::string shape = message([&](pbf_writer& w) {
    for (const std::string& dim : dims)
      w.add_message(1, message([&](pbf_writer& d) {
                      if (std::isdigit(static_cast<unsigned char>(dim[0]))) {
                        d.add_int64(1, std::stoll(dim));
                      } else {
                        d.add_string(2, dim);
                      }
                    }));
  });
  const std::string tensor = message([&](pbf_writer& w) {
    w.add_int32(1, dtype);
    w.add_message(2, shape);
  });
  return message([&](pbf_writer& w) {
    w.add_string(1, name);
    w.add_message(2, message([&](pbf_writer& t) { t.add_message(1, tensor); }));
  });
}

std::string node(const std::string& op, const std::vector<std::string>& inputs,
                 const std::vector<std::string>& outputs, const std::vector<std::string>& attributes = {}) {
  return message([&](pbf_writer& w) {
    for (const std::string& input : inputs) w.add_string(1, input);
    for (const std::string& output : outputs) w.add_string(2, output);
    w.add_string(3, "the " + op);
    w.add_string(4, op);
    for (const std::string& attribute : attributes) w.add_message(5, attribute);
  });
}

std::string model(const std::string& graph, std::int64_t ir_version = 8, std::int64_t opset = 17) {
  return message([&](pbf_writer& w) {
    w.add_int64(1, ir_version);
    w.add_string(2, "tester");
    w.add_message(7, graph);
    w.add_message(8, message([&](pbf_writer& o) { o.add_int64(2, opset); }));
  });
}

std::string float_tensor(const std::string& name, const std::vector<float>& values) {
  return message([&](pbf_writer& w) {
    w.add_int64(1, static_cast<std::int64_t>(values.size()));
    w.add_int32(2, 1);
    w.add_string(8, name);
    w.add_bytes(9, reinterpret_cast<const char*>(values.data()), values.size() * 4);
  });
}

Graph read(const std::string& bytes) {
  auto buffer = Buffer::allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer->data(), bytes.data(), bytes.size());
  return read_onnx(std::move(buffer), {.name = "m.onnx"});
}

std::string error_of(const std::string& bytes) {
  try {
    read(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string small_graph() {
  return message([&](pbf_writer& w) {
    w.add_message(1, node("Add", {"x", "w"}, {"y"}));
    w.add_string(2, "g");
    w.add_message(5, float_tensor("w", {1, 2}));
    w.add_message(11, value_info("x", 1, {"N+1", "2"}));
    w.add_message(11, value_info("w", 1, {"2"}));
    w.add_message(12, value_info("y", 1, {"batch size", "2"}));
  });
}

TEST(OnnxReader, ReadsNodesTypesAndMetadata) {
  EXPECT_EQ(write_graph(read(model(small_graph()))), R"(graph "g" {
  meta "onnx.producer_name" = "tester"
  input x: f32[N+1,2]
  input w: f32[2] = f32[2]{1, 2}
  y: f32[`batch size`,2] = Add "the Add"(x, w)
  output y
}
)");
}

TEST(OnnxReader, BeforeVersion4InitialisersAreConstants) {
  const Graph graph = read(model(small_graph(), 3));
  EXPECT_EQ(graph.inputs.size(), 1u);
  EXPECT_TRUE(graph.is_constant(graph.find("w")));
}

TEST(OnnxReader, NestedGraphsCaptureThroughEveryLevel) {
  const auto branch = [](const std::string& graph) {
    return message([&](pbf_writer& w) {
      w.add_string(1, "body");
      w.add_message(6, graph);
      w.add_int32(20, 5);
    });
  };
  const std::string inner = message([&](pbf_writer& w) {
    w.add_message(1, node("Relu", {"x"}, {"z"}));
    w.add_string(2, "inner");
    w.add_message(12, value_info("z", 1, {}));
  });
  const std::string middle = message([&](pbf_writer& w) {
    w.add_message(1, node("Loop", {}, {"m"}, {branch(inner)}));
    w.add_string(2, "middle");
    w.add_message(12, value_info("m", 1, {}));
  });
  const std::string outer = message([&](pbf_writer& w) {
    w.add_message(1, node("Loop", {}, {"y"}, {branch(middle)}));
    w.add_message(11, value_info("x", 1, {}));
    w.add_message(12, value_info("y", 1, {}));
  });
  const std::string text = write_graph(read(model(outer)));
  EXPECT_THAT(text, HasSubstr("body=graph \"middle\" {\n    capture x: f32[] = x"));
  EXPECT_THAT(text, HasSubstr("body=graph \"inner\" {\n      capture x: f32[] = x"));
}

TEST(OnnxReader, NamesFileNodeAndExpectation) {
  const auto graph = [](const std::vector<std::string>& nodes) {
    return model(message([&](pbf_writer& w) {
      for (const std::string& n : nodes) w.add_message(1, n);
      w.add_message(11, value_info("x", 1, {}));
    }));
  };
  EXPECT_EQ(error_of(graph({node("Relu", {"missing"}, {"y"})})),
            "m.onnx: Relu 'the Relu': an input is 'missing', which nothing defines");
  EXPECT_THAT(error_of(graph({node("Relu", {"x"}, {"x"})})), HasSubstr("'x' is defined twice"));
  EXPECT_THAT(error_of(graph({node("Relu", {"b"}, {"a"}), node("Exp", {"a"}, {"b"})})),
              HasSubstr("Relu 'the Relu' is part of a cycle"));
  EXPECT_THAT(error_of(graph({node("", {"x"}, {"y"})})), HasSubstr("expected an operator type"));
  EXPECT_THAT(error_of(model(small_graph(), 8, 999)), HasSubstr("the newest that Atlas knows is"));
  EXPECT_THAT(error_of(""), HasSubstr("expected an ONNX model, got 0 bytes without a graph"));
  EXPECT_THAT(error_of("<!DOCTYPE html>"), HasSubstr("m.onnx: malformed protobuf"));
}

std::string tensor_error(const std::function<void(pbf_writer&)>& fill) {
  return error_of(model(message([&](pbf_writer& w) { w.add_message(5, message(fill)); })));
}

TEST(OnnxReader, TensorsMustFitTheirShape) {
  EXPECT_EQ(tensor_error([](pbf_writer& w) {
              w.add_int64(1, 3);
              w.add_int32(2, 1);
              w.add_string(8, "t");
              w.add_bytes(9, "12345678");
            }),
            "m.onnx: tensor 't': expected 12 bytes of data for f32[3], got 8");
  EXPECT_THAT(tensor_error([](pbf_writer& w) {
                w.add_int64(1, 1);
                w.add_int32(2, 99);
              }),
              HasSubstr("expected an element type, got number 99"));
  EXPECT_THAT(tensor_error([](pbf_writer& w) {
                for (int i = 0; i < 5; ++i) w.add_int64(1, 1 << 30);
                w.add_int32(2, 1);
              }),
              HasSubstr("more than 2^48 elements"));
  EXPECT_THAT(tensor_error([](pbf_writer& w) {
                w.add_int64(1, std::int64_t{1} << 40);
                w.add_int32(2, 8);
              }),
              HasSubstr("expected 1099511627776 stored values"));
  EXPECT_THAT(tensor_error([](pbf_writer& w) {
                w.add_int64(1, -1);
                w.add_int32(2, 1);
                w.add_float(4, 1);
              }),
              HasSubstr("expected extents of 0 or more"));
}

TEST(OnnxReader, SparseTensorsCannotGrowWithoutBound) {
  const std::string sparse = message([&](pbf_writer& w) {
    w.add_message(1, float_tensor("s", {1}));
    w.add_message(2, message([](pbf_writer& i) {
                    i.add_int64(1, 1);
                    i.add_int32(2, 7);
                    i.add_int64(7, 0);
                  }));
    w.add_int64(3, std::int64_t{1} << 30);
  });
  EXPECT_THAT(error_of(model(message([&](pbf_writer& w) { w.add_message(15, sparse); }))),
              HasSubstr("sparse tensors of this model take more than"));
}

TEST(OnnxReader, NoDamageCrashes) {
  const std::string whole = model(small_graph());
  for (std::size_t size = 0; size < whole.size(); ++size) error_of(whole.substr(0, size));
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    error_of(damaged);
  }
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

class ExternalData : public ::testing::Test {
 protected:
  ExternalData() : folder_(fs::temp_directory_path() / fmt::format("atlas_external_{}", getpid())) {
    fs::create_directories(folder_);
  }
  ~ExternalData() override { fs::remove_all(folder_); }

  // A model with one f32 tensor of `count` elements in another file.
  std::string error_of(const std::string& location, const std::string& offset, std::int64_t count) {
    const auto entry = [](const std::string& key, const std::string& value) {
      return message([&](pbf_writer& w) {
        w.add_string(1, key);
        w.add_string(2, value);
      });
    };
    const std::string tensor = message([&](pbf_writer& w) {
      w.add_int64(1, count);
      w.add_int32(2, 1);
      w.add_string(8, "w");
      w.add_message(13, entry("location", location));
      w.add_message(13, entry("offset", offset));
      w.add_int32(14, 1);
    });
    const std::string graph = message([&](pbf_writer& w) {
      w.add_message(5, tensor);
      w.add_message(12, value_info("w", 1, {}));
    });
    write_text(folder_ / "m.onnx", model(graph));
    try {
      graph_ = read_onnx(folder_ / "m.onnx");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  fs::path folder_;
  Graph graph_;
};

TEST_F(ExternalData, IsCheckedAgainstItsFile) {
  write_text(folder_ / "data", std::string(64, 'x'));
  EXPECT_EQ(error_of("data", "0", 16), "no error");
  EXPECT_EQ(error_of("data", "3", 15), "no error");  // not aligned: copied
  EXPECT_THAT(error_of("data", "4", 16), HasSubstr("expected 64 bytes from 4, but the file has 64"));
  EXPECT_THAT(error_of("data", "18446744073709551615", 1), HasSubstr("but the file has 64"));
  EXPECT_THAT(error_of("data", "-1", 1), HasSubstr("expected a number of bytes as its offset, got '-1'"));
  EXPECT_THAT(error_of("../data", "0", 1),
              HasSubstr("m.onnx: tensor 'w': path '../data': expected a path inside"));
  EXPECT_THAT(error_of("/etc/passwd", "0", 1), HasSubstr("expected a path inside"));
  EXPECT_THAT(error_of("none", "0", 1), HasSubstr("No such file"));
}

TEST_F(ExternalData, OfFiveGigabytesIsViewedNotRead) {
  constexpr std::int64_t kCount = std::int64_t{5} << 28;
  write_text(folder_ / "data", "");
  fs::resize_file(folder_ / "data", kCount * 4);
  const std::size_t before = resident_bytes();
  ASSERT_EQ(error_of("data", "0", kCount), "no error");
  EXPECT_LT(resident_bytes(), before + (std::size_t{20} << 20));
  EXPECT_EQ(graph_.value(graph_.find("w")).constant.values<float>().back(), 0.0f);
}

TEST_F(ExternalData, MisalignedTensorsAreHeldOnce) {
  constexpr std::int64_t kCount = std::int64_t{1} << 24;
  write_text(folder_ / "data", std::string(kCount * 4 + 1, 'x'));
  const std::size_t before = resident_bytes();
  ASSERT_EQ(error_of("data", "1", kCount), "no error");
  EXPECT_LT(resident_bytes() - before, (std::size_t{kCount} * 4) * 12 / 10 + (std::size_t{20} << 20));
}

}  // namespace
}  // namespace atlas
