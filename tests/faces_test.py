"""`atlas run faces` on a real photo, against where its face is: read off the photo by eye."""

import json
import pathlib
import tempfile
import unittest

from program import atlas, fetched

# Middles of the pupils and of the mouth, the tip of the nose, where the ears are under the hair.
POINTS = {
    "right_eye": (203, 102),
    "left_eye": (249, 103),
    "nose": (226, 127),
    "mouth": (224, 149),
    "right_ear": (180, 112),
    "left_ear": (271, 113),
}


class Faces(unittest.TestCase):
    def test_finds_the_one_face_of_a_photo(self):
        fetched("blazeface")
        [photo] = fetched("astronaut")
        with tempfile.TemporaryDirectory() as folder:
            report, png = pathlib.Path(folder) / "out.json", pathlib.Path(folder) / "out.png"
            run = atlas("run", "faces", photo, "--json", report, "--annotate", png)
            self.assertEqual(run.code, 0, run.error)
            [read] = json.loads(report.read_text(encoding="utf-8"))["inputs"]
            self.assertEqual(png.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        [face] = read["faces"]
        self.assertGreater(face["probability"], 0.8)
        self.assertEqual(list(face["points"]), list(POINTS))
        for name, (x, y) in POINTS.items():
            with self.subTest(name):
                self.assertAlmostEqual(face["points"][name][0], x, delta=5)
                self.assertAlmostEqual(face["points"][name][1], y, delta=5)
        left, top, right, bottom = face["box"]
        self.assertTrue(165 < left < 185 and 65 < top < 85 and 265 < right < 285 and 170 < bottom < 190, face["box"])

    def test_says_so_where_there_is_none(self):
        fetched("blazeface")
        [photo] = fetched("street-sign")
        run = atlas("run", "faces", photo)
        self.assertEqual(run.code, 0, run.error)
        self.assertTrue(run.output.startswith("no faces\n"), run.output)


if __name__ == "__main__":
    unittest.main()
