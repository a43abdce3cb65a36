"""`atlas convert`: forms and opsets there and back, and results that stay the same."""

import pathlib
import tempfile
import unittest

import numpy
import onnx
from onnx import TensorProto, helper

from program import atlas


def model():
    """A classifier's head at opset 9, where several operators had another form than now."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 4, 1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])
    weights = helper.make_tensor("w", TensorProto.FLOAT, [4, 3], numpy.linspace(-1, 1, 12))
    nodes = [
        helper.make_node("Squeeze", ["x"], ["flat"], axes=[2]),
        helper.make_node("Identity", ["flat"], ["same"]),
        helper.make_node("MatMul", ["same", "w"], ["scores"]),
        helper.make_node("Clip", ["scores"], ["bounded"], min=-0.5, max=2.0),
        helper.make_node("Softmax", ["bounded"], ["y"], axis=1),
    ]
    graph = helper.make_graph(nodes, "head", [x], [y], [weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=5)


class Convert(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        onnx.save(model(), self.folder / "in.onnx")

    def convert(self, source, target, *options):
        run = atlas("convert", self.folder / source, self.folder / target, *options)
        self.assertEqual(run.code, 0, run.error)
        return run.output

    def result(self, name):
        run = atlas("run", self.folder / name, "--random", 3, "--shape", "x=2x4x1", "--output", self.folder / "out")
        self.assertEqual(run.code, 0, run.error)
        return numpy.load(self.folder / "out/y.npy")

    def test_opsets_old_and_new_are_valid_and_mean_the_same(self):
        expected = self.result("in.onnx")
        self.assertEqual(expected.shape, (2, 3))
        for opset in (9, 11, 13, 17, 22):
            with self.subTest(opset):
                self.convert("in.onnx", "out.onnx", "--opset", opset)
                converted = onnx.load(self.folder / "out.onnx")
                onnx.checker.check_model(converted, full_check=True)
                self.assertEqual(converted.opset_import[0].version, opset)
                numpy.testing.assert_allclose(self.result("out.onnx"), expected, rtol=1e-6)

    def test_there_and_back_is_the_identity(self):
        self.convert("in.onnx", "first.txt", "--as-is")
        self.convert("first.txt", "second.onnx", "--as-is")
        self.convert("second.onnx", "third.txt", "--as-is")
        self.assertEqual((self.folder / "first.txt").read_text(), (self.folder / "third.txt").read_text())

    def test_passes_simplify_unless_left_out(self):
        self.convert("in.onnx", "as_is.txt", "--as-is")
        self.assertIn("Identity", (self.folder / "as_is.txt").read_text())
        report = self.convert("in.onnx", "simple.txt")
        self.assertNotIn("Identity", (self.folder / "simple.txt").read_text())
        name = next(line.split()[0] for line in report.splitlines() if line.startswith("eliminate-identity"))
        self.convert("in.onnx", "kept.txt", "--no-pass", name)
        self.assertIn("Identity", (self.folder / "kept.txt").read_text())

    def test_external_data_stands_beside_the_model(self):
        large = helper.make_tensor("w", TensorProto.FLOAT, [64, 64], numpy.arange(4096, dtype=numpy.float32))
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["y"])],
            "large",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 64])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 64])],
            [large],
        )
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), self.folder / "large.onnx")
        self.convert("large.onnx", "split.onnx", "--external-data")
        self.assertLess((self.folder / "split.onnx").stat().st_size, 4096)
        loaded = onnx.load(self.folder / "split.onnx")
        numpy.testing.assert_array_equal(
            onnx.numpy_helper.to_array(loaded.graph.initializer[0]).ravel(), numpy.arange(4096)
        )

    def test_wrong_requests_are_named(self):
        for arguments, part in (
            (["in.onnx", "out.bin"], "out.bin: expected a name that ends in .onnx, .txt or .atlas"),
            (["in.onnx", "out.txt", "--opset", "13"], "--opset"),
            (["in.onnx", "out.onnx", "--opset", "9999"], "9999"),
            (["in.onnx", "out.onnx", "--no-pass", "no-such-pass"], "no-such-pass"),
            (["missing.onnx", "out.onnx"], "missing.onnx"),
        ):
            with self.subTest(part):
                source, target, *options = arguments
                run = atlas("convert", self.folder / source, self.folder / target, *options)
                self.assertEqual(run.code, 2, run.error)
                self.assertIn(part, run.error)
                self.assertFalse((self.folder / target).exists())


if __name__ == "__main__":
    unittest.main()
