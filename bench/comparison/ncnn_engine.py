"""ncnn: the model converted by pnnx with weights kept f32, and everything on that makes it fast."""

import importlib.util
import pathlib
import shutil
import subprocess
import tempfile

import ncnn
import numpy as np

LIMIT_S = 300


def convert(model, inputs, folder):
    """Writes model.ncnn.param and .bin in `folder` once; says why where pnnx cannot."""
    if (folder / "model.ncnn.bin").exists():
        return
    if (folder / "failed").exists():
        raise RuntimeError((folder / "failed").read_text())
    program = pathlib.Path(importlib.util.find_spec("pnnx").submodule_search_locations[0]) / "pnnx"
    kinds = {"float32": "f32", "int64": "i64", "int32": "i32"}
    shapes = ",".join(f"[{','.join(map(str, a.shape))}]{kinds[a.dtype.name]}" for a in inputs.values())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pnnx-") as temporary:
        shutil.copy(model, f"{temporary}/model.onnx")
        done = subprocess.run([program, "model.onnx", f"inputshape={shapes}", "fp16=0"], cwd=temporary, text=True,
                              errors="replace", capture_output=True, timeout=LIMIT_S)
        made = pathlib.Path(temporary) / "model.ncnn.param"
        if done.returncode != 0 or not made.exists():
            lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
            reason = f"pnnx ended with {done.returncode}: {lines[-1] if lines else 'no word'}"
        elif unknown := unknown_layers(made):
            reason = f"no layers for {', '.join(unknown)}"
        else:
            for name in ("model.ncnn.param", "model.ncnn.bin"):
                shutil.copy(f"{temporary}/{name}", folder)
            return
        (folder / "failed").write_text(reason)
        raise RuntimeError(reason)


def unknown_layers(param):
    kinds = {line.split()[0] for line in param.read_text().splitlines()[2:]}
    return sorted(kind for kind in kinds if "." in kind or "::" in kind)


class Engine:
    def __init__(self, model, inputs, threads, setting):
        path = pathlib.Path(model)
        folder = path.parent / "ncnn" / path.stem
        convert(path, inputs, folder)
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
