"""The page docs/compatibility.md from the rows."""

import collections
import importlib.metadata
import re

import exports

PACKAGES = ("torch", "torchvision", "transformers", "onnxscript", "onnx", "onnxruntime", "scikit-learn", "skl2onnx",
            "onnxmltools", "lightgbm", "xgboost-cpu")
ORDER = ("classification", "detection, before NMS", "segmentation", "video", "text encoders", "text decoders",
         "text decoders with a cache", "encoder-decoders", "vision transformers and nets", "audio", "multimodal",
         "tables")
# What stands against the exporter or the judge, not against Atlas.
NOT_OURS = ("not made", "not exported", "ONNX Runtime fails", "does not vary", "timed out", "crashed")

INTRODUCTION = """# What exports today, run by Atlas

Models with random weights (initialised so that the outputs vary with the input, and shown to), exported by
{exporters} and run by `atlas run` and by
ONNX Runtime {onnxruntime} on the same inputs: at two sizes where sizes are dynamic (batch, length, height and width),
once where they are not. *Equal*: the largest error over all outputs, which the table gives,
is at most 1e-4 of that output's largest value; whole numbers and words are the same.

Each model of PyTorch goes through TorchScript at opset {torchscript}, in turn, and through dynamo at {always};
some go through dynamo at {others} too. Networks of torchvision are as published: detectors compared
before non-maximum suppression, their residual blocks and those of segmenters weighed by 0.3 (at their published start
rounding grows until PyTorch's own answers in f32 and f64 differ by 1e-4), inputs often smaller than those they were
published for. Those of transformers are as their code has them, {note}. Tables are the zoo's `credit-g` and
`letter-recognition`.

Of {total} rows {judged} export and run in ONNX Runtime; of those Atlas gives equal answers in {equal}.{unequal}{open}

Made with {versions}
by

```
python3 -m venv FOLDER && FOLDER/bin/pip install -r bench/compatibility/requirements.txt
FOLDER/bin/python bench/compatibility/check && FOLDER/bin/python bench/compatibility/check --table
```
"""


def reason(row):
    if row["result"] == "equal":
        words = []
        if row.get("fallbacks"):
            words.append("by reference: " + ", ".join(f"{op} ({n})" for op, n in sorted(row["fallbacks"].items())))
        if row.get("one_size"):
            words.append("exported for one size: ONNX Runtime fails at another")
        return "; ".join(words)
    return shortened(row.get("reason", ""))


def shortened(text):
    # Addresses and temporary names would differ from run to run.
    text = re.sub(r"/\S*/", "", re.sub(r"0x[0-9a-f]+", "", text))
    text = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return text if len(text) <= 160 else text[:157] + "..."


def line(row):
    error = f"{row['error']:.0e}" if "error" in row else ""
    nodes = row.get("nodes", "")
    opset = row.get("opset", row["asked_opset"])
    return f"| {row['model']} | {row['exporter']} | {opset} | {nodes} | {row['result']} | {error} | {reason(row)} |"


def summary(rows):
    """A line for each family: rows and results."""
    lines = ["| Family | Models | Rows | Equal | Other |", "|---|---|---|---|---|"]
    for family in ORDER:
        own = [row for row in rows if row["family"] == family]
        if not own:
            continue
        others = collections.Counter(row["result"] for row in own if row["result"] != "equal")
        told = ", ".join(f"{result}: {n}" for result, n in sorted(others.items()))
        models = len({row["model"] for row in own if row["result"] == "equal"})
        lines.append(f"| {family} | {models} | {len(own)} | {len(own) - others.total()} | {told} |")
    return lines


def listed(numbers):
    *most, last = sorted(numbers)
    return f"{', '.join(map(str, most))} or {last}"


def page(results):
    planned = [f"{model.name} {exporter} {opset}" for model, exporter, opset in exports.rows()]
    missing = [name for name in planned if name not in results]
    rows = sorted(results.values(), key=lambda row: (ORDER.index(row["family"]), row["model"], row["exporter"],
                                                     row["asked_opset"]))
    versions = {name: importlib.metadata.version(name).split("+")[0] for name in PACKAGES}
    judged = [row for row in rows if row["result"] not in NOT_OURS]
    equal = [row for row in judged if row["result"] == "equal"]
    notes = {row["note"] for row in rows if row.get("note") and row["family"] in ORDER[4:11]}
    text = INTRODUCTION.format(
        exporters="both of PyTorch's exporters, skl2onnx and onnxmltools",
        onnxruntime=versions["onnxruntime"],
        note=", ".join(sorted(notes)) or "small",
        torchscript=listed(exports.TORCHSCRIPT),
        always=exports.DYNAMO[0],
        others=listed(exports.DYNAMO[1]),
        total=len(rows),
        judged=len(judged),
        equal=len(equal),
        unequal="" if len(equal) == len(judged) else " The others are marked *differs* or *Atlas fails*.",
        open=f"\nNot made yet: {len(missing)} rows, which `check --list` names." if missing else "",
        versions=", ".join(f"{name} {version}" for name, version in versions.items()),
    )
    parts = [text, *summary(rows)]
    for family in ORDER:
        own = [row for row in rows if row["family"] == family]
        if own:
            parts += ["", f"## {family[0].upper()}{family[1:]}", "",
                      "| Model | Exporter | Opset | Nodes | Result | Error | Reason |", "|---|---|---|---|---|---|---|",
                      *map(line, own)]
    return "\n".join(parts) + "\n"
