"""`atlas show` on small models in text form."""

import json
import pathlib
import tempfile
import unittest

from program import atlas

MODEL = """graph "small" {
  meta "licence" = "MIT"
  input x: f32[N,3]
  const w = f32[3,2]{1, 2, 3, 4, 5, 6}
  h: f32[N,2] = MatMul "first"(x, w)
  y: f32[N,2] = Relu "last"(h)
  output y
}
"""


class Show(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.model = pathlib.Path(folder.name) / "model.txt"
        self.model.write_text(MODEL)

    def test_summary(self):
        run = atlas("show", self.model, "--json", "--shape", "x=4x3")
        self.assertEqual(run.code, 0, run.error)
        report = json.loads(run.output)
        self.assertEqual(report["graph"], "small")
        self.assertEqual(report["inputs"], [{"name": "x", "type": "f32[4,3]"}])
        self.assertEqual(report["outputs"], [{"name": "y", "type": "f32[4,2]"}])
        self.assertEqual({use["name"]: use["nodes"] for use in report["operators"]}, {"MatMul": 1, "Relu": 1})
        self.assertEqual(report["parameters"], 6)
        self.assertEqual(report["parameter_bytes"], 24)
        self.assertEqual(report["operations"], 2 * 4 * 3 * 2 + 4 * 2)
        self.assertEqual(report["unpriced_nodes"], 0)
        self.assertEqual(report["metadata"], {"licence": "MIT"})
        text = atlas("show", self.model).output
        self.assertIn("input        x: f32[N,3]\n", text)
        self.assertIn("of 2 nodes the shapes are not known", text)

    def test_node(self):
        for name in ("first", "h"):
            run = atlas("show", self.model, "--node", name)
            self.assertEqual(run.code, 0, run.error)
            self.assertIn("MatMul 'first'\n", run.output)
            self.assertIn("w: f32[3,2] constant\n", run.output)
            self.assertIn("h by Relu 'last'\n", run.output)
        run = atlas("show", self.model, "--node", "nowhere")
        self.assertEqual((run.code, run.error), (2, f"atlas: {self.model}: no node and no value 'nowhere'\n"))

    def test_text_reads_back(self):
        text = atlas("show", self.model, "--text").output
        self.model.write_text(text)
        self.assertEqual(atlas("show", self.model, "--text").output, text)
        self.assertIn('MatMul "first"(x, w)', text)

    def test_errors_name_file_and_place(self):
        self.model.write_text(MODEL.replace("Relu", "Relu!"))
        run = atlas("show", self.model)
        self.assertEqual(run.code, 2)
        self.assertIn("model.txt:6:", run.error)
        run = atlas("show", "/nonexistent.onnx")
        self.assertEqual(run.code, 2)
        self.assertIn("/nonexistent.onnx", run.error)


if __name__ == "__main__":
    unittest.main()
