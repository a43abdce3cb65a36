"""Atlas as a backend of the package onnx, so that ONNX's own runner can judge it.

    import onnx.backend.test
    import atlas.onnx_backend

    runner = onnx.backend.test.BackendTest(atlas.onnx_backend, __name__)
    globals().update(runner.test_cases)

or, for a model at hand:

    outputs = atlas.onnx_backend.run_model(onnx.load("model.onnx"), [array])
"""

from __future__ import annotations

from typing import Any

import numpy
import onnx
from onnx.backend.base import Backend, BackendRep, namedtupledict

from atlas._core import Session
from atlas._error import Error

__all__ = ["AtlasBackend", "AtlasBackendRep", "is_compatible", "prepare", "run_model", "run_node", "supports_device"]


class AtlasBackendRep(BackendRep):
    """A model that is ready to run."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._outputs = namedtupledict("Outputs", [port.name for port in session.outputs])

    def run(self, inputs: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Runs on a list of inputs, a dict of them by name, or the one that there is. Keywords go to Session.run."""
        if isinstance(inputs, dict):
            return self._outputs(*self.session.run(inputs, **kwargs).values())
        if not isinstance(inputs, (list, tuple)):
            inputs = [inputs]
        return self._outputs(*self.session.run(*inputs, **kwargs))


class AtlasBackend(Backend):
    """ONNX's interface to what runs models."""

    @classmethod
    def is_compatible(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> bool:
        """Whether Atlas runs the model on that device."""
        try:
            return cls.prepare(model, device, **kwargs) is not None
        except Error:
            return False

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> AtlasBackendRep:
        """The model, compiled. Keywords go to atlas.Session."""
        if not cls.supports_device(device):
            raise ValueError(f"device: expected CPU, got {device}")
        return AtlasBackendRep(Session(model, **kwargs))

    @classmethod
    def run_node(
        cls, node: onnx.NodeProto, inputs: Any, device: str = "CPU", outputs_info: Any = None, **kwargs: Any
    ) -> tuple[Any, ...]:
        """Runs one operator on arrays, in the order of its inputs. `opset_version`: of its domain, else the newest."""
        opset = onnx.helper.make_opsetid(node.domain, kwargs.pop("opset_version", onnx.defs.onnx_opset_version()))
        given = {name: numpy.asarray(array) for name, array in zip(filter(None, node.input), inputs)}
        graph = onnx.helper.make_graph(
            [node],
            node.op_type,
            [
                onnx.helper.make_tensor_value_info(
                    name, onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
                )
                for name, array in given.items()
            ],
            [onnx.helper.make_empty_tensor_value_info(name) for name in node.output if name],
        )
        model = onnx.helper.make_model(graph, opset_imports=[opset])
        return cls.prepare(model, device, **kwargs).run(given)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        """Only "CPU", with or without a number."""
        return device.split(":")[0] == "CPU"


# The names that ONNX's runner looks for in a module.
is_compatible = AtlasBackend.is_compatible
prepare = AtlasBackend.prepare
run_model = AtlasBackend.run_model
run_node = AtlasBackend.run_node
supports_device = AtlasBackend.supports_device
