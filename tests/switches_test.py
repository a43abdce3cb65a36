"""What the switches in the environment leave out, and that answers stay."""

import json
import pathlib
import tempfile
import unittest

import numpy as np
from program import atlas

MODEL = """graph "model" {
  input image: f32[1,16,32,32]
  input weights: f32[16,16,3,3]
  c: ? = Conv(image, weights) {pads=[1, 1, 1, 1]}
  y: ? = Relu(c)
  output y
}
"""


class Switches(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def make_model(self):
        """The weights as a constant: others are not put in order."""
        values = np.random.default_rng(1).standard_normal((16, 16, 3, 3)).astype(np.float32)
        words = ", ".join(str(value) for value in values.flatten())
        text = MODEL.replace("input weights: f32[16,16,3,3]", f"const weights = f32[16,16,3,3]{{{words}}}")
        path = self.folder / "model.txt"
        path.write_text(text)
        return path

    def run_with(self, model, **switches):
        out, profile = self.folder / "out", self.folder / "profile.json"
        run = atlas("run", model, "--random", "5", "--output", out, env=switches)
        self.assertEqual(run.code, 0, run.error)
        run = atlas("profile", model, "--random", "5", "--runs", "2", "--json", profile, env=switches)
        self.assertEqual(run.code, 0, run.error)
        steps = [event["op"] for event in json.loads(profile.read_text())["events"]]
        return np.load(out / "y.npy"), steps

    def test_answers_stay(self):
        model = self.make_model()
        answer, steps = self.run_with(model)
        self.assertEqual(steps, ["BlockChannels", "Conv+Relu", "UnblockChannels"])
        direct, steps = self.run_with(model, ATLAS_OFF="winograd")
        self.assertEqual(steps, ["BlockChannels", "Conv+Relu", "UnblockChannels"])
        plain, steps = self.run_with(model, ATLAS_OFF="blocks")
        self.assertEqual(steps, ["Conv+Relu"])
        apart, steps = self.run_with(model, ATLAS_OFF="blocks,epilogues")
        self.assertEqual(steps, ["Conv", "Relu"])
        # Sums in other orders: not the same bits, so that each switch is seen to do something.
        self.assertFalse(np.array_equal(answer, direct))
        for other in (direct, plain, apart):
            np.testing.assert_allclose(other, answer, atol=1e-4 * answer.max())

    @unittest.skipUnless("amx_bf16" in pathlib.Path("/proc/cpuinfo").read_text(), "the processor has no AMX")
    def test_large_products_are_as_exact_by_parts(self):
        model = self.folder / "product.txt"
        model.write_text("""graph "model" {
  input a: f32[128,256]
  input b: f32[256,64]
  y: ? = MatMul(a, b)
  output y
}
""")
        values = np.random.default_rng(1)
        a, b = (values.standard_normal(shape).astype(np.float32) for shape in ((128, 256), (256, 64)))
        np.save(self.folder / "a.npy", a)
        np.save(self.folder / "b.npy", b)

        def error(**switches):
            out = self.folder / "out"
            inputs = [f"--input={name}={self.folder / name}.npy" for name in "ab"]
            run = atlas("run", model, *inputs, "--output", out, env=switches)
            self.assertEqual(run.code, 0, run.error)
            return np.abs(np.load(out / "y.npy") - a.astype(np.float64) @ b.astype(np.float64)).max()

        by_parts = error()
        self.assertNotEqual(by_parts, error(ATLAS_OFF="splits"))
        self.assertLessEqual(by_parts, error(ATLAS_OFF="splits"))

    def test_an_unknown_switch_is_refused(self):
        run = atlas("run", self.make_model(), "--random", "5", env={"ATLAS_OFF": "winograd,magic"})
        self.assertEqual(run.code, 2, run.error)
        self.assertIn("ATLAS_OFF: expected some of attention, blocks", run.error)
        self.assertIn("got 'magic'", run.error)


if __name__ == "__main__":
    unittest.main()
