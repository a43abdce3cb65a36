"""bench/network_tables.py: published tables of whole networks become rows that `atlas predict --table` reads."""

import csv
import io
import pathlib
import sys
import tempfile
import unittest

from program import ROOT, atlas

sys.path.insert(0, str(ROOT / "bench"))
import network_tables  # noqa: E402


def readme(path, heading, context, row):
    return {"path": path, "heading": heading, "context_line": context, "row": row}


class Readmes(unittest.TestCase):
    def rows(self, *entries):
        rows, left_out = network_tables.readme_rows(list(entries))
        return [{key: value for key, value in row.items() if value} for row in rows], left_out

    def test_one_row_may_hold_two_precisions(self):
        rows, _ = self.rows(
            readme(
                "TensorFlow/LanguageModeling/BERT/README.md",
                "BERT > Performance > Results > Training performance: NVIDIA DGX-1 (8x V100 16GB) > Pre-training",
                "",
                "GPUs=8 ; Sequence Length=512 ; Batch size / GPU: mixed precision, FP32=4 , 2 ; "
                "Gradient Accumulation: mixed precision, FP32=1024, 2048 ; Throughput - mixed precision=256 ; Throughput - FP32=64",
            )
        )
        self.assertEqual([row["dtype"] for row in rows], ["f16", "f32"])
        self.assertEqual([row["batch"] for row in rows], ["4", "2"])
        self.assertEqual([row["micro_batches"] for row in rows], ["1024", "2048"])
        # 8 chips x 1024 passes x 4 sequences at 256 per second
        self.assertEqual(float(rows[0]["latency_ms"]), 8 * 1024 * 4 / 256 * 1e3)
        self.assertEqual(rows[0]["device"], "dgx1-v100-16gb")
        self.assertEqual(rows[0]["predicted"], "0.156")

    def test_accumulated_batches_are_taken_apart(self):
        rows, _ = self.rows(
            readme(
                "PyTorch/LanguageModeling/BERT/README.md",
                "BERT > Performance > Results > Training performance: NVIDIA DGX A100 (8x A100 80GB) > Pre-training",
                "",
                "GPUs=1 ; Batch size / GPU (TF32 and FP16)=8192 and 8192 ; Accumulation steps (TF32 and FP16)=64 and 32 ; "
                "Sequence length=128 ; Throughput - TF32(sequences/sec)=307 ; Throughput - mixed precision(sequences/sec)=694",
            )
        )
        self.assertEqual([(row["dtype"], row["batch"], row["micro_batches"]) for row in rows], [("tf32", "128", "64"), ("f16", "256", "32")])

    def test_inference_takes_precision_and_runtime_from_what_stands_above(self):
        rows, _ = self.rows(
            readme(
                "TensorFlow/Classification/ConvNets/resnext101-32x4d/README.md",
                "ResNeXt > Performance > Results > Inference performance: NVIDIA T4 (1x T4 16G)",
                "**Mixed Precision Inference Latency + XLA**",
                "Batch Size=128 ; Avg throughput=256 img/s ; Avg latency=470.29 ms",
            )
        )
        self.assertEqual(len(rows), 1)
        self.assertEqual((rows[0]["device"], rows[0]["runtime"], rows[0]["dtype"], rows[0]["mode"]), ("t4", "xla", "f16", "infer"))
        self.assertEqual((rows[0]["workload"], float(rows[0]["latency_ms"])), ("resnext101-32x4d", 500))

    def test_what_names_no_batch_is_counted(self):
        rows, left_out = self.rows(
            readme(
                "PyTorch/Classification/ConvNets/resnet50v1.5/README.md",
                "ResNet > Performance > Results > Training performance: NVIDIA DGX A100 (8x A100 80GB)",
                "",
                "GPUs=8 ; Throughput - TF32=7248 img/s ; Throughput - mixed precision=16621 img/s",
            )
        )
        self.assertEqual((rows, left_out), ([], {"no batch": 2}))


class Tables(unittest.TestCase):
    def test_rows_are_what_atlas_reads(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "m.csv"
            path.write_text(
                "metric,model,mode,value,num_procs,tp,pp,dp,batch,microbatch,interleave,hidden,ffn,heads,layers,seq\n"
                "iteration_time_s,gpt3-175B,full,18.13,64,8,8,1,64,1,3,12288,49152,96,96,2048\n"
                "memory_GiB_act,gpt3-175B,none,66.84375,,,,,,,,,,,,\n"
            )
            rows, _ = network_tables.rows_of(path)
            self.assertEqual((rows[0]["micro_batches"], rows[0]["latency_ms"]), ("64", "18130.0"))
            memory = {kind: (rows, column) for rows, kind, column in network_tables.memory_rows(path)}
            rows += memory["memory: activations"][0]
            table = pathlib.Path(folder) / "t.csv"
            with open(table, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, network_tables.COLUMNS, extrasaction="ignore")
                writer.writeheader()
                writer.writerows(rows)
            run = atlas("predict", "--table", table)
            self.assertEqual(run.code, 0, run.error)
            predicted = list(csv.DictReader(io.StringIO(run.output)))
            self.assertAlmostEqual(float(predicted[1]["activations_gib"]), 66.84375, delta=0.01)

    def test_other_tables_are_none(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "g.csv"
            path.write_text("dtype,m,n,k,latency_us\nfp16,1,1,1,1\n")
            self.assertIsNone(network_tables.rows_of(path))


if __name__ == "__main__":
    unittest.main()
