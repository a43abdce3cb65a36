"""`atlas run classify` on real photos, against PyTorch with the same weights (golden/classify.json)."""

import json
import pathlib
import tempfile
import unittest

from program import ROOT, atlas, fetched

GOLDEN = json.loads((ROOT / "tests/golden/classify.json").read_text(encoding="utf-8"))["likeliest"]
SEEN = {"coffee.png": "espresso", "rocket.jpg": "missile", "chelsea.png": "tiger cat"}


class Classify(unittest.TestCase):
    def test_sees_what_pytorch_sees(self):
        fetched("efficientnet-lite0")
        fetched("label-lists")
        photos = [*fetched("photos"), *fetched("astronaut")]
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "out.json"
            run = atlas("run", "classify", *photos, "--strict", "--json", report)
            self.assertEqual(run.code, 0, run.error)
            entries = json.loads(report.read_text(encoding="utf-8"))["inputs"]
        self.assertEqual([pathlib.Path(entry["input"]).name for entry in entries], list(GOLDEN))
        for entry, (name, golden) in zip(entries, GOLDEN.items()):
            with self.subTest(name):
                self.assertEqual([label["index"] for label in entry["likeliest"]], [index for index, _ in golden])
                for label, (_, probability) in zip(entry["likeliest"], golden):
                    self.assertAlmostEqual(label["probability"], probability, delta=1e-3)
                if name in SEEN:
                    self.assertEqual(entry["label"], SEEN[name])


if __name__ == "__main__":
    unittest.main()
