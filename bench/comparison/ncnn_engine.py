"""ncnn: the model converted by pnnx with weights kept f32, and everything on that makes it fast."""

import importlib.util
import pathlib
import shutil
import subprocess
import tempfile
import zlib

import ncnn
import numpy as np
from places import MODELS

LIMIT_S = 120


def folder_of(model):
    path = pathlib.Path(model).resolve()
    return MODELS / "ncnn" / f"{path.stem}-{zlib.crc32(bytes(path)):08x}"


def prepare(model, inputs):
    """Converts the model, once; says why where pnnx cannot."""
    folder = folder_of(model)
    before = folder / "failed" if (folder / "failed").exists() else folder / "model.ncnn.bin"
    if before.exists() and before.stat().st_mtime > pathlib.Path(model).stat().st_mtime:
        if before.name == "failed":
            raise RuntimeError(before.read_text())
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if reason := converted(model, inputs, folder):
        (folder / "failed").write_text(reason)
        raise RuntimeError(reason)


def converted(model, inputs, folder):
    """Writes model.ncnn.param and .bin there, or gives the reason why not."""
    program = pathlib.Path(importlib.util.find_spec("pnnx").submodule_search_locations[0]) / "pnnx"
    kinds = {"float32": "f32", "int64": "i64", "int32": "i32"}
    shapes = ",".join(f"[{','.join(map(str, a.shape))}]{kinds[a.dtype.name]}" for a in inputs.values())
    with tempfile.TemporaryDirectory(prefix="pnnx-") as temporary:
        shutil.copy(model, f"{temporary}/model.onnx")
        try:
            done = subprocess.run([program, "model.onnx", f"inputshape={shapes}", "fp16=0"], cwd=temporary, text=True,
                                  errors="replace", capture_output=True, timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            return f"pnnx does not end within {LIMIT_S} s"
        param = pathlib.Path(temporary) / "model.ncnn.param"
        if done.returncode != 0 or not param.exists():
            lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
            return f"pnnx ended with {done.returncode}: {lines[-1] if lines else 'no word'}"
        if unknown := unknown_layers(param):
            return f"no layers for {', '.join(unknown)}"
        for name in ("model.ncnn.param", "model.ncnn.bin"):
            shutil.copy(f"{temporary}/{name}", folder)
    return None


def unknown_layers(param):
    kinds = {line.split()[0] for line in param.read_text().splitlines()[2:]}
    return sorted(kind for kind in kinds if "." in kind or "::" in kind)


class Engine:
    def __init__(self, model, inputs, threads, setting):
        folder = folder_of(model)
        self.net = ncnn.Net()
        self.net.opt.num_threads = threads
        self.net.opt.lightmode = True
        for name in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage",
                     "use_bf16_packed"):
            setattr(self.net.opt, name, False)
        for name, load in (("param", self.net.load_param), ("bin", self.net.load_model)):
            if load(str(folder / f"model.ncnn.{name}")) != 0:
                raise RuntimeError(f"ncnn cannot load the {name} file that pnnx wrote")
        self.outputs = self.net.output_names()
        self.set_inputs(inputs)

    def set_inputs(self, inputs):
        arrays = [array.astype(np.int32) if array.dtype.kind == "i" else array for array in inputs.values()]
        # pnnx takes the batch away.
        self.arrays = [np.ascontiguousarray(array[0] if array.ndim > 1 else array) for array in arrays]
        self.mats = [ncnn.Mat(array) for array in self.arrays]

    def run(self):
        extractor = self.net.create_extractor()
        for name, mat in zip(self.net.input_names(), self.mats, strict=True):
            extractor.input(name, mat)
        results = []
        for name in self.outputs:
            status, mat = extractor.extract(name)
            if status != 0:
                raise RuntimeError(f"ncnn cannot compute '{name}': {status}")
            results.append(np.array(mat, copy=False))
        self.kept = (extractor, results)
        return results
