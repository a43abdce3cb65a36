"""`atlas compare`: models, timelines, and runs layer by layer."""

import json
import pathlib
import tempfile
import unittest

import numpy
from program import atlas

MODEL = """graph "m" {
  input x: f32[2,3]
  const w = f32[3]{1, 2, 3}
  a: ? = Mul "scale"(x, w)
  b: ? = Exp "raise"(a)
  c: ? = Relu "cut"(b)
  y: ? = Softmax "prob"(c)
  output y
}
"""


class Compare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = self.write("m.txt", MODEL)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def compared(self, code, *arguments):
        run = atlas("compare", *arguments, "--json", self.folder / "c.json")
        self.assertEqual(run.code, code, run.output + run.error)
        return run, json.loads((self.folder / "c.json").read_text())

    def test_models(self):
        run, _ = self.compared(0, self.model, self.model)
        self.assertIn("4 nodes and 1 constants are the same; 0 differences", run.output)
        other = self.write("n.txt", MODEL.replace("{1, 2, 3}", "{1, 2, 4}").replace("Relu", "Abs"))
        run, found = self.compared(1, self.model, other)
        self.assertIn("~ node      cut: operator Relu -> Abs", run.output)
        self.assertEqual(found["constants"][0]["max_abs"], 1)
        self.assertAlmostEqual(found["constants"][0]["of_largest"], 1 / 3)

    def test_timelines(self):
        files = []
        for machine in ("t4", "a100-sxm-80gb"):
            files.append(self.folder / f"{machine}.json")
            run = atlas("predict", self.model, "--on", machine, "--json", files[-1])
            self.assertEqual(run.code, 0, run.error)
        run, found = self.compared(0, *files)
        self.assertIn("before   m on t4, ", run.output)
        totals = [json.loads(file.read_text())["duration_us"] for file in files]
        self.assertAlmostEqual(found["before_us"], totals[0])
        self.assertAlmostEqual(found["after_us"], totals[1])
        damaged = self.write("d.json", '{"graph": "g", "machine": "m", "source": "s"}')
        run = atlas("compare", files[0], damaged)
        self.assertEqual(run.code, 2)
        self.assertIn("d.json: ", run.error)

    def test_kernels_against_the_reference(self):
        run, found = self.compared(0, self.model, "--target", "reference", "--without-pass", "all")
        self.assertIsNone(found["first"])
        self.assertEqual(found["layers"][-1]["value"], "y")
        self.assertLess(found["layers"][-1]["max_abs"], 1e-6)

    def test_the_first_layer_that_diverges(self):
        # As if another framework had taken a smaller exponent: everything behind it is off too.
        saved = self.folder / "layers.npz"
        run = atlas("compare", self.model, "--save-layers", saved)
        self.assertEqual(run.code, 0, run.error)
        layers = dict(numpy.load(saved))
        numpy.testing.assert_allclose(layers["b"], numpy.exp(layers["a"]), rtol=1e-5)
        layers["b"] = numpy.exp(layers["a"] * 0.9)
        layers["c"] = layers["b"]
        layers["y"] = numpy.exp(layers["c"]) / numpy.exp(layers["c"]).sum(axis=-1, keepdims=True)
        numpy.savez(self.folder / "other.npz", **layers)
        part = self.folder / "part.onnx"
        run, found = self.compared(1, self.model, "--layers-from", self.folder / "other.npz", "--bisect", part)
        self.assertEqual(found["first"], "b")
        self.assertIn("first to diverge: Exp 'raise', which makes 'b'", run.output)
        self.assertIn("(1 nodes)", run.output)
        # The part runs by itself on the inputs beside it.
        summary = json.loads(atlas("show", part, "--json").output)
        self.assertEqual([use["name"] for use in summary["operators"]], ["Exp"])
        run = atlas("run", part, "--input", part.with_suffix(".npz"), "--output", self.folder / "out")
        self.assertEqual(run.code, 0, run.error)
        made = numpy.load(self.folder / "out" / "b.npy")
        numpy.testing.assert_allclose(made, numpy.exp(layers["a"]), rtol=1e-5)

    def test_two_models_run_on_the_same_inputs(self):
        other = self.write("n.txt", MODEL.replace("{1, 2, 3}", "{1, 2, 3.3}"))
        run, found = self.compared(1, self.model, other, "--layers", "--random", 3)
        self.assertEqual(found["first"], "a")
        run, _ = self.compared(0, self.model, other, "--layers", "--tolerance", 10)
        self.assertIn("0 beyond 10 of their largest element", run.output)

    def test_a_model_of_another_precision(self):
        half = self.write("h.txt", MODEL.replace("f32", "f16"))
        _, found = self.compared(0, self.model, half, "--layers", "--tolerance", 0.01)
        self.assertEqual(len(found["layers"]), 4)
        self.assertGreater(found["layers"][1]["max_abs"], 0)
        other = self.write("o.txt", MODEL.replace("input x", "input z").replace("(x,", "(z,"))
        run = atlas("compare", self.model, other, "--layers")
        self.assertEqual(run.code, 2)
        self.assertIn("expected an input 'z' of A too", run.error)

    def test_numbers_of_fewer_bits(self):
        _, answer = self.compared(1, self.model, "--precision", "bf16")
        # bf16 rounds to 8 digits of two: an element is off by 2^-9 at most, and what follows by somewhat more.
        self.assertLess(max(layer["max_rel"] for layer in answer["layers"]), 0.05)
        self.assertEqual(answer["first"], "a")
        self.compared(0, self.model, "--precision", "f16", "--tolerance", "0.01")
        self.assertIn("expected f16 or bf16, got 'f8'", atlas("compare", self.model, "--precision", "f8").error)

    def test_instruction_sets(self):
        _, found = self.compared(0, self.model, "--isa", "generic")
        self.assertLess(max(layer["of_largest"] for layer in found["layers"]), 1e-5)
        run = atlas("compare", self.model, "--isa", "sse9")
        self.assertEqual(run.code, 2)
        self.assertIn("--isa: expected one that this processor has (generic", run.error)

    def test_what_cannot_be_asked(self):
        for arguments, message in (
            ((self.model,), "expected B"),
            ((self.model, self.write("t.json", "{}")), "expected two models or two timelines"),
            ((self.model, self.model, "--bisect", "p.onnx"), "expected runs to compare"),
            ((self.model, "--target", "npu"), "expected one of cpu, reference"),
            ((self.model, "--without-pass", "none"), "no such pass"),
        ):
            run = atlas("compare", *arguments)
            self.assertEqual(run.code, 2)
            self.assertIn(message, run.error)


if __name__ == "__main__":
    unittest.main()
