"""What bench/operators tells; its program is built only where asked for (ATLAS_BENCH)."""

import pathlib
import sys
import tempfile
import unittest

from program import ROOT

sys.path.insert(0, str(ROOT / "bench/comparison"))

import operator_catalogue
import operator_page
import operator_times

MODEL = """graph "m" {
  input x: f32[64,256]
  const w = f32[256]{0}
  y: ? = Mul(x, w)
  z: ? = Add(y, x)
  output z
}
"""


def repetition(us, computing_us, reading_us):
    return {"name": "a/2/real_time", "real_time": us, "operations": 8e6 / us, "set_bytes": 4e3, "label": "f32",
            "computing_us": computing_us, "reading_us": reading_us, "copying_us": 5}


class Figures(unittest.TestCase):
    def test_the_fastest_repetition_counts_against_the_highest_roof(self):
        found = [repetition(40, 12, 20), repetition(20, 10, 16), repetition(30, 11, 18)]
        peak = operator_times.peaks(found)
        self.assertEqual(peak, {2: {"f32": 8e5}})
        row = operator_times.judged(found, peak)
        self.assertEqual(row, {"name": "a", "threads": 2, "best_us": 20, "median_us": 30, "operations": 8, "bytes": 4000,
                               "least_us": 16, "bound": "reading"})
        self.assertEqual(operator_page.of_roof(row), 0.8)
        self.assertEqual(operator_times.judged(found, {2: {"f32": 4e5}})["bound"], "f32 arithmetic")

    def test_the_rows_have_names_of_their_own_and_every_reason_a_row(self):
        names = [row.name for row in operator_catalogue.ROWS]
        self.assertEqual(len(names), len(set(names)))
        for word in operator_catalogue.REASONS:
            self.assertTrue(any(word in name for name in names), word)


class Page(unittest.TestCase):
    def test_it_says_what_the_results_say(self):
        self.assertEqual(operator_page.PAGE.read_text(), operator_page.text())


class Program(unittest.TestCase):
    def test_it_times_a_model_with_one_thread_and_two(self):
        if not operator_times.PROGRAM.exists():
            self.skipTest(f"{operator_times.PROGRAM.name} is not built (ATLAS_BENCH)")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "small.txt"
            path.write_text(MODEL.replace("{0}", "{" + ", ".join(["2"] * 256) + "}"))
            rows = operator_times.measure([path], repetitions=2, least_s=1e-4)["rows"]
        self.assertEqual({row["name"] for row in rows}, {"small"})
        self.assertEqual(rows[0]["threads"], 1)
        for row in rows:
            self.assertEqual(row["operations"], 2 * 64 * 256)
            self.assertEqual(row["bytes"], 4 * (3 * 64 * 256 + 256))
            self.assertGreater(row["best_us"], 0)
            self.assertGreater(row["least_us"], 0)


if __name__ == "__main__":
    unittest.main()
