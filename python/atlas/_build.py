"""Graphs made in Python, an operator a call."""

from __future__ import annotations

from typing import Any, Callable

from atlas._core import Graph, Value

__all__ = ["Builder", "build"]


class Builder:
    """Adds nodes to `graph`; every operator of ONNX is a method.

        g = atlas.build("layer")
        x = g.input("x", "f32[N,4]")
        h = g.Gemm(x, weights, bias, alpha=0.5)         # arrays become constants
        top, places = g.TopK(h, [3], outputs=2)
        g.output(g.Softmax(h, axis=-1) * 2, "y")
        session = atlas.Session(g.graph)

    Operators of another domain: g.op("com.microsoft::Gelu", x). Attributes are keywords: numbers, strings, lists,
    arrays, graphs. Values know `+ - * / @ **`.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def input(self, name: str, type: str) -> Value:
        """An input; `type` as in the text form: 'f32[N,3]', 'i64[]', 'sequence(f32)'."""
        return self.graph.input(name, type)

    def constant(self, array: Any, name: str = "") -> Value:
        """A constant that holds a copy of an array."""
        return self.graph.constant(array, name)

    def op(self, name: str, *inputs: Any, outputs: int = 1, **attributes: Any) -> Any:
        """A node: its output, or a tuple of them where `outputs` is not 1. None leaves an input out."""
        return self.graph.op(name, *inputs, outputs=outputs, **attributes)

    def output(self, value: Value, name: str = "") -> Value:
        """Makes a value an output of the graph, under this name."""
        return self.graph.output(value, name)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not name[:1].isupper():
            raise AttributeError(f"{name}: operators begin with a capital, as in Relu")
        return lambda *inputs, **keywords: self.op(name, *inputs, **keywords)


def build(name: str = "") -> Builder:
    """A Builder over an empty graph of this name. See help(atlas.Builder)."""
    return Builder(Graph(name))
