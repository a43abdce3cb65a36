"""Graphs: read, printed, built, edited, verified, saved."""

import numpy
import pytest

import atlas
from models import SCALE


@pytest.fixture
def graph():
    return atlas.Graph.parse(SCALE)


def test_text_reads_back(graph):
    assert atlas.Graph.parse(graph.text()).text() == graph.text()
    assert "y: f32[N,2] = Mul" in str(graph)
    assert repr(graph) == "<atlas.Graph 'scale': 2 inputs, 1 nodes, 1 outputs>"
    big = atlas.build("big")
    big.output(big.constant(numpy.zeros(100, "f4")), "y")
    assert "{...}" in str(big.graph) and "{...}" not in big.graph.text()
    with pytest.raises(atlas.Error, match="text:1:"):
        atlas.Graph.parse("nonsense")


def test_looks_around(graph):
    assert [value.name for value in graph.inputs] == ["x", "factor"]
    (node,) = graph.nodes
    assert node.op == "Mul"
    assert [value.name for value in node.inputs] == ["x", "factor"]
    assert graph["y"].producer == node
    assert graph["x"].users == [node] and graph["x"].producer is None
    assert graph["factor"].constant == 2
    assert "y" in graph and "z" not in graph
    assert graph["x"].type == "f32[N,2]"
    assert len({graph["x"], graph["x"], graph["y"]}) == 2
    with pytest.raises(KeyError):
        graph["z"]


def test_edits(graph):
    x, y = graph["x"], graph["y"]
    x.type = "f32[3,2]"
    x.name = "pixels"
    graph["factor"].constant = 10
    shifted = y + 1.5
    graph.outputs = [shifted]
    shifted.name = "shifted"
    graph.verify()
    graph.infer_types()
    assert graph["shifted"].type == "f32[3,2]"
    session = atlas.Session(graph)
    assert session.inputs[0].shape == (3, 2)
    assert session.run({"pixels": numpy.ones((3, 2), "f4")})["shifted"][0, 0] == 11.5
    with pytest.raises(atlas.Error, match="there is a 'pixels' already"):
        y.name = "pixels"
    with pytest.raises(atlas.Error, match="a node computes it"):
        y.constant = 1


def test_replaces_and_erases(graph):
    (node,) = graph.nodes
    squared = graph.op("Pow", "x", 2.0)
    graph.replace_uses("y", squared)
    graph.erase(node)
    with pytest.raises(atlas.Error, match="erased"):
        node.op
    graph.verify()
    assert atlas.Session(graph).run([[3, 4]])[0].tolist() == [[9, 16]]


def test_a_broken_graph_is_found(graph):
    graph.erase(graph.nodes[0])
    with pytest.raises(atlas.Error, match="'y'"):
        graph.verify()


def test_attributes():
    g = atlas.build("a")
    x = g.input("x", "f32[2,3]")
    node = g.Softmax(x, axis=0).producer
    assert node.attributes == {"axis": 0} and node["axis"] == 0 and "axis" in node
    node["axis"] = 1
    assert node["axis"] == 1
    del node["axis"]
    assert node.attributes == {}
    with pytest.raises(KeyError):
        node["axis"]
    node = g.op(
        "my.domain::Foo", x, None, real=1.5, text="t", ints=[1, 2], reals=[1, 2.5], texts=["a"], array=numpy.eye(2),
        graph=atlas.Graph("inner"), flag=True, empty=[],
    ).producer  # fmt: skip
    assert node.op == "my.domain::Foo"
    assert node.inputs == [x, None]
    got = node.attributes
    numpy.testing.assert_array_equal(got.pop("array"), numpy.eye(2))
    assert got.pop("graph").name == "inner"
    assert got == {
        "real": 1.5, "text": "t", "ints": [1, 2], "reals": [1, 2.5], "texts": ["a"], "flag": 1, "empty": [],
    }  # fmt: skip
    with pytest.raises(atlas.Error, match="got None"):
        node["none"] = None


def test_builds_and_runs():
    g = atlas.build("layer")
    x = g.input("x", "f32[N,2]")
    h = g.Gemm(x, numpy.float32([[1, -1], [2, 1]]), alpha=0.5)
    g.output(g.Relu(h) * 2 + 1, "y")
    values, places = g.TopK(h, [1], outputs=2)
    g.output(values, "best")
    g.output(places, "place")
    session = atlas.Session(g.graph, strict=True)
    y, best, place = session.run([[3, 1]])
    assert (y.tolist(), best.tolist(), place.tolist()) == ([[6, 1]], [[2.5]], [[0]])
    with pytest.raises(AttributeError, match="capital"):
        g.relu(x)
    with pytest.raises(atlas.Error, match="there is a 'x' already"):
        g.input("x", "f32")
    with pytest.raises(atlas.Error, match="type:"):
        g.input("z", "f33")
    with pytest.raises(atlas.Error, match="another graph"):
        atlas.build("other").Relu(x)


def test_arithmetic_keeps_the_type_of_the_value():
    g = atlas.build("arithmetic")
    x = g.input("x", "i64[2]")
    g.output(-(2 * x - 1) / 3 + x**2, "y")
    assert atlas.Session(g.graph).run([4, 5])[0].tolist() == [-(7 // 3) + 16, -3 + 25]
    m = g.input("m", "f32[2,2]")
    g.output(m @ numpy.float32([[0, 1], [1, 0]]), "swapped")
    assert atlas.Session(g.graph).run({"x": [1, 1], "m": [[1, 2], [3, 4]]})["swapped"].tolist() == [[2, 1], [4, 3]]
    with pytest.raises(TypeError):
        x + "text"


def test_saves_and_loads(tmp_path, graph):
    graph.metadata = {"licence": "MIT"}
    for name in ("a.onnx", "a.txt"):
        graph.save(tmp_path / name)
        again = atlas.load(tmp_path / name)
        assert again.text() == graph.text()
        assert again.metadata["licence"] == "MIT"
    assert atlas.load(graph.to_onnx()).text() == graph.text()
    graph.save(tmp_path / "old.onnx", opset=13)
    onnx = pytest.importorskip("onnx")
    model = onnx.load(tmp_path / "old.onnx")
    onnx.checker.check_model(model)
    assert model.opset_import[0].version == 13
    with pytest.raises(atlas.Error, match="ends in .onnx"):
        graph.save(tmp_path / "a.pb")


def test_simplifies():
    g = atlas.build("s")
    x = g.input("x", "f32[2]")
    old = g.Identity(g.Identity(x))
    g.output(g.Relu(old), "y")
    assert "eliminate-identity" in g.graph.simplify()
    assert [node.op for node in g.graph.nodes] == ["Relu"]
    with pytest.raises(atlas.Error, match="before simplify"):
        old.name
    copy = g.graph.copy()
    copy.name = "other"
    assert g.graph.name == "s"


def test_constants_are_copies():
    weights = numpy.float32([1, 2])
    g = atlas.build("c")
    value = g.constant(weights, "w")
    weights[0] = 7
    assert value.constant.tolist() == [1, 2]
    assert not value.constant.flags.writeable
