"""Sessions of compiled files: their weights in memory once, and a warning where a file does not serve."""

import os
import pathlib
import re
import subprocess

import numpy
import pytest

import atlas

SIZE = 1024
WEIGHT_BYTES = SIZE * SIZE * 4


@pytest.fixture
def compiled(tmp_path):
    g = atlas.build("model")
    x = g.input("x", f"f32[N,{SIZE}]")
    g.output(g.MatMul(x, numpy.random.default_rng(1).standard_normal((SIZE, SIZE)).astype("float32")), "y")
    g.graph.save(tmp_path / "model.onnx")
    path = tmp_path / "model.atlas"
    subprocess.run([os.environ["ATLAS"], "compile", tmp_path / "model.onnx", "-o", path], check=True)
    return path


def own_bytes():
    """Memory of this process that it shares with no file."""
    rollup = pathlib.Path("/proc/self/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous: +(\d+) kB", rollup, re.MULTILINE)[1]) * 1024


def test_sessions_share_their_weights(compiled):
    array = numpy.ones((2, SIZE), "float32")
    expected = atlas.Session(compiled.with_suffix(".onnx"), threads=1).run(array)[0]
    first = atlas.Session(compiled, threads=1)
    first.run(array)
    before = own_bytes()
    others = [atlas.Session(compiled, threads=1) for _ in range(4)]
    for session in others:
        numpy.testing.assert_array_equal(session.run(array)[0], expected)
        assert session.notice == ""
    assert own_bytes() - before < WEIGHT_BYTES


def test_a_file_of_other_options_is_compiled_anew_with_a_warning(compiled):
    with pytest.warns(UserWarning, match="no pass fold-affine.*compiling its model anew"):
        session = atlas.Session(compiled, disabled_passes=["fold-affine"])
    assert "compiling its model anew" in session.notice
    session.run(numpy.ones((2, SIZE), "float32"))


def test_it_loads_as_a_graph(compiled):
    assert atlas.load(compiled).name == "model"


def test_damage_is_an_error(compiled):
    data = bytearray(compiled.read_bytes())
    data[len(data) // 4] ^= 1
    compiled.write_bytes(data)
    with pytest.raises(atlas.Error, match="model.atlas: bytes .* are damaged"):
        atlas.Session(compiled)
