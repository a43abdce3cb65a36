"""What a catalogue says of one model: how it is made, what goes in, and which sizes may change."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """A model as the exporters take it.

    `module` takes the values of `inputs(seed, size)` in their order, tensors by name. Sizes 0 and 1 differ in every
    axis that `dynamic` names; seeds differ in values alone."""

    module: object
    inputs: Callable
    dynamic: dict = field(default_factory=dict)  # input -> {axis: name of its size}
    outputs: tuple = ()


@dataclass(frozen=True)
class Model:
    name: str
    family: str  # the heading in the table
    make: Callable  # (exporter) -> Case; of tables (path, opset) -> inputs by (seed, size), the file written
    exporters: tuple = ("TorchScript", "dynamo")
    opsets: tuple = ()  # of exporters that are not PyTorch's
    note: str = ""  # for the table: what is not as it is published
