"""ONNX's own runner judges Atlas, and says what `atlas conformance` says."""

import io
import json
import os
import pathlib
import subprocess
import unittest

import numpy
import pytest

onnx = pytest.importorskip("onnx")
backend_test = pytest.importorskip("onnx.backend.test")

import atlas.onnx_backend  # noqa: E402

DATA = pathlib.Path(onnx.__file__).parent / "backend/test/data"
# The runner takes the length of each element of a sequence, and scalars have none: no answer can pass.
UNFAIR = {"test_loop16_seq_none"}


class Verdicts(unittest.TextTestResult):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.passed = set()

    def addSuccess(self, test):
        self.passed.add(test.id().split(".")[-1])


def official_verdicts(folder):
    """Names of the cases that pass and that fail, on the CPU."""
    os.environ["ONNX_HOME"] = str(folder)  # the runner writes inputs of its light models there

    class EveryCase(atlas.onnx_backend.AtlasBackend):
        # A model that does not load is a failure, not a skip.
        is_compatible = None

    runner = backend_test.BackendTest(EveryCase, __name__)
    result = unittest.TextTestRunner(stream=io.StringIO(), resultclass=Verdicts).run(runner.test_suite)
    failed = {test.id().split(".")[-1] for test, _ in result.failures + result.errors}
    skipped = {test.id().split(".")[-1] for test, _ in result.skipped}
    assert all(name.endswith("_cuda") for name in skipped), "only CUDA is left out"
    return ({name.removesuffix("_cpu") for name in names} for names in (result.passed, failed))


def test_the_official_runner_agrees_with_atlas_conformance(tmp_path):
    program = os.environ.get("ATLAS")
    if program is None:
        pytest.skip("ATLAS does not name the program")
    verdicts = tmp_path / "verdicts.json"
    subprocess.run([program, "conformance", DATA, "--json", verdicts], stdout=subprocess.DEVNULL, check=False)
    cases = json.loads(verdicts.read_text())["cases"]
    ours = {case["name"] for case in cases if case["status"] == "passed"}
    # One draw of a random generator that the standard does not prescribe: the runner wants that very draw.
    drawn = {case["name"] for case in cases if case["judged_by_mean"]}

    passed, failed = official_verdicts(tmp_path)
    assert passed | failed == {case["name"] for case in cases}
    assert passed == ours - drawn - UNFAIR
    assert failed == {case["name"] for case in cases} - passed


def test_runs_models_and_nodes():
    node = onnx.helper.make_node("Add", ["a", "b"], ["c"])
    a, b = numpy.float32([1, 2]), numpy.float32([10, 20])
    outputs = atlas.onnx_backend.run_node(node, [a, b])
    assert outputs.c.tolist() == [11, 22]
    clip = onnx.helper.make_node("Clip", ["x", "", "high"], ["y"])
    assert atlas.onnx_backend.run_node(clip, [a, numpy.float32(1.5)], opset_version=13)[0].tolist() == [1, 1.5]

    g = atlas.build("m")
    g.output(g.Neg(g.input("x", "f32[N]")), "y")
    model = onnx.load_from_string(g.graph.to_onnx())
    assert atlas.onnx_backend.is_compatible(model)
    prepared = atlas.onnx_backend.prepare(model, "CPU:0", threads=1)
    for inputs in ([a], a, {"x": a}):
        assert prepared.run(inputs)["y"].tolist() == [-1, -2]
    assert atlas.onnx_backend.run_model(model, [a]).y.tolist() == [-1, -2]
    assert not atlas.onnx_backend.supports_device("CUDA")
    with pytest.raises(ValueError, match="expected CPU"):
        atlas.onnx_backend.prepare(model, "CUDA")
    model.graph.node[0].op_type = "NoSuchThing"
    assert not atlas.onnx_backend.is_compatible(model)
