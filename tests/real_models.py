"""The real models of the zoo: how each is run on its recorded input, and what its outputs mean."""

import json
import pathlib
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from program import ROOT, atlas

FOLDER = ROOT / "tests/golden"


@dataclass(frozen=True)
class RealModel:
    name: str  # of its golden file
    entry: str  # of the zoo
    file: str  # of that entry, by its last part
    bound: float  # on the absolute error of every output
    answer: Callable  # (outputs by name, files of the entry) -> what the task wants to know, as JSON holds it
    strides: dict = field(default_factory=dict)  # of every n-th number of a large output the golden file holds one
    state: dict = field(default_factory=dict)  # output -> input that it feeds in the next step


def text_regions(outputs, _):
    """[left, top, right, bottom] of each region of more than 10 pixels that are text by a probability above 0.3."""
    is_text = outputs["sigmoid_0.tmp_0"][0, 0] > 0.3
    regions = []
    for start in zip(*np.nonzero(is_text)):
        todo, pixels = [start], []
        while todo:
            row, column = todo.pop()
            if 0 <= row < is_text.shape[0] and 0 <= column < is_text.shape[1] and is_text[row, column]:
                is_text[row, column] = False
                pixels.append((int(column), int(row)))
                todo += [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
        if len(pixels) > 10:
            columns, rows = zip(*pixels)
            regions.append([min(columns), min(rows), max(columns), max(rows)])
    return regions


def text_read(outputs, files):
    """The text of CTC's best path; class 0 is the blank, the last one a space."""
    [keys] = [path for path in files if path.name == "ppocr_keys_v1.txt"]
    characters = ["", *keys.read_text(encoding="utf-8").splitlines(), " "]
    best = outputs["softmax_11.tmp_0"][0].argmax(axis=1)
    return "".join(characters[c] for c, before in zip(best, [0, *best]) if c != before)


def is_upside_down(outputs, _):
    return [bool(turned) for turned in outputs["softmax_0.tmp_0"].argmax(axis=1)]


def speech_segments(outputs, _):
    """[start, end) in frames of 32 ms whose probability of speech is above 0.5."""
    speaks = outputs["output"].reshape(-1) > 0.5
    edges = np.flatnonzero(np.diff(np.concatenate([[False], speaks, [False]])))
    return edges.reshape(-1, 2).tolist()


def best_face(size):
    """The likeliest face of a square picture: [left, top, right, bottom] in whole pixels."""

    def answer(outputs, _):
        scores = np.concatenate([outputs["Identity:0"], outputs["Identity_1:0"]], axis=1)[0, :, 0]
        boxes = np.concatenate([outputs["Identity_2:0"], outputs["Identity_3:0"]], axis=1)[0]
        # 16 x 16 cells of two anchors each, then 8 x 8 of six; an anchor is the middle of its cell.
        anchors = [
            ((column + 0.5) / cells * size, (row + 0.5) / cells * size)
            for cells, count in ((16, 2), (8, 6))
            for row in range(cells)
            for column in range(cells)
            for _ in range(count)
        ]
        best = int(scores.argmax())
        x, y, width, height = boxes[best, :4]
        x, y = x + anchors[best][0], y + anchors[best][1]
        return [round(float(edge)) for edge in (x - width / 2, y - height / 2, x + width / 2, y + height / 2)]

    return answer


def order_of_likeness(outputs, _):
    """For each sentence the others, the most like it first."""
    mean = outputs["last_hidden_state"].mean(axis=1)
    unit = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    order = np.argsort(-(unit @ unit.T), axis=1, kind="stable")
    return [[int(other) for other in row if other != i] for i, row in enumerate(order)]


def file_types(outputs, files):
    [config] = [path for path in files if path.name == "config.min.json"]
    labels = json.loads(config.read_text())["target_labels_space"]
    return [labels[best] for best in outputs["target_label"].argmax(axis=1)]


MODELS = [
    RealModel("ppocr-det", "ppocr-v4", "ch_PP-OCRv4_det_infer.onnx", 1e-4, text_regions),
    RealModel(
        "ppocr-rec", "ppocr-v4", "ch_PP-OCRv4_rec_infer.onnx", 1e-4, text_read, strides={"softmax_11.tmp_0": 13}
    ),
    RealModel("ppocr-cls", "ppocr-v4", "ch_ppocr_mobile_v2.0_cls_infer.onnx", 1e-5, is_upside_down),
    RealModel(
        "silero-vad", "silero-vad", "silero_vad_v5.onnx", 1e-4, speech_segments, state={"stateN": "state"}
    ),
    RealModel(
        "blazeface-front", "blazeface", "face_detection_front_128x128_barracuda.onnx", 1e-3, best_face(128)
    ),
    RealModel(
        "blazeface-back",
        "blazeface",
        "face_detection_back_256x256_barracuda.onnx",
        5e-3,
        best_face(256),
        strides={"Identity_2:0": 3, "Identity_3:0": 3},
    ),
    # Where an activation lies between two 8-bit steps, the last bit of a sum decides: the bound leaves room for it.
    RealModel("minilm-int8", "minilm-int8", "model.onnx", 2e-2, order_of_likeness),
    RealModel("magika", "magika", "model.onnx", 2e-4, file_types),
]


@dataclass(frozen=True)
class Golden:
    """One file of golden/: `input.X` as recorded, from which `input.X * scale.X + shift.X` in float32 is fed where
    those are there; `output.X`, of which there is every `stride.X`-th number where that is there; `answer` (JSON)
    and `about`, how it was made."""

    inputs: dict
    outputs: dict
    answer: object
    about: str


def read_golden(model):
    with np.load(FOLDER / f"{model.name}.npz") as file:
        parts = {key: file[key] for key in file.files}

    def named(kind):
        return {key.removeprefix(kind): value for key, value in parts.items() if key.startswith(kind)}

    return Golden(
        {
            name: fed(value, parts.get(f"scale.{name}"), parts.get(f"shift.{name}"))
            for name, value in named("input.").items()
        },
        named("output."),
        json.loads(str(parts["answer"])),
        str(parts["about"]),
    )


def fed(recorded, scale=None, shift=None):
    """What the model gets for a recorded input."""
    return recorded if scale is None else recorded.astype(np.float32) * scale + shift


def run_steps(model, inputs, run_once):
    """Outputs by name. Models without a state run once; of those with one, every input that is not a state has the
    steps as its first axis, and so has every such output; of the state the last value counts."""
    if not model.state:
        return run_once(inputs)
    steps = {name: value for name, value in inputs.items() if name not in model.state.values()}
    state = {name: inputs[name] for name in model.state.values()}
    outputs = []
    for values in zip(*steps.values()):
        values = map(np.asarray, values)
        outputs.append(run_once({**dict(zip(steps, values)), **state}))
        state = {to: outputs[-1][source] for source, to in model.state.items()}
    return {
        name: value if name in model.state else np.stack([step[name] for step in outputs])
        for name, value in outputs[-1].items()
    }


def sampled(model, name, output):
    stride = model.strides.get(name)
    return output.reshape(-1)[::stride] if stride else output


def atlas_runner(path, names):
    """Runs the model by `atlas run`; `names` are those of its outputs."""

    def run_once(inputs):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            arguments = []
            for i, (name, value) in enumerate(inputs.items()):
                np.save(folder / f"{i}.npy", value)
                arguments += ["--input", f"{name}={folder / f'{i}.npy'}"]
            run = atlas("run", path, *arguments, "--output", folder / "out")
            if run.code != 0:
                raise RuntimeError(f"atlas run ended with {run.code}: {run.error.strip()}")
            return {name: np.load(folder / "out" / (re.sub(r"[^\w.-]", "_", name) + ".npy")) for name in names}

    return run_once


def largest_errors(model, golden, outputs):
    """By output, the largest absolute difference to the golden one; infinite where shape or type differ."""
    errors = {}
    for name, expected in golden.outputs.items():
        got = sampled(model, name, outputs[name])
        same_kind = got.shape == expected.shape and got.dtype == expected.dtype
        errors[name] = float(np.abs(got.astype(np.float64) - expected).max()) if same_kind else float("inf")
    return errors
