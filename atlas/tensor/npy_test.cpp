#include "atlas/tensor/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "atlas/base/error.h"
#include "atlas/tensor/elements.h"
#include "atlas/tensor/npz.h"

namespace atlas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::uint8_t> npy(std::string header, std::string_view data) {
  std::string out = "\x93NUMPY";
  out += {1, 0, static_cast<char>(header.size()), 0};
  out += header;
  out += data;
  return {out.begin(), out.end()};
}

template <typename Act>
std::string message_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Npy, RoundTripsEveryNumpyType) {
  for (const DType dtype : {DType::Bool, DType::I8, DType::I16, DType::I32, DType::I64, DType::U8, DType::U16,
                            DType::U32, DType::U64, DType::F16, DType::F32, DType::F64}) {
    const Tensor tensor = from_doubles(dtype, {2, 3}, std::vector<double>{0, 1, 2, 3, 4, 5});
    EXPECT_TRUE(identical(parse_npy(to_npy(tensor), "t"), tensor)) << name(dtype);
  }
  for (const DType dtype : {DType::C64, DType::C128}) {
    const Tensor tensor = from_complexes(dtype, {2}, std::vector<std::complex<double>>{{1, 2}, {3, -4}});
    EXPECT_TRUE(identical(parse_npy(to_npy(tensor), "t"), tensor));
  }
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{2, 0, 3}}) {
    const Tensor tensor(DType::U8, shape);
    EXPECT_EQ(parse_npy(to_npy(tensor), "t").shape(), shape);
  }
}

TEST(Npy, WidensTypesThatNumpyHasNot) {
  const std::vector<double> values{0, 1, -2, 0.5};
  const Tensor read = parse_npy(to_npy(from_doubles(DType::BF16, {4}, values)), "t");
  EXPECT_EQ(read.dtype(), DType::F32);
  EXPECT_EQ(to_doubles(read), values);
  EXPECT_EQ(parse_npy(to_npy(from_ints(DType::I4, {3}, std::vector<std::int64_t>{-8, 7, 1})), "t").dtype(),
            DType::I8);
}

TEST(Npy, KeepsTextAndOtherBytes) {
  const Tensor text = Tensor::of<std::string>({3}, {"", "a\xC3\xA9", "\xF0\x9F\x98\x80!"});
  EXPECT_TRUE(identical(parse_npy(to_npy(text), "t"), text));
  const Tensor bytes = Tensor::of<std::string>({2}, {"\xFF\xFE", "x"});
  EXPECT_TRUE(identical(parse_npy(to_npy(bytes), "t"), bytes));
}

TEST(Npy, ReadsOtherByteOrderAndFortranOrder) {
  const Tensor big =
      parse_npy(npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", {"\0\1\2\0", 4}), "t");
  EXPECT_THAT(to_ints(big), ElementsAre(1, 512));
  const Tensor turned =
      parse_npy(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\1\2\3\4\5\6"), "t");
  EXPECT_THAT(to_ints(turned), ElementsAre(1, 3, 5, 2, 4, 6));
}

TEST(Npy, SaysWhatIsWrong) {
  const auto read = [](std::string header, std::string_view data) {
    return message_of([&] { parse_npy(npy(header, data), "x.npy"); });
  };
  EXPECT_THAT(message_of([] { parse_npy({}, "x.npy"); }), HasSubstr("x.npy: expected a .npy file"));
  EXPECT_THAT(read("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", "1234"),
              HasSubstr("shape [4] of '<f4' expects more than the 4 bytes"));
  EXPECT_THAT(read("{'descr': '<f8', 'fortran_order': False, 'shape': (281474976710656, 9), }", ""),
              HasSubstr("more than 2^48"));
  EXPECT_THAT(read("{'descr': '|O', 'fortran_order': False, 'shape': (), }", ""),
              HasSubstr("'|O' is not read"));
  EXPECT_THAT(read("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (), }", ""),
              HasSubstr("records"));
  EXPECT_THAT(read("{'descr': '<f4', 'shape': (), }", ""), HasSubstr("all of descr"));
  EXPECT_THAT(read("{'descr': '<f4', 'fortran_order': 3", ""), HasSubstr("True or False"));
  EXPECT_THAT(read("{'descr': '<S999999999999999999999', 'fortran_order': False, 'shape': (), }", ""),
              HasSubstr("text length"));
}

TEST(Npz, RoundTripsAndRefusesDamage) {
  const NamedTensors tensors{{"a", Tensor::of<float>({2}, {1.5f, -2})},
                             {"b/\xC3\xA9", Tensor::scalar<bool>(true)}};
  std::vector<std::uint8_t> bytes = to_npz(tensors);
  const NamedTensors read = parse_npz(bytes, "x.npz");
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[1].first, tensors[1].first);
  EXPECT_TRUE(identical(read[0].second, tensors[0].second));
  EXPECT_THAT(message_of([&] { parse_npz(bytes, "x.npz", 100); }), HasSubstr("more than 100 bytes"));
  EXPECT_THAT(message_of([&] { to_npz({tensors[0], tensors[0]}); }), HasSubstr("'a' twice"));
  bytes[100] ^= 1;
  EXPECT_THAT(message_of([&] { parse_npz(bytes, "x.npz"); }), HasSubstr("x.npz: a.npy: checksum is wrong"));
}

TEST(Npz, ReadsWhatNumpyDeflated) {
  // numpy.savez_compressed(file, z=numpy.zeros((2, 3), numpy.int16))
  const std::string_view hex =
      "504b03042d000000080000002100e533fea7ffffffffffffffff050014007a2e6e7079010010008c0000000000000049000000"
      "000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a4aea3a09e965f54529498179f5f94920a12774bcc294e"
      "058a17672416a402f91a463a0ac69a3a0ab50a64032e06240000504b01022d032d000000080000002100e533fea74900000"
      "08c0000000500000000000000000000008001000000007a2e6e7079504b050600000000010001003300000080000000"
      "0000";
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  const NamedTensors read = parse_npz(bytes, "z.npz");
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].first, "z");
  EXPECT_TRUE(identical(read[0].second, from_ints(DType::I16, {2, 3}, std::vector<std::int64_t>(6))));
  for (std::size_t i = 60; i < 130; ++i) {
    std::vector<std::uint8_t> bad = bytes;
    bad[i] ^= 0x10;
    try {
      parse_npz(bad, "z.npz");
    } catch (const Error&) {
    }
  }
}

TEST(Npz, NoDamageCrashes) {
  const std::vector<std::uint8_t> good = to_npz({{"a", Tensor::of<float>({2}, {1.5f, -2})}});
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::uint8_t> bad = good;
    for (int k = 0; k < 3; ++k) bad[random() % bad.size()] = static_cast<std::uint8_t>(random());
    if (i % 3 == 0) bad.resize(random() % bad.size());
    try {
      parse_npz(bad, "bad", 1 << 20);
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace atlas
