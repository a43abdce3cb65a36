"""Models of the zoo, with their trained weights."""

import shutil
import subprocess

import onnx
from places import ATLAS


def fetched(name, ending):
    done = subprocess.run([ATLAS, "zoo", "fetch", name], check=True, capture_output=True, text=True)
    [path] = [line for line in done.stdout.splitlines() if line.endswith(ending)]
    return path


def ppocr(path, part, size):
    model = onnx.load(fetched("ppocr-v4", f"v4_{part}_infer.onnx"))
    [value] = [value for value in model.graph.input if value.name == "x"]
    for dim, fixed in zip(value.type.tensor_type.shape.dim, (1, 3, *size), strict=True):
        dim.dim_value = fixed
    del model.graph.value_info[:]  # inferred from the sizes before
    onnx.save(model, path)


def silero(path):
    """As it is: with sizes fixed in the file ONNX Runtime finds its two branches at odds."""
    shutil.copy(fetched("silero-vad", "v5.onnx"), path)
