"""`atlas check`: verdicts, reasons, what would help, and the exit code for CI."""

import json
import pathlib
import tempfile
import unittest

from program import atlas

# 2 x 256 x 1024 x 1024 operations and 4 MB of weights.
MODEL = """graph "product" {
  input x: f32[256,1024]
  input w: f32[1024,1024]
  y: ? = MatMul "heavy"(x, w)
  output y
}
"""
HOST = "host-two-cores-zen4"


class Check(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = self.write(MODEL)

    def write(self, text):
        path = self.folder / "m.txt"
        path.write_text(text)
        return path

    def checked(self, code, *arguments, model=None):
        answer = self.folder / "a.json"
        run = atlas("check", model or self.model, "--json", answer, *arguments)
        self.assertEqual(run.code, code, run.output + run.error)
        return run, json.loads(answer.read_text())

    def test_a_model_that_fits(self):
        run, answer = self.checked(0, "--on", HOST, "--within", "1s", "--memory", "2GiB", "--power", "1kW", "--strict")
        self.assertTrue(answer["fits"])
        self.assertEqual((answer["supported"], answer["emulated"], answer["missing"]), (1, 0, 0))
        self.assertEqual(answer["target"], "cpu")
        self.assertIn("verdict      fits\n", run.output)
        # At the peak of 118 Gop/s the product takes 4.5 ms.
        self.assertGreater(answer["needs"]["time_us"], 4500)
        self.assertGreaterEqual(answer["needs"]["activation_bytes"], 4 * 256 * 1024)

    def test_each_wish_can_stand_in_the_way(self):
        for wish, value, word in (("--within", "1us", "time: "), ("--memory", "1 MB", "memory: "), ("--power", "1mW", "power: ")):
            run, answer = self.checked(1, "--on", HOST, wish, value)
            self.assertEqual(len(answer["obstacles"]), 1)
            self.assertTrue(answer["obstacles"][0].startswith(word), run.output)

    def test_what_would_help_says_by_how_much(self):
        _, answer = self.checked(1, "--on", HOST, "--within", "3ms")
        help_of = {remedy["what"]: remedy for remedy in answer["would_help"]}
        self.assertLess(help_of["numbers of bf16"]["needs"]["time_us"], answer["needs"]["time_us"])
        machines = [remedy for what, remedy in help_of.items() if what.startswith("on ")]
        self.assertEqual(len(machines), 3)
        for remedy in machines:
            self.assertTrue(remedy["enough"])
            self.assertLessEqual(remedy["needs"]["time_us"], 3000)
            # The machine says the same when it is asked itself.
            _, there = self.checked(0, "--on", remedy["what"][3:], "--within", "3ms")
            self.assertAlmostEqual(there["needs"]["time_us"], remedy["needs"]["time_us"], places=3)

    def test_a_batch_of_one(self):
        model = self.write('graph "g" { input x: f32[64,512,512]  input w: f32[512,512]  y: ? = MatMul(x, w)  output y }')
        _, answer = self.checked(1, "--on", HOST, "--within", "20ms", model=model)
        one = next(remedy for remedy in answer["would_help"] if remedy["what"].startswith("a batch of one"))
        self.assertLess(one["needs"]["time_us"], answer["needs"]["time_us"] / 30)

    def test_smaller_inputs(self):
        model = self.write('graph "g" { input x: f32[1,8,64,96]  const w = f32[1,8,1,1]{1,1,1,1,1,1,1,1}  y: ? = Conv(x, w)  output y }')
        _, answer = self.checked(1, "--on", HOST, "--within", "1us", model=model)
        small = next(remedy for remedy in answer["would_help"] if remedy["what"].startswith("smaller inputs"))
        self.assertEqual(small["what"], "smaller inputs (x=1x8x32x48)")
        self.assertLess(small["needs"]["time_us"], answer["needs"]["time_us"])
        # A model whose constants insist on the size is not asked.
        fixed = self.write('graph "g" { input x: f32[64,512]  input w: f32[512,512]  r: ? = MatMul(x, w)  const s = i64[2]{512, 64}  y: ? = Reshape(r, s)  output y }')
        _, answer = self.checked(1, "--on", HOST, "--within", "1us", model=fixed)
        self.assertFalse([remedy for remedy in answer["would_help"] if remedy["what"].startswith("smaller inputs")])

    def test_operators_have_reasons(self):
        model = self.write(
            """graph "g" {
              input x: f64[4,4]
              input i: i64[2]
              a: f64[4,4] = my.domain::Odd "unknown"(x)
              d: ? = Det "slow"(x)
              y: ? = Relu(x)
              output a
              output d
              output y
            }"""
        )
        run, answer = self.checked(1, "--on", HOST, model=model)
        nodes = {node["node"]: node for node in answer["nodes"]}
        self.assertEqual(nodes["my.domain::Odd 'unknown'"]["kind"], "missing")
        self.assertEqual(nodes["my.domain::Odd 'unknown'"]["reason"], "Atlas does not know this operator")
        self.assertEqual(nodes["Det 'slow'"]["kind"], "emulated")
        self.assertIn("no kernel for f64", nodes["Det 'slow'"]["reason"])
        self.assertIn("1 nodes cannot run", run.output)
        # As when it runs.
        run = atlas("run", model, "--random", 1)
        self.assertIn("my.domain", run.error)

    def test_strict_asks_for_kernels_and_a_target(self):
        slow = self.write('graph "g" { input x: f64[4,4]  d: ? = Det "slow"(x)  output d }')
        self.checked(0, "--on", HOST, model=slow)
        _, answer = self.checked(1, "--on", HOST, "--strict", model=slow)
        self.assertEqual(answer["obstacles"], ["1 nodes are emulated (--strict)"])
        run = atlas("run", slow, "--random", 1, "--strict")
        self.assertIn("Det 'slow'", run.error)
        model = self.write(MODEL)
        self.checked(0, "--on", "t4", model=model)
        _, answer = self.checked(1, "--on", "t4", "--strict", model=model)
        self.assertIsNone(answer["target"])
        self.assertIn("no target of this Atlas runs there", answer["obstacles"][0])

    def test_open_sizes_are_named(self):
        model = self.write('graph "g" { input x: f32[N,512]  input w: f32[512,512]  y: ? = MatMul(x, w)  output y }')
        run, answer = self.checked(1, "--on", HOST, model=model)
        self.assertEqual(answer["open_sizes"], "x: f32[N,512]")
        self.assertIn("--shape fixes", answer["obstacles"][0])
        self.checked(0, "--on", HOST, "--shape", "x=4x512", model=model)

    def test_the_host_as_it_was_measured(self):
        described = self.folder / "host.yaml"
        run = atlas("machine", "calibrate", "-o", described)
        self.assertEqual(run.code, 0, run.error)
        self.assertLess(run.seconds, 120)
        self.assertEqual(atlas("machine", "check", described).code, 0)
        text = described.read_text()
        for word in ("name: dram", "name: l1", "f32: ", "i8: ", "latency: ", "barrier: "):
            self.assertIn(word, text)
        _, answer = self.checked(0, "--machine-file", described, "--within", "10s", "--strict")
        self.assertEqual(answer["target"], "cpu")

    def test_what_cannot_be_asked(self):
        for arguments, message in (
            ((), "--on: expected a machine"),
            (("--on", "nowhere"), "nowhere"),
            (("--on", HOST, "--within", "30"), "--within: expected a time such as 2.5 us"),
            (("--on", HOST, "--memory", "-1 GB"), "--memory: expected a size"),
            (("--on", HOST, "--power", "15 V"), "--power: expected a power"),
        ):
            run = atlas("check", self.model, *arguments)
            self.assertEqual(run.code, 2)
            self.assertIn(message, run.error)


if __name__ == "__main__":
    unittest.main()
