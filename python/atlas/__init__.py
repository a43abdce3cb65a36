"""Atlas runs AI models.

    import atlas

    session = atlas.Session("model.onnx", threads=2)
    outputs = session.run({"x": array})      # numpy in, numpy out; by name or by position

    graph = atlas.load("model.onnx")         # look at a model, edit it, save it
    print(graph)

    g = atlas.build("layer")                 # or make one
    g.output(g.Relu(g.input("x", "f32[N]") * 2), "y")

    print(atlas.recipe("ocr")("photo.jpg"))  # or have models and all around them

help(atlas.Session), help(atlas.Graph), help(atlas.build) and help(atlas.recipe) tell more. Errors are atlas.Error.
"""

from atlas._build import Builder, build
from atlas._core import Graph, Node, Port, Session, Value, load, read_image, write_image
from atlas._core import version as __version__
from atlas._error import Error
from atlas._recipe import Recipe, Result, recipe, recipes

__all__ = [
    "Builder",
    "Error",
    "Graph",
    "Node",
    "Port",
    "Recipe",
    "Result",
    "Session",
    "Value",
    "__version__",
    "build",
    "load",
    "read_image",
    "recipe",
    "recipes",
    "write_image",
]

for _public in (Builder, Error, Recipe, Result):
    _public.__module__ = "atlas"
del _public
