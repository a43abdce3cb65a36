"""Makes one row of the table: exports a model, runs it in ONNX Runtime and in Atlas, compares."""

import collections
import json
import os
import re
import subprocess
import sys
import time
import traceback
import warnings

import numpy as np

import exports

BOUND = 1e-4  # on the largest error, in parts of the output's largest value
LEAST_VARIATION = 1e-3  # of the likewise measured difference between the outputs for two inputs
RUNS = 3
RESULT, LOG = "row.json", "log"
LARGE = ["torch", "torchvision", "transformers", "torch.onnx", "torch.export", "onnxscript", "onnxruntime"]


class Failed(Exception):
    """The row ends here: which word stands in the table, and why."""

    def __init__(self, result, reason):
        super().__init__(reason)
        self.result, self.reason = result, reason


def last_line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]


def export(model, exporter, opset, path):
    """Writes the file; gives inputs by (seed, size), and what PyTorch makes of them, or None."""
    if exporter not in ("TorchScript", "dynamo"):
        try:
            return model.make(path, opset), None, None
        except Exception as error:
            raise Failed("not exported", last_line(error)) from error
    import torch

    import torch_export

    torch.set_num_threads(1)
    try:
        with torch.no_grad():
            case = model.make(exporter)
            torch_export.enliven(case)
            case.module(*case.inputs(0, 0).values())
    except Exception as error:
        raise Failed("not made", last_line(error)) from error
    try:
        with torch.no_grad():
            torch_export.export(case, exporter, opset, path)
    except Exception as error:
        while error.__cause__ is not None:
            error = error.__cause__
        raise Failed("not exported", last_line(error)) from error

    def inputs(seed, size):
        return {name: value.numpy() for name, value in case.inputs(seed, size).items()}

    def torch_outputs(seed, size):
        with torch.no_grad():
            return [value.numpy() for value in torch_export.tensors(case.module(*case.inputs(seed, size).values()))]

    return inputs, torch_outputs, bool(case.dynamic)


def flat(value):
    """The arrays of an output: of a list of maps, as classifiers give, the keys and the values."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        return [np.array(list(value)), np.array(list(value.values()))]
    return [array for part in value for array in flat(part)]


def difference(got, expected):
    """Largest error in parts of the largest value; infinite where shapes, words, whole numbers or what is not finite
    differ."""
    if got.shape != expected.shape:
        return float("inf")
    if expected.size == 0:
        return 0.0
    if expected.dtype.kind not in "fc":
        return 0.0 if np.array_equal(got.astype(expected.dtype), expected) else float("inf")
    got, expected = got.astype(np.float64), expected.astype(np.float64)
    finite = np.isfinite(expected)
    if not np.array_equal(got[~finite], expected[~finite], equal_nan=True):
        return float("inf")
    if not finite.any():
        return 0.0
    largest = np.abs(expected[finite]).max()
    return float(np.abs(got[finite] - expected[finite]).max() / (largest or 1))


def varies(first, second):
    """How much outputs of real numbers differ for two inputs: the one that differs least."""
    real = [(a, b) for a, b in zip(first, second) if a.dtype.kind == "f" and a.size]
    if not real:
        return float(any(not np.array_equal(a, b) for a, b in zip(first, second)))
    return min(difference(b, a) if a.shape == b.shape else 1.0 for a, b in real)


def atlas_name(name):
    return re.sub(r"[^A-Za-z0-9.\-_]", "_", name) or "_"


class Atlas:
    def __init__(self, program, path, folder):
        self.program, self.path, self.folder = program, path, folder

    def files(self, inputs):
        arguments = []
        for i, (name, value) in enumerate(inputs.items()):
            file = self.folder / f"input{i}.npy"
            np.save(file, value)
            arguments += ["--input", f"{name}={file}"]
        return arguments

    def call(self, command, inputs, *options):
        arguments = [self.program, command, str(self.path), *self.files(inputs), "--threads", "2", *map(str, options)]
        done = subprocess.run(arguments, capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            reason = done.stderr.strip().replace(str(self.path), "model") or f"ended with {done.returncode}"
            raise Failed("Atlas fails", reason[-300:])

    def run(self, inputs, expected):
        """Outputs in the order and with the parts of `expected`, pairs of name and value, where a name may come twice;
        nodes without a kernel, by operator."""
        out, report = self.folder / "out", self.folder / "run.json"
        for old in out.glob("*"):
            old.unlink()
        self.call("run", inputs, "--output", out, "--json", report)
        arrays = []
        for name, value in expected:
            arrays += self.load(out / atlas_name(name), value)
        fallbacks = json.loads(report.read_text())["fallbacks"]
        return arrays, dict(collections.Counter(name.split()[0] for name in fallbacks))

    def load(self, stem, like):
        if isinstance(like, np.ndarray):
            return [np.load(f"{stem}.npy")]
        if isinstance(like, dict):
            keys, values = np.load(f"{stem}_keys.npy"), np.load(f"{stem}_values.npy")
            found = dict(zip(keys.tolist(), values.tolist()))
            return [np.array(list(like)), np.array([found.get(key, np.nan) for key in like], values.dtype)]
        return [array for i, part in enumerate(like) for array in self.load(f"{stem}_{i}", part)]

    def time(self, inputs):
        report = self.folder / "bench.json"
        self.call("bench", inputs, "--runs", RUNS, "--json", report)
        times = json.loads(report.read_text())
        return times["load_ms"], times["min_ms"]


def count_nodes(path):
    import onnx

    model = onnx.load(path, load_external_data=False)

    def count(graph):
        return sum(1 + sum(count(a.g) for a in n.attribute if a.type == onnx.AttributeProto.GRAPH) for n in graph.node)

    opset = {o.domain: o.version for o in model.opset_import}
    return count(model.graph), opset.get("", opset.get("ai.onnx", 0)), [value.name for value in model.graph.output]


def make_row(model, exporter, opset, atlas_program, folder, row):
    path = folder / "model.onnx"
    started = time.monotonic()
    inputs, torch_outputs, dynamic = export(model, exporter, opset, path)
    row["export_s"] = round(time.monotonic() - started, 1)
    row["nodes"], row["opset"], names = count_nodes(path)
    row["bytes"] = sum(file.stat().st_size for file in folder.iterdir())

    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 2
    settings.log_severity_level = 4
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    started = time.monotonic()
    try:
        session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise Failed("ONNX Runtime fails", last_line(error)) from error
    row["onnxruntime_load_ms"] = round(1000 * (time.monotonic() - started), 2)
    wanted = {value.name for value in session.get_inputs()}

    def fed(seed, size):
        return {name: value for name, value in inputs(seed, size).items() if name in wanted}

    def judge(seed, size):
        try:
            return session.run(names, fed(seed, size))
        except Exception as error:
            raise Failed("ONNX Runtime fails", last_line(error)) from error

    expected = judge(0, 0)
    row["varies"] = varies(
        [a for value in expected for a in flat(value)], [a for value in judge(1, 0) for a in flat(value)]
    )
    if row["varies"] < LEAST_VARIATION:
        raise Failed("does not vary", f"outputs for two inputs differ by {row['varies']:.1e} of their largest value")
    if torch_outputs:
        made = torch_outputs(0, 0)
        if len(made) == len(expected):
            row["onnxruntime_error"] = max(difference(a, b) for a, b in zip(expected, made))

    atlas = Atlas(atlas_program, path, folder)
    sizes = [0]
    if dynamic is None or dynamic:
        try:
            judge(0, 1)
            sizes.append(1)
        except Failed as failed:
            row["one_size"] = failed.reason
    for size in sizes:
        values = judge(0, size)
        got, row["fallbacks"] = atlas.run(fed(0, size), list(zip(names, values)))
        arrays = [a for value in values for a in flat(value)]
        row["error"] = max([row.get("error", 0.0)] + [difference(a, b) for a, b in zip(got, arrays, strict=True)])
        if row["error"] > BOUND:
            worst = max(range(len(got)), key=lambda i: difference(got[i], arrays[i]))
            shapes = f"{got[worst].shape}, expected {arrays[worst].shape}"
            raise Failed("differs", f"output {worst} of {len(got)} at size {size}, of shape {shapes}")
    row["sizes"] = len(sizes)
    times = []
    feed = fed(0, sizes[-1])
    for _ in range(RUNS + 1):
        started = time.monotonic()
        session.run(names, feed)
        times.append(1000 * (time.monotonic() - started))
    row["onnxruntime_ms"] = round(min(times[1:]), 3)
    load, run = atlas.time(feed)
    row["atlas_load_ms"], row["atlas_ms"] = round(load, 2), round(run, 3)
    row["result"] = "equal"


def run(name, exporter, opset, atlas_program, folder):
    """In a process of its own: writes the row to RESULT in the folder, which is the caller's to delete, and what
    anything prints to LOG."""
    os.setpgid(0, 0)  # ended with all that it started
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    warnings.filterwarnings("ignore")
    model = exports.find(name)
    row = {"model": name, "family": model.family, "exporter": exporter, "asked_opset": opset, "note": model.note}
    (folder / "files").mkdir()
    try:
        make_row(model, exporter, opset, atlas_program, folder / "files", row)
    except Failed as failed:
        row["result"], row["reason"] = failed.result, failed.reason
        if failed.__cause__ is not None:
            traceback.print_exception(failed.__cause__, file=sys.stderr)
    (folder / RESULT).write_text(json.dumps(row))
