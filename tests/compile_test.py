"""`atlas compile`: what it writes opens with the same answers, says why where it does not serve, and is shared."""

import base64
import json
import pathlib
import resource
import signal
import subprocess
import tempfile
import unittest

import numpy as np
from program import ATLAS, atlas, fetched

MODEL = """graph "model" {{
  input x: f32[N,256]
  const w = f32[256,256]base64"{weights}"
  h: ? = MatMul(x, w)
  y: ? = Relu(h)
  output y
}}
"""


class Compile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = self.folder / "model.txt"
        weights = np.random.default_rng(1).standard_normal((256, 256)).astype(np.float32)
        self.model.write_text(MODEL.format(weights=base64.b64encode(weights.tobytes()).decode()))
        self.compiled = self.folder / "model.atlas"

    def compile(self, *options, **arguments):
        run = atlas("compile", self.model, "-o", self.compiled, *options, **arguments)
        self.assertEqual(run.code, 0, run.error)

    def answers(self, model, *options, **arguments):
        out = self.folder / "out"
        run = atlas("run", model, "--random", "5", "--output", out, *options, **arguments)
        self.assertEqual(run.code, 0, run.error)
        return np.load(out / "y.npy"), run.error

    def test_answers_are_the_same(self):
        self.compile()
        expected, _ = self.answers(self.model)
        got, notice = self.answers(self.compiled)
        self.assertEqual(notice, "")
        np.testing.assert_array_equal(got, expected)

    def test_precision_is_kept_in_it(self):
        exact, _ = self.answers(self.model)
        for precision in ("bf16", "int8"):
            with self.subTest(precision):
                expected, _ = self.answers(self.model, "--precision", precision)
                self.assertGreater(np.abs(exact - expected).max(), 1e-4)
                self.compile("--precision", precision)
                got, notice = self.answers(self.compiled, "--precision", precision)
                self.assertNotIn("anew", notice)
                np.testing.assert_array_equal(got, expected)
                got, notice = self.answers(self.compiled)
                self.assertIn(f"{precision}' and this is", notice)
                np.testing.assert_array_equal(got, exact)
        run = atlas("run", self.model, "--random", "5", "--precision", "f8")
        self.assertNotEqual(run.code, 0)
        self.assertIn("precision: expected f32, bf16 or int8, got 'f8'", run.error)

    def test_commands_take_it_for_the_model_it_holds(self):
        self.compile()
        for command in (["bench", "--runs", "2"], ["profile", "--runs", "2"], ["show"]):
            run = atlas(command[0], self.compiled, *command[1:])
            self.assertEqual(run.code, 0, run.error)
            self.assertEqual(run.error, "")
        run = atlas("compare", self.model, self.compiled)
        self.assertEqual(run.code, 0, run.output)
        self.assertEqual(atlas("convert", self.compiled, self.folder / "again.onnx").code, 0)

    def test_says_why_it_does_not_serve(self):
        self.compile(env={"ATLAS_ISA": "generic"})
        expected, _ = self.answers(self.model)
        run = atlas("doctor")
        if "generic" in run.output and "avx2" not in run.output:
            self.skipTest("this processor has one instruction set alone")
        got, notice = self.answers(self.compiled)
        np.testing.assert_array_equal(got, expected)
        self.assertRegex(notice, r"^atlas: note: \S+model.atlas: it was compiled for 'Atlas \S+ \(\w+\), cpu generic' and")
        self.assertIn("compiling its model anew", notice)
        _, notice = self.answers(self.compiled, env={"ATLAS_ISA": "generic", "ATLAS_OFF": "blocks"})
        self.assertIn("cpu generic without blocks", notice)
        _, notice = self.answers(self.compiled, "--shape", "x=2x256", env={"ATLAS_ISA": "generic"})
        self.assertIn("its model is to be changed", notice)

    def test_a_program_alone_runs_nowhere_else(self):
        self.compile("--program-only")
        self.assertLess(self.compiled.stat().st_size, 1.2 * 256 * 256 * 4)
        self.answers(self.compiled)
        run = atlas("run", self.compiled, "--random", "5", "--no-pass", "fold-affine")
        self.assertEqual(run.code, 2)
        self.assertIn("compile the model again here: the file holds none", run.error)
        run = atlas("show", self.compiled)
        self.assertEqual(run.code, 2)
        self.assertIn("holds a program without its model", run.error)

    def test_sizes_may_be_fixed(self):
        self.compile("--shape", "x=3x256")
        run = atlas("run", self.compiled, "--random", "5")
        self.assertIn("y: f32[3,256]", run.output)
        self.assertEqual(run.error, "")

    def test_damage_is_told(self):
        self.compile()
        whole = self.compiled.read_bytes()
        damaged = bytearray(whole)
        damaged[len(whole) // 4] ^= 1
        for content, why in ((whole[:-70_000], "head: the file ends after"), (damaged, "are damaged"), (whole[:9], "got 9")):
            self.compiled.write_bytes(content)
            run = atlas("run", self.compiled, "--random", "5")
            self.assertEqual(run.code, 2)
            self.assertRegex(run.error, rf"^atlas: \S+model.atlas: .*{why}")

    def test_no_room_leaves_what_was_there(self):
        self.compile()
        before = self.compiled.read_bytes()

        def at_most_100_kb():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        run = subprocess.run(
            [ATLAS, "compile", self.model, "-o", self.compiled], capture_output=True, text=True, preexec_fn=at_most_100_kb
        )
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r"model.atlas: writing failed: ")
        self.assertEqual(self.compiled.read_bytes(), before)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["model.atlas", "model.txt"])

    def test_needs_less_memory(self):
        self.model = fetched("minilm-int8")[0]
        self.compile()
        peaks = []
        for model in (self.model, self.compiled):
            figures = self.folder / "figures.json"
            self.assertEqual(atlas("bench", model, "--runs", "2", "--json", figures).code, 0)
            peaks.append(json.loads(figures.read_text())["peak_bytes"])
        self.assertLess(peaks[1], peaks[0])


if __name__ == "__main__":
    unittest.main()
