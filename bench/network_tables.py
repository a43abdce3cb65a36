"""Published tables of whole networks, as the rows that `atlas predict --table` reads.

`rows_of(path)` knows a table by its columns: rows out of READMEs (path, heading, context_line, row), iteration times of
Megatron (metric, model, mode, value, ...) and of vTrain (params_b, gpus, ..., iter_ms). It returns rows with `device`,
`workload`, `mode`, `batch`, ... and latency_ms of one step, and counts of what was left out by reason."""

import csv
import re

COLUMNS = (
    "device workload mode batch seq picture dtype runtime recompute predicted micro_batches tp pp dp interleave "
    "sequence_parallel layers hidden heads vocabulary latency_ms"
).split()
READMES = re.compile(r"/(resnet50v1\.5|RN50v1\.5|(se-)?resnext101-32x4d|efficientnet\w*|SSD|LanguageModeling/BERT)/")
NUMBER = re.compile(r"\d[\d,]*\.?\d*")
PER_NODE = {"dgx1-v100-16gb": 8, "dgx1-v100-32gb": 8, "dgx2-v100-32gb": 16, "dgx-a100": 8, "dgx-a100-40gb": 8}


def numbers(text):
    """Those of a cell as "128 (FP32) / 256 (AMP)", "4,2" or "16 and 32"; names of formats are no numbers."""
    return [float(found) for found in re.findall(r"\d+", re.sub(r"(FP|TF|BF)\d+", "", text))]


def first_number(text):
    found = NUMBER.search(text.replace("~", ""))
    return float(found.group().replace(",", "")) if found else None


def device_of(text):
    """The node or chip that a heading names, with what it says of its memory."""
    words = text.upper().replace(" ", "")
    if "A30" in words:
        return "a30"
    if "A10" in words and "A100" not in words:
        return "a10"
    if "T4" in words:
        return "t4"
    if "A100" in words:
        return "dgx-a100-40gb" if "40G" in words else "dgx-a100"
    if "DGX-2" in words:
        return "dgx2-v100-32gb"
    if "V100" in words or "DGX-1" in words:
        return "dgx1-v100-32gb" if "32G" in words else "dgx1-v100-16gb" if "16G" in words else None
    return None


def model_of(path, heading, context, cells):
    if "BERT" in path:
        if "dist4l" in path:
            return "bert-4-layers"
        if "dist6l" in path:
            return "bert-6-layers"
        if "biobert" in path or cells.get("Model") == "base" or "base" in context.lower().split():
            return "bert-base"
        return "bert-base" if re.search(r"bert-?base", context.lower()) else "bert-large"
    if "SSD" in path:
        return "ssd320-resnet50-fpn" if path.startswith("TensorFlow/") else "ssd300-resnet50"
    if "efficientnet" in path:
        if "efficientnet_v2" in path:
            return "efficientnetv2-s"
        if "efficientnet_v1" in path:
            return "efficientnet-b4" if "B4" in heading else "efficientnet-b0"
        return cells.get("Model", "")
    for name in ("se-resnext101-32x4d", "resnext101-32x4d"):
        if name in path:
            return name
    return "resnet50"


def runtime_of(path, heading, said):
    if "triton" in path:
        if "TensorRT" in heading:
            return "tensorrt-served"
        return "onnxruntime-served" if "ONNX" in heading else "pytorch-served"
    if "Paddle-TRT" in heading:
        return "tensorrt"
    if path.startswith("TensorFlow/Detection"):
        return "tensorflow-detection"
    if path.startswith("TensorFlow2/"):
        return "tensorflow2"
    if "TensorFlow/LanguageModeling" in path or "XLA" in said:
        return "xla"
    return {"TensorFlow": "tensorflow", "PyTorch": "pytorch", "MxNet": "mxnet", "PaddlePaddle": "paddle"}[path.split("/")[0]]


def precision_of(text):
    words = text.upper()
    if "INT8" in words:
        return "i8"
    if "MIXED" in words or "FP16" in words or "AMP" in words:
        return "f16"
    if "TF32" in words:
        return "tf32"
    return "f32" if "FP32" in words else None


def dtype_on(device, dtype):
    """Headings that say TF32 of a V100, or FP32 of an A100, mean what such a chip computes by default."""
    ampere = "a100" in device or device in ("a30", "a10")
    if dtype in ("f32", "tf32"):
        return "tf32" if ampere else "f32"
    return dtype


def sequence_of(heading, cells, training):
    for key in ("Sequence Length", "Sequence length"):
        if key in cells:
            return first_number(cells[key])
    if "NER" in heading:
        return 128
    return 384  # SQuAD's


def rates(cells, heading, context):
    """(samples per second, precision, column) of each measurement in a row."""
    for key in ("Avg throughput", "Throughput Avg", "Inferences/Second", "Throughput-Average(sent/sec)", "Throughput-Average(seq/sec)"):
        if key in cells:
            said = cells.get("Precision", ""), heading.split(">")[-1], context
            yield first_number(cells[key]), next(filter(None, map(precision_of, said)), None), key
            return
    for key, value in cells.items():
        plain = key.replace("\\", "")
        if any(word in plain.lower() for word in ("speedup", "scaling", "asp", "speed-up", "latency", "time", "batch", "accumul", "map")):
            continue
        if "throughput" in plain.lower() or "img/s" in plain.lower():
            yield first_number(value), precision_of(plain), plain


def batches(cells):
    """precision -> (samples of one pass of one chip, passes)."""
    key = next((key for key in cells if re.match(r"batch", key, re.I) and "Accumulated" not in key), None)
    if key is None:
        return {}
    values = numbers(cells[key])
    steps_key = next((key for key in cells if re.match(r"(Accumulation steps|Gradient Accumulation)", key)), None)
    steps = numbers(cells[steps_key]) if steps_key else [1]
    if not values or not steps:
        return {}
    if len(values) == 1:
        values *= 2
    if len(steps) == 1:
        steps *= 2
    if steps_key and steps_key.startswith("Accumulation") and not any("Accumulated" in key for key in cells):
        values = [value / step for value, step in zip(values, steps)]
    said = key + cells[key]
    mixed_first = re.search(r"mixed precision, *(FP|TF)32", said) is not None
    order = ("f16", "f32") if mixed_first else ("f32", "f16")
    out = {kind: (value, step) for kind, value, step in zip(order, values, steps)}
    out["tf32"] = out["f32"]
    out["i8"] = out["f16"]
    return out


def readme_rows(table):
    rows, left_out = [], {}

    def skip(reason):
        left_out[reason] = left_out.get(reason, 0) + 1

    for entry in table:
        path, heading, context = entry["path"], entry["heading"], entry["context_line"]
        if not READMES.search(path) or re.search(r"accuracy|loss|stability|Training time|Training Time|at scale|Quantization", heading):
            continue
        cells = dict(cell.split("=", 1) for cell in entry["row"].split(" ; ") if "=" in cell)
        found = list(rates(cells, heading, context))
        if not found:
            skip("no throughput")
        training = "raining" in heading.split("Results")[-1].split("results")[0] or "raining performance" in heading
        sizes = batches(cells)
        device = device_of(heading.split("Performance")[-1]) or device_of(heading)
        for rate, dtype, key in found:
            if not sizes:
                skip("no batch")
            elif not rate:
                skip("no throughput")
            elif not device:
                skip("no chip")
            elif not dtype:
                skip("no precision")
            else:
                batch, passes = sizes[dtype]
                model = model_of(path, heading, context, cells)
                nodes = first_number(cells.get("Nodes") or cells.get("Num Nodes") or "") or 1
                chips = first_number(cells.get("GPUs") or cells.get("Number of GPUs") or "") or 1
                if "Nodes" in cells or "Num Nodes" in cells:
                    chips = nodes * PER_NODE.get(device, 1)
                row = dict.fromkeys(COLUMNS, "")
                row.update(
                    device=device,
                    workload=model,
                    mode="train" if training else "infer",
                    batch=f"{batch:g}",
                    dtype=dtype if "Precision" in cells else dtype_on(device, dtype),
                    runtime=runtime_of(path, heading, context + key),
                    dp=f"{chips:g}" if training else "1",
                    micro_batches=f"{passes:g}" if training else "1",
                    latency_ms=f"{batch * (passes if training else 1) * (chips if training else 1) / rate * 1e3:.6g}",
                )
                if "bert" in model:
                    row["seq"] = f"{sequence_of(heading, cells, training):g}"
                    row["predicted"] = "0.156" if training and "Pre-training" in heading else "0"
                if "Resolution" in cells:
                    row["picture"] = f"{first_number(cells['Resolution']):g}"
                if batch != int(batch):
                    skip("a batch that its accumulation does not divide")
                else:
                    rows.append(row)
    return rows, left_out


MEGATRON = {"megatron-22B": "megatron-22b", "gpt3-175B": "megatron-175b", "turing-530B": "megatron-530b", "megatron-1T": "megatron-1t"}


def megatron_rows(table):
    rows = []
    for entry in table:
        if entry["metric"] != "iteration_time_s":
            continue
        row = dict.fromkeys(COLUMNS, "")
        row.update(
            device="dgx-a100",
            workload=MEGATRON[entry["model"]],
            mode="train",
            batch=entry["microbatch"],
            seq=entry["seq"],
            dtype="f16",
            runtime="megatron",
            recompute="full" if entry["mode"] == "full" else "selective",
            sequence_parallel="0" if entry["mode"] == "full" else "1",
            micro_batches=str(int(entry["batch"]) // int(entry["microbatch"])),
            tp=entry["tp"],
            pp=entry["pp"],
            dp=entry["dp"],
            interleave=entry["interleave"],
            latency_ms=str(float(entry["value"]) * 1e3),
        )
        rows.append(row)
    return rows, {}


# Layouts of the figures that give no other: tensor, pipeline, passes, interleaving, batch of a pass.
MEGATRON_LAYOUTS = {
    "megatron-22B": (8, 1, 1, 1, 4),
    "gpt3-175B": (8, 8, 64, 3, 1),
    "turing-530B": (8, 35, 280, 3, 1),
    "megatron-1T": (8, 64, 512, 1, 1),
}


def memory_rows(path):
    """(rows with `_gib`, what it is, the column that predicts it) of Megatron's memory; nothing of other tables."""
    with open(path, newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    if "metric" not in table[0]:
        return
    for metric, kind, column in (
        ("memory_GiB_par_opt", "memory: weights and optimiser", "state_gib"),
        ("memory_GiB_act", "memory: activations", "activations_gib"),
    ):
        rows = []
        for entry in table:
            if entry["metric"] != metric:
                continue
            tp, pp, passes, pieces, batch = MEGATRON_LAYOUTS[entry["model"]]
            spares = entry["mode"] == "seqsel"
            row = dict.fromkeys(COLUMNS, "")
            row.update(
                device="dgx-a100",
                workload=MEGATRON[entry["model"]],
                mode="train",
                batch=str(batch),
                seq="2048",
                dtype="f16",
                runtime="megatron",
                recompute="selective" if spares else "none",
                sequence_parallel="1" if spares else "0",
                micro_batches=str(passes),
                tp=str(tp),
                pp=str(pp),
                interleave=str(pieces),
                _gib=float(entry["value"]),
            )
            rows.append(row)
        yield rows, kind, column


def vtrain_rows(table):
    """Whether layers are recomputed is not said; the large models would not fit otherwise, so it is taken for all."""
    rows = []
    for entry in table:
        row = dict.fromkeys(COLUMNS, "")
        passes = int(entry["global_batch"]) // (int(entry["dp"]) * int(entry["micro_batch"]))
        row.update(
            device="dgx-a100",
            workload="gpt3-125m",
            mode="train",
            batch=entry["micro_batch"],
            seq=entry["seq"],
            dtype="f16",
            runtime="deepspeed",
            recompute="full",
            micro_batches=str(passes),
            tp=entry["tp"],
            pp=entry["pp"],
            dp=entry["dp"],
            layers=entry["layers"],
            hidden=entry["hidden"],
            heads=entry["heads"],
            vocabulary="51200",
            latency_ms=entry["iter_ms"],
        )
        rows.append(row)
    return rows, {}


def rows_of(path):
    """None for a table of another kind."""
    with open(path, newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    columns = set(table[0])
    if {"path", "heading", "context_line", "row"} <= columns:
        return readme_rows(table)
    if {"metric", "mode", "microbatch"} <= columns:
        return megatron_rows(table)
    if {"params_b", "micro_batch", "iter_ms"} <= columns:
        return vtrain_rows(table)
    return None
