#include "atlas/plan/operator_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using testing::HasSubstr;

std::vector<OperatorRow> rows_of(const char* text) {
  return read_operators(Csv::parse(text, "t.csv"));
}

std::string message_of(const char* text) {
  try {
    rows_of(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(OperatorTable, ReadsProducts) {
  const auto rows =
      rows_of("system,dtype,m,n,k,latency_us\na100_sxm,fp8,1,2,3,4.5\na100_sxm,odd,1,2,3,4.5\n");
  EXPECT_EQ(rows[0].device, "a100_sxm");
  EXPECT_EQ(rows[0].op->key, "gemm/fp8");
  EXPECT_EQ(std::get<Gemm>(rows[0].op->sizes).n, 2);
  EXPECT_EQ(rows[0].measured_us, 4.5);
  EXPECT_FALSE(rows[1].op);
  EXPECT_EQ(rows[1].reason, "number format 'odd'");
}

TEST(OperatorTable, ReadsAttention) {
  const auto rows = rows_of(
      "system,phase,batch,isl,n_heads,n_kv_heads,head_dim,window,attn_dtype,kv_dtype,step\n"
      "h,context_attention,2,128,8,4,64,0,fp8,fp8,0\n"
      "h,generation_attention,2,1,8,4,64,128,bfloat16,fp8,999\n"
      "h,generation_attention,2,1,4,8,64,128,bfloat16,fp8,999\n");
  EXPECT_EQ(rows[0].op->key, "attention_prefill/f8-f8");
  EXPECT_EQ(rows[1].op->key, "attention_decode/bf16-f8");
  EXPECT_EQ(std::get<Attention>(rows[1].op->sizes).past, 999);
  EXPECT_EQ(rows[2].reason, "more key heads than query heads");
}

// (7 + 2 x 1 - 3) / 2 + 1 = 4.
TEST(OperatorTable, ReadsConvolutions) {
  const auto rows = rows_of("device,B,Cin,Cout,kernel,input,stride,padding\nT,1,2,3,3,7,2,1\n");
  EXPECT_EQ(std::get<Convolution>(rows[0].op->sizes).out_h, 4);
  EXPECT_EQ(rows[0].op->key, "convolution/fp32");
}

TEST(OperatorTable, ReadsMixedTables) {
  const auto rows = rows_of(
      "op,device,latency_ms,B,M_or_H,N,K,dtype\n"
      "bmm,T,0.5,4,8,16,32,fp32\nadd,T,,10,20,,,fp32\nln,T,,10,20,,,fp32\nsort,T,,10,20,,,fp32\n");
  EXPECT_EQ(std::get<Gemm>(rows[0].op->sizes).batch, 4);
  EXPECT_EQ(rows[0].measured_us, 500);
  EXPECT_EQ(std::get<Elementwise>(rows[1].op->sizes).elements, 200);
  EXPECT_EQ(std::get<Elementwise>(rows[1].op->sizes).operands, 2);
  EXPECT_EQ(rows[2].op->key, "norm/fp32");
  EXPECT_EQ(rows[3].reason, "operator 'sort'");
  const auto narrow = rows_of("device,op,dtype,M,N,K\nA,softmax,fp16 (remark),4,5,\nA,allreduce,fp16,64,,\n");
  EXPECT_EQ(std::get<RowWise>(narrow[0].op->sizes).columns, 5);
  EXPECT_EQ(std::get<RowWise>(narrow[0].op->sizes).element_bytes, 2);
  EXPECT_EQ(std::get<Collective>(narrow[1].op->sizes).bytes, 64);
}

TEST(OperatorTable, NamesTheRowThatIsWrong) {
  EXPECT_EQ(message_of("dtype,m,n,k\nfp8,1,2,3\nfp8,1,-2,3\n"),
            "t.csv: row 2: n: expected a number from 1 to 1e15, got '-2'");
  EXPECT_THAT(message_of("dtype,m,n,k\nfp8,1,2,1e99\n"), HasSubstr("row 1: k: expected a number"));
  EXPECT_THAT(message_of("a,b\n1,2\n"), HasSubstr("t.csv:1: expected the columns m, n, k, dtype or"));
}

}  // namespace
}  // namespace atlas
