"""`atlas machine` and `atlas predict`: descriptions, constants, tables and models, as a user meets them."""

import csv
import io
import json
import pathlib
import tempfile
import unittest

from program import ROOT, atlas

MODEL = """graph "small" {
  input x: f32[64,256]
  input w: f32[256,256]
  h: ? = MatMul "first"(x, w)
  y: ? = Relu(h)
  z: ? = Softmax "last"(y)
  output z
}
"""


class Machines(unittest.TestCase):
    def test_every_machine_is_listed_and_checks(self):
        machines = json.loads(atlas("machine", "list", "--json").output)
        files = sorted((ROOT / "machines").glob("*.yaml"))
        self.assertEqual([machine["name"] for machine in machines], [file.stem for file in files])
        run = atlas("machine", "check", files[0])
        self.assertEqual(run.code, 0, run.error)

    def test_a_page_names_sources(self):
        page = atlas("machine", "show", "a100_sxm").output
        self.assertRegex(page, r"\n +dense bf16 +312 TFLOP/s +stas00/ml-engineering")
        self.assertRegex(page, r"\n +sparse bf16 +624 TFLOP/s")

    def test_wrong_descriptions_name_file_and_line(self):
        text = (ROOT / "machines" / "t4.yaml").read_text()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "mine.yaml"
            path.write_text(text.replace("320 GB/s", "0 GB/s"))
            run = atlas("machine", "check", path)
            self.assertEqual(run.code, 2)
            self.assertRegex(run.error, r"mine\.yaml:\d+: memories\[0\]\.bandwidth: expected more than zero")

    def test_the_schema_knows_the_members_of_the_catalogue(self):
        schema = json.loads(atlas("machine", "schema").output)
        known = schema["allOf"][0]["properties"]
        for machine in json.loads(atlas("machine", "list", "--json").output):
            self.assertLessEqual(set(machine) - {"name"}, set(known))

    def test_unknown_names(self):
        run = atlas("machine", "show", "h100")
        self.assertEqual(run.code, 2)
        self.assertIn("did you mean dgx-h100, h100-pcie-80gb, h100-sxm-80gb?", run.error)


class Predictions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def test_a_table_gets_three_columns(self):
        table = self.write(
            "t.csv",
            "system,dtype,m,n,k,latency_us\nh100_sxm,bfloat16,4096,4096,4096,1\n"
            "h100_sxm,odd,1,1,1,1\nnowhere,bfloat16,1,1,1,1\n",
        )
        run = atlas("predict", "--table", table)
        self.assertEqual(run.code, 0, run.error)
        rows = list(csv.DictReader(io.StringIO(run.output)))
        # 137.4e9 operations at 989.4 TFLOP/s are 139 us: no prediction is below, and none far above.
        self.assertGreater(float(rows[0]["predicted_us"]), 139)
        self.assertLess(float(rows[0]["predicted_us"]), 280)
        self.assertIn(rows[0]["limit"], ("compute", "cache"))
        self.assertEqual(rows[1]["level"], "left out, number format 'odd'")
        self.assertEqual(rows[2]["level"], "left out, no machine 'nowhere'")
        self.assertIn("predicted 1 of 3 rows", run.error)

    def test_measured_columns_are_ignored(self):
        head = "dtype,m,n,k,latency_us\n"
        outputs = [
            atlas("predict", "--on", "t4", "--table", self.write(f"{us}.csv", f"{head}fp16,64,512,512,{us}\n")).output
            for us in (1, 1000)
        ]
        predicted = [next(csv.DictReader(io.StringIO(output)))["predicted_us"] for output in outputs]
        self.assertEqual(predicted[0], predicted[1])

    def test_levels_by_what_constants_saw(self):
        rows = "".join(f"relu,t4,{size * 8 / 250e9 * 1e3 + 0.005},{size},1,,,fp32\n" for size in range(10**6, 9 * 10**6, 10**6))
        table = self.write("m.csv", "op,device,latency_ms,B,M_or_H,N,K,dtype\n" + rows)
        fit = self.folder / "fit.yaml"
        run = atlas("machine", "fit", table, "-o", fit)
        self.assertEqual(run.code, 0, run.error)
        for machine, level in (("t4", "calibrated"), ("a10", "data sheet")):
            run = atlas("predict", "--table", table, "--on", machine, "--fit", fit)
            row = next(csv.DictReader(io.StringIO(run.output)))
            self.assertEqual(row["level"], level)
            if machine == "t4":  # 8 MB at 250 GB/s are 32 us, and 5 to launch
                self.assertAlmostEqual(float(row["predicted_us"]), 37, delta=1)
        run = atlas("predict", "--table", table, "--on", "apple-m1", "--level", "calibrated")
        self.assertEqual(run.code, 2)
        self.assertIn("fit constants with `atlas machine fit`", run.error)

    def test_a_model_becomes_a_timeline(self):
        model = self.write("m.txt", MODEL)
        out = self.folder / "t.json"
        run = atlas("predict", model, "--on", "t4", "--json", out, "--csv", self.folder / "t.csv")
        self.assertEqual(run.code, 0, run.error)
        timeline = json.loads(out.read_text())
        self.assertEqual([event["op"] for event in timeline["events"]], ["MatMul+Relu", "Softmax"])
        self.assertEqual([event["node"] for event in timeline["events"]], ["first", "last"])
        self.assertEqual(timeline["machine"], "t4")
        self.assertAlmostEqual(timeline["duration_us"], sum(event["duration_us"] for event in timeline["events"]))
        rows = list(csv.DictReader(io.StringIO((self.folder / "t.csv").read_text())))
        self.assertEqual(len(rows), 2)
        # 64 x 256 f32 between the steps; as many come in beside the weights, and go out.
        self.assertEqual(timeline["events"][1]["reads"], [0])
        self.assertEqual([now["arena_bytes"] for now in timeline["memory"]], [65536, 65536])
        self.assertEqual([now["buffer_bytes"] for now in timeline["memory"]], [65536 + 262144, 2 * 65536 + 262144])

    def test_a_network_by_name_needs_no_file(self):
        out = self.folder / "t.json"
        run = atlas("predict", "resnet50", "--on", "a100-sxm-80gb", "--batch", "128", "--json", out)
        self.assertEqual(run.code, 0, run.error)
        timeline = json.loads(out.read_text())
        # 128 x 8.18e9 operations at 312 TFLOP/s are 3.4 ms.
        self.assertGreater(timeline["duration_us"], 3400)
        self.assertLess(timeline["duration_us"], 34000)
        self.assertAlmostEqual(timeline["operations"] / (128 * 8.18e9), 1, delta=0.01)
        self.assertRegex(run.output, r"memory +0\.\d+ GiB of 74\.51 GiB per chip: weights 0\.05 GiB")

    def test_a_config_is_the_network_that_it_describes(self):
        config = self.write(
            "config.json",
            json.dumps(
                {
                    "model_type": "llama",
                    "hidden_size": 4096,
                    "num_hidden_layers": 32,
                    "num_attention_heads": 32,
                    "num_key_value_heads": 8,
                    "intermediate_size": 14336,
                    "vocab_size": 128256,
                    "tie_word_embeddings": False,
                }
            ),
        )
        outputs = [
            atlas("predict", model, "--on", "h100-sxm-80gb", "--mode", "decode", "--context", "1000").output.splitlines()
            for model in (config, "llama-3-8b")
        ]
        self.assertEqual(outputs[0][1:], outputs[1][1:])
        # 8.03e9 weights of 2 bytes at 3.35 TB/s take 4.8 ms.
        self.assertGreater(float(outputs[0][1].split()[1]), 4.8)

    def test_chips_share_a_network(self):
        arguments = ("predict", "gpt3-6.7b", "--train", "--on", "dgx-a100", "--seq", "2048", "--runtime", "megatron")
        one = atlas(*arguments, "--batch", "8", "--micro-batch", "1", "--recompute", "full")
        self.assertIn("which is TOO MUCH", one.output)
        eight = atlas(*arguments, "--batch", "8", "--micro-batch", "1", "--recompute", "full", "--tp", "8")
        self.assertNotIn("TOO MUCH", eight.output)
        times = [float(run.output.splitlines()[1].split()[1]) for run in (one, eight)]
        self.assertGreater(times[0] / times[1], 3)
        self.assertLess(times[0] / times[1], 8)

    def test_replicas_share_out_what_zero_says(self):
        arguments = ("predict", "gpt3-6.7b", "--train", "--on", "dgx-a100", "--seq", "2048", "--dp", "8", "--batch", "8")
        whole = atlas(*arguments)
        self.assertIn("which is TOO MUCH", whole.output)
        shared = atlas(*arguments, "--zero", "3")
        # 6.7e9 numbers: 2, 2 and 12 bytes on 8 chips.
        self.assertRegex(shared.output, r"weights 1\.5\d GiB, gradients 1\.5\d GiB, optimiser 9\.\d+ GiB")
        self.assertRegex(shared.output, r"reduce-scatter +gradients")
        self.assertRegex(shared.output, r"all-gather +weights")

    def test_all_machines_stand_in_one_table(self):
        run = atlas("predict", "llama-3-8b", "--all", "--seq", "512", "--dtype", "bf16")
        self.assertEqual(run.code, 0, run.error)
        rows = [line.split() for line in run.output.splitlines()[1:]]
        times = {row[0]: float(row[1]) for row in rows if row[0] in ("h100-sxm-80gb", "a100-sxm-80gb", "t4", "tpu-v5p")}
        self.assertEqual(len(times), 4)
        self.assertLess(times["h100-sxm-80gb"], times["a100-sxm-80gb"])
        self.assertLess(times["a100-sxm-80gb"], times["t4"])
        self.assertRegex(run.output, r"\na10 .* fits ")
        self.assertRegex(run.output, r"\nt4 .* TOO MUCH ")
        run = atlas("predict", self.write("m.txt", MODEL), "--all")
        self.assertRegex(run.output, r"\nt4 ")
        self.assertNotIn("dgx", run.output)

    def test_a_table_of_networks(self):
        table = self.write(
            "n.csv",
            "device,workload,mode,batch,seq,dtype,runtime,dp\n"
            "t4,bert-base,infer,8,128,f16,tensorrt,\n"
            "dgx-a100,bert-base,train,32,128,f16,pytorch,8\n",
        )
        run = atlas("predict", "--table", table)
        self.assertEqual(run.code, 0, run.error)
        rows = list(csv.DictReader(io.StringIO(run.output)))
        self.assertGreater(float(rows[1]["predicted_us"]), float(rows[0]["predicted_us"]))
        # 109.5e6 numbers of 18 bytes
        self.assertAlmostEqual(float(rows[1]["state_gib"]), 109.5e6 * 18 / 2**30, delta=0.02)

    def test_a_row_that_a_machine_cannot_run_is_named(self):
        table = self.write("n.csv", "device,workload,mode,batch,seq,tp\nt4,gpt2,infer,1,64,\nt4,gpt2,infer,1,64,4\n")
        run = atlas("predict", "--table", table)
        self.assertEqual(run.code, 2)
        self.assertRegex(run.error, r"n\.csv: row 2: t4: expected a node")

    def test_what_cannot_be_asked(self):
        model = self.write("m.txt", MODEL)
        for arguments, message in (
            ((model,), "--on: expected a machine or --all, got neither"),
            ((), "expected a model or --table"),
            ((model, "--on", "t4", "--dtype", "f12"), "expected f32, f16 or bf16, got 'f12'"),
            (("resnet50", "--on", "t4", "--mode", "decode"), "expected train or infer for resnet50, got decode"),
            (("llama-3-8b", "--on", "t4"), "expected the length of sequences, got none (--seq)"),
            (("llama-3-8b", "--on", "t4", "--seq", "8", "--tp", "2"), "expected a node of several chips for 2 chips, got t4"),
            (("llama-3-8b", "--on", "dgx-a100", "--seq", "8", "--dp", "3", "--batch", "4"), "expected a multiple of 3 replicas"),
            (("resnet50", "--on", "t4", "--batch", "nan"), "expected whole numbers of samples"),
            (("gpt2", "--on", "dgx-a100", "--seq", "8", "--pp", "0"), "expected at least one chip, stage, replica"),
            (("gpt2", "--on", "t4", "--seq", "8", "--train", "--zero", "4"), "expected stage 0, 1, 2 or 3 of ZeRO, got 4"),
            (("gpt2", "--on", "t4", "--seq", "8", "--zero", "1"), "expected training for ZeRO"),
            (("resnet50", "--on", "t4", "--runtime", "magic"), "runtime: expected one of fused, pytorch"),
            (("resnet50", "--on", "t4", "--train", "--mode", "infer"), "--mode: expected none beside --train"),
            ((self.write("config.json", "{}"), "--on", "t4"), "config.json: expected a member 'num_hidden_layers'"),
            ((model, "--on", "t4", "--level", "best"), "expected data-sheet, transferred or calibrated, got 'best'"),
        ):
            run = atlas("predict", *arguments)
            self.assertEqual(run.code, 2)
            self.assertIn(message, run.error)


if __name__ == "__main__":
    unittest.main()
