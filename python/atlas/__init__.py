"""Atlas runs AI models.

    import atlas

    session = atlas.Session("model.onnx", threads=2)
    outputs = session.run({"x": array})      # numpy in, numpy out; by name or by position

    graph = atlas.load("model.onnx")         # look at a model, edit it, save it
    print(graph)

    g = atlas.build("layer")                 # or make one
    g.output(g.Relu(g.input("x", "f32[N]") * 2), "y")

help(atlas.Session), help(atlas.Graph) and help(atlas.build) tell more. Errors are atlas.Error.
"""

from atlas._build import Builder, build
from atlas._core import Error, Graph, Node, Port, Session, Value, __version__, load, read_image, write_image

__all__ = [
    "Builder",
    "Error",
    "Graph",
    "Node",
    "Port",
    "Session",
    "Value",
    "__version__",
    "build",
    "load",
    "read_image",
    "write_image",
]

for _public in (Error, Graph, Node, Port, Session, Value):
    _public.__module__ = "atlas"
del _public
