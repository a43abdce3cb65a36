"""Tasks `segment` and `anomaly` of recipes, on models made here whose answers are known."""

import json
import pathlib
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from program import atlas


def save(path, nodes, output, constants, size=(32, 64)):
    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, *size])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)],
        [numpy_helper.from_array(np.array(value), name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)


def write_ppm(path, pixels):
    height, width, _ = pixels.shape
    path.write_bytes(b"P6 %d %d 255\n" % (width, height) + pixels.astype(np.uint8).tobytes())


class Maps(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_recipe(self, recipe, pixels, code=0):
        (self.folder / "recipe.yaml").write_text(recipe)
        write_ppm(self.folder / "in.ppm", pixels)
        report = self.folder / "out.json"
        marked = self.folder / "marked.png"
        run = atlas(
            "run", self.folder / "recipe.yaml", self.folder / "in.ppm", "--json", report, "--annotate", marked
        )
        self.assertEqual(run.code, code, run.error)
        return run.error if code else json.loads(report.read_text())["inputs"][0]

    def test_regions_of_colours(self):
        # A score for each colour, a map of half the size; black is nothing.
        weights = np.concatenate([np.full((1, 3), 0.01), np.eye(3)]).astype(np.float32).reshape(4, 3, 1, 1)
        bias = np.array([0.1, 0, 0, 0], np.float32)
        nodes = [
            helper.make_node("AveragePool", ["image"], ["small"], kernel_shape=[2, 2], strides=[2, 2]),
            helper.make_node("Conv", ["small", "w", "b"], ["y"]),
        ]
        save(self.folder / "colours.onnx", nodes, [1, 4, 16, 32], {"w": weights, "b": bias})
        (self.folder / "labels.txt").write_text("nothing\nred\ngreen\nblue\n")
        recipe = "task: segment\nabout: Colours\nmodel: colours.onnx\nlabels: labels.txt\nbackground: 0\ninput:\n"
        recipe += "  height: 32\n  width: 64\n  normalize: {scale: 0.00392156862745098}\n"
        pixels = np.zeros((64, 64, 3))
        pixels[:, :16, 0] = 255
        pixels[16:32, 32:64, 2] = 255
        found = self.run_recipe(recipe, pixels)
        regions = {region["label"]: region for region in found["regions"]}
        self.assertEqual(sorted(regions), ["blue", "red"])
        self.assertAlmostEqual(regions["red"]["share"], 1 / 4)
        self.assertAlmostEqual(regions["blue"]["share"], 1 / 8)
        [outline] = regions["blue"]["outlines"]
        left, top = (min(point[axis] for point in outline) for axis in (0, 1))
        right, bottom = (max(point[axis] for point in outline) for axis in (0, 1))
        for got, expected in ((left, 32), (right, 64), (top, 16), (bottom, 32)):
            self.assertAlmostEqual(got, expected, delta=2.1)
        # Letterboxed, a tall picture covers a part of the map: shares are of the picture.
        tall = self.run_recipe(recipe.replace("  width: 64\n", "  width: 64\n  fit: letterbox\n"), pixels)
        shares = {region["label"]: region["share"] for region in tall["regions"]}
        self.assertAlmostEqual(shares["red"], 1 / 4, delta=0.02)
        self.assertAlmostEqual(shares["blue"], 1 / 8, delta=0.02)
        error = self.run_recipe(recipe.replace("background: 0", "background: 4"), pixels, code=2)
        self.assertIn("background: expected a label below 4, got 4", error)
        (self.folder / "labels.txt").write_text("nothing\nred\n")
        self.assertIn("expected scores f32[1,2,height,width]", self.run_recipe(recipe, pixels, code=2))

    def test_one_map_is_one_label(self):
        weights = np.array([1, 0, 0], np.float32).reshape(1, 3, 1, 1)
        save(self.folder / "red.onnx", [helper.make_node("Conv", ["image", "w"], ["y"])], [1, 1, 32, 64], {"w": weights})
        (self.folder / "labels.txt").write_text("red\n")
        recipe = "task: segment\nabout: Red\nmodel: red.onnx\nlabels: labels.txt\nthreshold: 0.6\ninput:\n"
        recipe += "  height: 32\n  width: 64\n  normalize: {scale: 0.00392156862745098}\n"
        pixels = np.zeros((32, 64, 3))
        pixels[:8, :, 0] = 255
        pixels[8:16, :, 0] = 128
        [region] = self.run_recipe(recipe, pixels)["regions"]
        self.assertEqual((region["label"], region["share"]), ("red", 0.25))
        self.assertEqual(self.run_recipe(recipe, pixels * 0)["regions"], [])

    def test_anomalies(self):
        # What is bright is unusual: a map, or a model that gives back every picture as black.
        weights = np.full((1, 3, 1, 1), 1 / 3, np.float32)
        save(self.folder / "map.onnx", [helper.make_node("Conv", ["image", "w"], ["y"])], [1, 1, 32, 64], {"w": weights})
        zero = {"zero": np.float32(0)}
        save(self.folder / "black.onnx", [helper.make_node("Mul", ["image", "zero"], ["y"])], [1, 3, 32, 64], zero)
        form = "task: anomaly\nabout: Bright\nmodel: {}.onnx\nform: {}\nthreshold: {}\nshare: 0.1\ninput:\n"
        form += "  height: 32\n  width: 64\n  normalize: {{scale: 0.00392156862745098}}\n"
        dark, spot = np.zeros((32, 64, 3)), np.zeros((32, 64, 3))
        spot[10:20, 20:50] = 255  # 300 of 2048 pixels: more than a tenth
        found = self.run_recipe(form.format("map", "map", 0.5), spot)
        self.assertTrue(found["is_anomaly"])
        self.assertAlmostEqual(found["score"], 1, places=5)
        self.assertAlmostEqual(found["scaled"], 1, places=5)
        [outline] = found["outlines"]
        self.assertAlmostEqual(min(x for x, _ in outline), 20.5, places=4)
        self.assertFalse(self.run_recipe(form.format("map", "map", 0.5), dark)["is_anomaly"])
        found = self.run_recipe(form.format("black", "reconstruction", 0.2), spot)
        self.assertAlmostEqual(found["score"], 300 / 2048, places=5)
        self.assertFalse(found["is_anomaly"])
        self.assertTrue(self.run_recipe(form.format("black", "reconstruction", 0.1), spot)["is_anomaly"])
        error = self.run_recipe(form.format("map", "score", 0.5), spot, code=2)
        self.assertIn("expected one score, got f32[1,1,32,64]", error)
        error = self.run_recipe(form.format("map", "map", 0.5) + "most: -1\n", spot, code=2)
        self.assertIn("most: expected more than least", error)


if __name__ == "__main__":
    unittest.main()
