"""Models of the zoo with their trained weights, sizes fixed."""

import subprocess

import onnx

import inputs
from places import ATLAS


def fetched(name, ending):
    done = subprocess.run([ATLAS, "zoo", "fetch", name], check=True, capture_output=True, text=True)
    [path] = [line for line in done.stdout.splitlines() if line.endswith(ending)]
    return path


def write(path, source, shapes):
    onnx.save(inputs.fix_sizes(onnx.load(source), shapes), path)


def ppocr(path, part, size):
    write(path, fetched("ppocr-v4", f"v4_{part}_infer.onnx"), {"x": [1, 3, *size]})


def silero(path):
    shapes = {"input": [1, 512], "state": [2, 1, 128], "sr": []}
    write(path, fetched("silero-vad", "v5.onnx"), shapes)
