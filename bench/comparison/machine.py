"""What a result depends on besides the models: the machine and the versions."""

import datetime
import importlib.metadata
import json
import pathlib
import platform
import re
import subprocess
import tempfile

from places import ATLAS, ROOT

FLAGS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "avx512_fp16", "amx_tile")
PACKAGES = ("onnxruntime", "openvino", "ncnn", "pnnx", "numpy")
TRIES = 5
KINDS = 10


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text()

    def field(name):
        found = re.search(rf"^{name}\s*: (.*)$", text, re.MULTILINE)
        return found[1] if found else "unknown"

    maker = {"GenuineIntel": "intel", "AuthenticAMD": "amd"}.get(field("vendor_id"), field("vendor_id").lower())
    flags = field("flags").split()
    return {
        "name": f"{maker}-{field('cpu family')}-{field('model')}",
        "processor": field("model name"),
        "family_model_stepping": [int(field(n)) for n in ("cpu family", "model", "stepping")],
        "flags": [flag for flag in FLAGS if flag in flags],
    }


def describe():
    doctor = json.loads(subprocess.run([ATLAS, "doctor", "--json"], check=True, capture_output=True, text=True).stdout)
    cpu = doctor["cpu"]
    return processor() | {
        "cpus": cpu["online_cpus"],
        "caches": [f"L{c['level']}{c['kind'].replace('u', '')} {c['bytes'] >> 10} KiB" for c in cpu["caches"]],
        "memory_bytes": doctor["memory"]["bytes"],
        "virtual": "hypervisor" in pathlib.Path("/proc/cpuinfo").read_text(),
        "kernel": platform.release(),
        "huge_pages": re.search(r"\[(\w+)\]", pathlib.Path(
            "/sys/kernel/mm/transparent_hugepage/enabled").read_text())[1],
    }


def versions():
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"atlas": commit.stdout.strip() or "unknown", "python": platform.python_version()} | found


def today():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def profile(model, threads, cpus, *more):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "profile.json"
        command = ["taskset", "-c", ",".join(map(str, cpus)), ATLAS, "profile", str(model), "--threads", str(threads)]
        subprocess.run([*command, "--json", str(report), *more], check=True, capture_output=True)
        return json.loads(report.read_text())


def peak_flops(threads, cpus):
    """Operations of f32 a second at the roof that `atlas profile` measures; the best of a few, since others only take
    from it."""
    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder) / "any.txt"
        model.write_text('graph "any" { input x: f32[1]  y: f32[1] = Neg(x)  output y }')
        made = [profile(model, threads, cpus, "--runs", "1") for _ in range(TRIES)]
    return max(one["roof"]["operations_per_s"]["f32"] for one in made)


def where_time_goes(model, inputs, threads, cpus):
    """Operations of a run (a multiply-add is two), and the kinds of steps that take Atlas longest: like ones in one."""
    made = profile(model, threads, cpus, "--input", inputs, "--runs", "3")
    kinds = {}
    for event in made["events"]:
        key = event["op"], event["shape"], event["operations"]
        kind = kinds.setdefault(key, {"op": key[0], "shape": key[1], "operations": key[2], "steps": 0, "us": 0})
        kind["steps"] += 1
        kind["us"] += event["duration_us"] - event["nested_us"]
    slowest = sorted(kinds.values(), key=lambda kind: -kind["us"])
    return {"operations": made["operations"], "slowest": slowest[:KINDS]}
