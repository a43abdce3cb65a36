"""`atlas run detect` with a detector made here: it finds squares of red, green and blue, by their brightness, and its
export looks as Ultralytics' does."""

import json
import pathlib
import tempfile
import unittest

try:
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ImportError:
    onnx = None

from program import atlas

ROWS, COLUMNS, CELL = 8, 12, 8  # of the model's input, 64 x 96


def colour_detector(path, metadata):
    """From f32[1,3,64,96] to [1, 4 + 3, 96]: a box a cell, its scores the mean of each channel."""
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    size = np.full(ROWS * COLUMNS, CELL, np.float32)
    boxes = np.stack([(columns.ravel() + 0.5) * CELL, (rows.ravel() + 0.5) * CELL, size, size]).astype(np.float32)[None]
    nodes = [
        helper.make_node("AveragePool", ["images"], ["cells"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Reshape", ["cells", "flat"], ["scores"]),
        helper.make_node("Concat", ["boxes", "scores"], ["output0"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, ROWS * CELL, COLUMNS * CELL])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 7, ROWS * COLUMNS])],
        [numpy_helper.from_array(boxes, "boxes"), numpy_helper.from_array(np.array([1, 3, -1]), "flat")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    helper.set_model_props(model, metadata)
    onnx.save(model, path)


def fixed_detector(path, output):
    """Gives `output` whatever the picture: f32[1,3,64,96], counted as nothing."""
    nodes = [
        helper.make_node("ReduceMax", ["images"], ["most"], keepdims=0),
        helper.make_node("Mul", ["most", "nothing"], ["zero"]),
        helper.make_node("Add", ["numbers", "zero"], ["output0"]),
    ]
    graph = helper.make_graph(
        nodes,
        "fixed",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 96])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, list(output.shape))],
        [numpy_helper.from_array(output, "numbers"), numpy_helper.from_array(np.array(0, np.float32), "nothing")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)


def overlaps(box, boxes):
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    return shared / ((box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) - shared)


def suppressed(boxes, scores, labels, across_labels, soft, threshold=0.25, most_overlap=0.45, sigma=0.5):
    """(number of the box, score) of those that stay, best first: a reference that owes nothing to Atlas."""
    scores, alive, out = scores.astype(np.float64), scores >= threshold, []
    while alive.any():
        best = int(np.argmax(np.where(alive, scores, -1)))
        if scores[best] < threshold:
            break
        out.append((best, float(scores[best])))
        alive[best] = False
        shared = overlaps(boxes[best], boxes)
        competes = alive if across_labels else alive & (labels == labels[best])
        if soft:
            scores = np.where(competes, scores * np.exp(-(shared**2) / sigma), scores)
        else:
            alive &= ~(competes & (shared > most_overlap))
    return out


def picture(path, squares):
    """192 x 96, black, with (left, top, colour) squares of 16 pixels, which a model of half the size sees as cells."""
    pixels = np.zeros((96, 192, 3), np.uint8)
    for left, top, colour in squares:
        pixels[top : top + 16, left : left + 16] = colour
    path.write_bytes(b"P6 192 96 255\n" + pixels.tobytes())


@unittest.skipIf(onnx is None, "there is no onnx for Python")
class Detect(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        names = "{0: 'red', 1: 'green', 2: 'blue'}"
        self.metadata = {"names": names, "stride": "8", "task": "detect", "imgsz": "[64, 96]"}
        colour_detector(self.folder / "colours.onnx", self.metadata)
        # 192 x 96 into 96 x 64: halved, with 8 rows left free above and below.
        picture(self.folder / "squares.ppm", [(48, 32, (255, 0, 0)), (160, 64, (0, 0, 200))])

    def found(self, recipe):
        report = self.folder / "out.json"
        run = atlas("run", recipe, self.folder / "squares.ppm", "--json", report, "--annotate", self.folder / "o.png")
        self.assertEqual(run.code, 0, run.error)
        return json.loads(report.read_text(encoding="utf-8"))["inputs"][0]["things"]

    def check(self, things):
        self.assertEqual([thing["label"] for thing in things], ["red", "blue"])
        self.assertAlmostEqual(things[0]["probability"], 1, delta=1e-3)
        self.assertAlmostEqual(things[1]["probability"], 200 / 255, delta=1e-3)
        self.assertEqual(things[0]["box"], [48, 32, 64, 48])
        self.assertEqual(things[1]["box"], [160, 64, 176, 80])

    def test_finds_what_is_there_where_it_is(self):
        recipe = self.folder / "colours.yaml"
        recipe.write_text(
            "task: detect\nabout: Squares\nmodel: colours.onnx\nform: yolov8\nthreshold: 0.5\n"
            "input: {height: 64, width: 96, fit: letterbox, fill: 0}\n"
        )
        self.check(self.found(recipe))
        recipe.write_text(recipe.read_text() + "labels: labels.txt\n")
        (self.folder / "labels.txt").write_text("r\ng\nb\n")
        self.assertEqual([thing["label"] for thing in self.found(recipe)], ["r", "b"])
        recipe.write_text(recipe.read_text().replace("yolov8", "yolov5"))
        run = atlas("run", recipe, self.folder / "squares.ppm")
        self.assertEqual(run.code, 2)
        self.assertIn("YOLO: expected f32[1,boxes,8], got f32[1,7,96]", run.error)

    def test_boxes_and_suppression_are_those_of_a_numpy_reference(self):
        random = np.random.default_rng(3)
        count, kinds = 300, 3
        # Clusters of boxes, all inside the picture so that nothing is clipped.
        middles = np.array([[30, 20], [60, 40], [70, 25]])[random.integers(0, 3, count)] + random.normal(0, 2, (count, 2))
        sizes = random.uniform(12, 24, (count, 2))
        scores = random.uniform(0, 1, (count, kinds)).astype(np.float32)
        objectness = random.uniform(0.2, 1, (count, 1)).astype(np.float32)
        centred = np.concatenate([middles, sizes], axis=1).astype(np.float32)
        corners = np.concatenate([centred[:, :2] - centred[:, 2:] / 2, centred[:, :2] + centred[:, 2:] / 2], axis=1)
        best, labels = scores.max(axis=1), scores.argmax(axis=1)
        final = np.concatenate([corners, best[:, None], labels[:, None]], axis=1).astype(np.float32)
        forms = {
            "yolov8": (np.concatenate([centred, scores], axis=1).T, best),
            "yolov5": (np.concatenate([centred, objectness, scores], axis=1), objectness[:, 0] * best),
            "yolov10": (final, best),
        }
        (self.folder / "labels.txt").write_text("0\n1\n2\n")
        picture(self.folder / "squares.ppm", [])
        for form, (output, expected) in forms.items():
            fixed_detector(self.folder / "fixed.onnx", np.ascontiguousarray(output[None]))
            for across, method in (("false", "hard"), ("true", "hard"), ("false", "soft"), ("true", "soft")):
                with self.subTest(form=form, across=across, method=method):
                    recipe = self.folder / "fixed.yaml"
                    recipe.write_text(
                        f"task: detect\nabout: Boxes\nmodel: fixed.onnx\nlabels: labels.txt\nform: {form}\n"
                        f"suppression: {method}\nacross_labels: {across}\nmost: 10000\n"
                        "input: {height: 64, width: 96}\n"
                    )
                    wanted = suppressed(corners, expected, labels, across == "true", method == "soft")
                    things = self.found(recipe)
                    self.assertGreater(len(wanted), 3)
                    self.assertEqual([int(thing["label"]) for thing in things], [labels[i] for i, _ in wanted])
                    for thing, (i, score) in zip(things, wanted):
                        self.assertAlmostEqual(thing["probability"], score, delta=1e-5)
                        # The picture is 192 x 96: twice as wide, one and a half times as high.
                        np.testing.assert_allclose(thing["box"], corners[i] * [2, 1.5, 2, 1.5], atol=1e-3)

    def test_a_recipe_is_proposed_and_runs(self):
        recipe = self.folder / "new.yaml"
        made = atlas("recipe", "new", self.folder / "colours.onnx", "--output", recipe)
        self.assertEqual(made.code, 0, made.error)
        text = recipe.read_text()
        self.assertIn("form: yolov8\n", text)
        self.assertIn("  height: 64\n  width: 96\n  fit: letterbox\n", text)
        self.assertIn("not sure", text)
        self.assertEqual(atlas("recipe", "show", recipe).code, 0)
        # Letterbox as Ultralytics fills it, with grey of 114 of 255, is a thing to this detector below 0.45.
        recipe.write_text(text.replace("threshold: 0.25", "threshold: 0.5"))
        self.check(self.found(recipe))
        printed = atlas("recipe", "new", self.folder / "colours.onnx")
        self.assertEqual(printed.output, text)
        again = atlas("recipe", "new", self.folder / "colours.onnx", "--output", recipe)
        self.assertEqual(again.code, 2)
        self.assertIn("is there already", again.error)
        elsewhere = atlas("recipe", "new", self.folder / "colours.onnx", "--output", self.folder / "sub" / "r.yaml")
        self.assertEqual(elsewhere.code, 2)
        self.assertIn("expected a model in the folder of the recipe", elsewhere.error)

    def test_labels_must_come_from_somewhere(self):
        colour_detector(self.folder / "colours.onnx", {})
        recipe = self.folder / "colours.yaml"
        recipe.write_text(
            "task: detect\nabout: Squares\nmodel: colours.onnx\nform: yolov8\ninput: {height: 64, width: 96}\n"
        )
        run = atlas("run", recipe, self.folder / "squares.ppm")
        self.assertEqual(run.code, 2)
        self.assertIn("name a file of them: labels:", run.error)


if __name__ == "__main__":
    unittest.main()
