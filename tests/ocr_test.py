"""`atlas run ocr` on a real photo, against what PP-OCR's own steps read in it (golden/ocr.json)."""

import json
import pathlib
import tempfile
import unittest

from program import ROOT, atlas, fetched

GOLDEN = json.loads((ROOT / "tests/golden/ocr.json").read_text(encoding="utf-8"))


class Ocr(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_reads_the_lines_of_a_photo(self):
        fetched("ppocr-v4")
        [photo] = fetched("street-sign")
        png, report = self.folder / "out.png", self.folder / "out.json"
        run = atlas("run", "ocr", photo, "--annotate", png, "--json", report)
        self.assertEqual(run.code, 0, run.error)
        [read] = json.loads(report.read_text(encoding="utf-8"))["inputs"]
        self.assertEqual([line["text"] for line in read["lines"]], [line["text"] for line in GOLDEN])
        for line, golden in zip(read["lines"], GOLDEN):
            with self.subTest(golden["text"]):
                self.assertIn(golden["text"], run.output)
                self.assertFalse(line["is_upside_down"])
                self.assertAlmostEqual(line["confidence"], golden["confidence"], delta=0.03)
                for corner, expected in zip(line["corners"], golden["corners"]):
                    self.assertAlmostEqual(corner[0], expected[0], delta=2)
                    self.assertAlmostEqual(corner[1], expected[1], delta=2)
        self.assertEqual(list(read["stages_ms"]), ["decode", "detect", "classify", "recognise", "draw"])
        self.assertEqual(png.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_bad_pictures_are_refused(self):
        fetched("ppocr-v4")
        bad = self.folder / "bad.jpg"
        bad.write_bytes(b"no picture")
        for picture, reason in ((bad, "expected a JPEG"), (self.folder / "none.jpg", "cannot be opened")):
            run = atlas("run", "ocr", picture)
            self.assertEqual(run.code, 2)
            self.assertIn(reason, run.error)

    def test_bad_recipes_are_refused(self):
        recipe = self.folder / "mine.yaml"
        recipe.write_text((ROOT / "zoo/recipes/ocr.yaml").read_text().replace("threshold: 0.3", "threshold: high"))
        run = atlas("run", recipe, "photo.jpg")
        self.assertEqual(run.code, 2)
        self.assertIn("detect.threshold: expected a number from 0 to 1, got 'high'", run.error)

    def test_models_that_are_not_fetched_are_named(self):
        run = atlas("run", "ocr", "photo.jpg", env={"ATLAS_ZOO": str(self.folder)})
        self.assertEqual(run.code, 2)
        self.assertIn("atlas zoo fetch ppocr-v4", run.error)
