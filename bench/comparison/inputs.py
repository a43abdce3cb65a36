"""Inputs of a model file: by seed, from the types and sizes that it states."""

import numpy as np
import onnx


def of_file(path, seed, ranges, shapes):
    """name -> array, for every input without a default. Whole numbers lie in `ranges[name]`, real ones are normal;
    `shapes[name]` are sizes that the file leaves open."""
    graph = onnx.load(path, load_external_data=False).graph
    rng = np.random.default_rng(seed)
    constants = {value.name for value in graph.initializer}
    made = {}
    for value in graph.input:
        if value.name in constants:
            continue
        tensor = value.type.tensor_type
        shape = shapes.get(value.name) or [dim.dim_value for dim in tensor.shape.dim]
        if 0 in shape:
            raise SystemExit(f"{path}: input '{value.name}': expected a fixed size (give --shape {value.name}=1x3x...)")
        dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        if dtype.kind == "f":
            made[value.name] = rng.standard_normal(shape).astype(dtype)
        else:
            made[value.name] = rng.integers(*ranges.get(value.name, (0, 2)), shape).astype(dtype)
    return made
