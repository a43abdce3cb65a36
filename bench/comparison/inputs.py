"""Inputs of a model file: by seed, from the types and sizes that it states."""

import numpy as np
import onnx


def of_file(path, ranges, seed):
    """name -> array, for every input without a default. Whole numbers lie in `ranges[name]`, real ones are normal."""
    graph = onnx.load(path, load_external_data=False).graph
    rng = np.random.default_rng(seed)
    constants = {value.name for value in graph.initializer}
    made = {}
    for value in graph.input:
        if value.name in constants:
            continue
        tensor = value.type.tensor_type
        shape = [dim.dim_value for dim in tensor.shape.dim]
        if any(dim.dim_value == 0 for dim in tensor.shape.dim):
            raise SystemExit(f"{path}: input '{value.name}': expected a fixed size (give --shape {value.name}=1x3x...)")
        dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        if dtype.kind == "f":
            made[value.name] = rng.standard_normal(shape).astype(dtype)
        else:
            made[value.name] = rng.integers(*ranges.get(value.name, (0, 2)), shape).astype(dtype)
    return made


def fix_sizes(model, shapes):
    """Sets the sizes of inputs, name -> list, and forgets those inferred from others."""
    for value in model.graph.input:
        if value.name not in shapes:
            continue
        for dim, size in zip(value.type.tensor_type.shape.dim, shapes[value.name], strict=True):
            dim.dim_value = size
    del model.graph.value_info[:]
    return model
