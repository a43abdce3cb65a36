#include "atlas/plan/workload_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using testing::HasSubstr;

Csv table(std::vector<std::string> columns, std::vector<std::string> row) {
  Csv csv;
  csv.where = "t.csv";
  csv.columns = std::move(columns);
  csv.rows.push_back(std::move(row));
  return csv;
}

TEST(WorkloadTable, ReadsARow) {
  const Workload workload =
      read_workload(table({"workload", "mode", "batch", "seq", "dtype", "runtime", "recompute", "tp", "pp",
                           "dp", "micro_batches", "interleave", "sequence_parallel"},
                          {"gpt3-175b", "train", "1", "2048", "bf16", "megatron", "selective", "8", "8", "2",
                           "64", "3", "1"}),
                    0);
  EXPECT_TRUE(workload.trains);
  EXPECT_EQ(workload.transformer->layers, 96);
  EXPECT_EQ(workload.lowering.recompute, Recompute::Selective);
  EXPECT_EQ(workload.layout.chips(), 128);
  EXPECT_EQ(workload.layout.micro_batches, 64);
  EXPECT_EQ(workload.predicted, 1);
  EXPECT_TRUE(workload.layout.sequence_parallel);
}

TEST(WorkloadTable, LeavesOutWhatIsNotSaid) {
  const Workload workload =
      read_workload(table({"workload", "mode", "batch"}, {"resnet50", "infer", "32"}), 0);
  EXPECT_EQ(workload.batch, 32);
  EXPECT_EQ(workload.dtype, "f16");
  EXPECT_EQ(workload.lowering.runtime->name, "fused");
  EXPECT_EQ(workload.layout.chips(), 1);
}

// Other sizes of a known network: heads share the numbers, the feed-forward block is four times as wide.
TEST(WorkloadTable, ChangesSizes) {
  const Workload workload =
      read_workload(table({"workload", "mode", "batch", "seq", "hidden", "heads", "layers"},
                          {"gpt3-125m", "train", "1", "1024", "2048", "16", "20"}),
                    0);
  EXPECT_EQ(workload.transformer->head_dim, 128);
  EXPECT_EQ(workload.transformer->ffn, 8192);
  EXPECT_EQ(workload.transformer->layers, 20);
}

// Decoding is one token behind the others; the next one is predicted.
TEST(WorkloadTable, DecodingIsOneTokenBehindTheOthers) {
  const Workload workload =
      read_workload(table({"workload", "mode", "batch", "seq"}, {"llama-3-8b", "decode", "4", "1024"}), 0);
  EXPECT_EQ(workload.tokens, 1);
  EXPECT_EQ(workload.past, 1023);
  EXPECT_EQ(workload.predicted, 1);
}

TEST(WorkloadTable, ErrorsNameRowAndColumn) {
  const auto error_of = [](std::vector<std::string> columns, std::vector<std::string> row) -> std::string {
    try {
      read_workload(table(std::move(columns), std::move(row)), 0);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(error_of({"workload", "mode", "batch"}, {"resnet50", "infer", "0.5"}),
              HasSubstr("t.csv: row 1: batch: expected a number from 1 to 1e15, got '0.5'"));
  EXPECT_THAT(error_of({"workload", "mode", "batch"}, {"resnet50", "infer", "1.5"}),
              HasSubstr("t.csv: row 1: batch: expected a whole number, got 1.5"));
  EXPECT_THAT(error_of({"workload", "mode", "batch"}, {"resnet50", "decode", "1"}),
              HasSubstr("expected train or infer for resnet50, got decode"));
  EXPECT_THAT(error_of({"workload", "mode", "batch"}, {"resnet", "infer", "1"}),
              HasSubstr("or a config.json, got 'resnet'"));
  EXPECT_THAT(error_of({"workload", "mode", "batch"}, {"/etc/x.json", "infer", "1"}),
              HasSubstr("workload: expected a network's name, got the file '/etc/x.json'"));
  EXPECT_THAT(error_of({"workload", "mode", "batch", "seq", "kv_heads"}, {"gpt2", "infer", "1", "8", "24"}),
              HasSubstr("gpt2: expected at most 12 heads of keys, got 24"));
  EXPECT_THAT(error_of({"workload", "mode", "batch", "seq"}, {"bert-base", "decode", "1", "8"}),
              HasSubstr("expected a decoder for decoding, got bert-base"));
  EXPECT_THAT(
      error_of({"workload", "mode", "batch", "seq", "runtime"}, {"bert-base", "infer", "1", "8", "none"}),
      HasSubstr("got 'none'"));
}

}  // namespace
}  // namespace atlas
