"""`atlas bench`: what it reports of a model, and that its memory is its own."""

import json
import pathlib
import tempfile
import unittest

from program import atlas

MODEL = """graph "double" {
  input x: f32[N]
  y: f32[N] = Add(x, x)
  output y
}
"""


class Bench(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.model = self.folder / "double.txt"
        self.model.write_text(MODEL)

    def report(self, *arguments):
        run = atlas("bench", self.model, *arguments, "--json", self.folder / "report.json")
        self.assertEqual(run.code, 0, run.error)
        return json.loads((self.folder / "report.json").read_text())

    def test_reports_times_in_order(self):
        report = self.report("--shape", "x=1000", "--runs", "20")
        self.assertLess(0, report["load_ms"])
        self.assertLess(0, report["first_ms"])
        self.assertLessEqual(report["min_ms"], report["median_ms"])
        self.assertLessEqual(report["median_ms"], report["p90_ms"])

    def test_peak_memory_is_that_of_the_model_not_of_who_started_it(self):
        ours = bytearray(256 << 20)
        for i in range(0, len(ours), 4096):
            ours[i] = 1
        small = self.report("--shape", "x=1000", "--runs", "1")["peak_bytes"]
        self.assertLess(small, 100 << 20)
        large = self.report("--shape", f"x={25 << 20}", "--runs", "1")["peak_bytes"]
        self.assertGreater(large - small, 190 << 20)


if __name__ == "__main__":
    unittest.main()
