"""`atlas run RECIPE INPUT...` on files and folders, and `atlas recipe`."""

import json
import pathlib
import tempfile
import unittest

from program import ROOT, atlas, fetched


class Recipes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_list_and_show(self):
        listed = atlas("recipe", "list")
        self.assertEqual(listed.code, 0, listed.error)
        names = [line.split()[0] for line in listed.output.splitlines()]
        self.assertIn("ocr", names)
        for name in names:
            with self.subTest(name):
                shown = atlas("recipe", "show", name)
                self.assertIn((ROOT / f"zoo/recipes/{name}.yaml").read_text(encoding="utf-8"), shown.output)
        self.assertEqual(atlas("recipe", "show", "none").code, 2)

    def test_the_page_holds_the_schema(self):
        schema = atlas("recipe", "schema").output
        self.assertIn("| `detect.threshold` |", schema)
        self.assertIn(schema.strip(), (ROOT / "docs/recipes.md").read_text(encoding="utf-8"))

    def test_the_example_of_the_page_is_a_recipe(self):
        page = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
        example = self.folder / "example.yaml"
        example.write_text(page.split("```yaml\n")[1].split("```")[0])
        shown = atlas("recipe", "show", example)
        self.assertEqual(shown.code, 0, shown.error)
        self.assertIn("form: yolov8", shown.output)

    def test_one_bad_input_does_not_end_the_others(self):
        fetched("ppocr-v4")
        [photo] = fetched("street-sign")
        pictures = self.folder / "in"
        (pictures / "deeper").mkdir(parents=True)
        (pictures / "b.jpg").write_bytes(photo.read_bytes())
        (pictures / "deeper" / "b.JPG").write_bytes(photo.read_bytes())
        (pictures / "a.png").write_bytes(b"no picture")
        (pictures / "notes.txt").write_text("not for this recipe")
        (pictures / "link.jpg").symlink_to(photo)
        out, report = self.folder / "out", self.folder / "out.json"
        run = atlas("run", "ocr", pictures, "--annotate", out, "--json", report)
        self.assertEqual(run.code, 1)
        self.assertIn("a.png: expected a JPEG", run.error)
        self.assertEqual(run.error.count("\n"), 1)  # no progress bar where nobody looks
        self.assertIn("1 of 3 inputs failed", run.output)
        read = json.loads(report.read_text(encoding="utf-8"))
        self.assertEqual(read["recipe"], "ocr")
        self.assertEqual([pathlib.Path(entry["input"]).name for entry in read["inputs"]], ["a.png", "b.jpg", "b.JPG"])
        self.assertEqual(["error" in entry for entry in read["inputs"]], [True, False, False])
        self.assertGreater(len(read["inputs"][1]["lines"]), 3)
        self.assertEqual(sorted(path.name for path in out.iterdir()), ["b.png", "b_.png"])

    def test_a_folder_without_inputs_is_refused(self):
        fetched("ppocr-v4")
        run = atlas("run", "ocr", self.folder)
        self.assertEqual(run.code, 2)
        self.assertIn("expected files of kind 'image' in this folder, got none", run.error)

    def test_a_recipe_of_ones_own_keeps_to_its_folder(self):
        text = (ROOT / "zoo/recipes/ocr.yaml").read_text(encoding="utf-8")
        for reference in ("../model.onnx", "/etc/passwd"):
            recipe = self.folder / "mine.yaml"
            recipe.write_text(text.replace("ppocr-v4/assets/ch_PP-OCRv4_det_infer.onnx", reference))
            run = atlas("run", recipe, "photo.jpg")
            self.assertEqual(run.code, 2)
            self.assertIn(f"recipe: path '{reference}': expected a path inside the folder", run.error)


if __name__ == "__main__":
    unittest.main()
