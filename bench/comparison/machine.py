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


def operations(model):
    """Those of a run, as the operators' cost functions count them: a multiply-add is two."""
    done = subprocess.run([ATLAS, "show", str(model), "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["operations"]


def peak_flops(model, threads, cpus):
    """Operations of f32 a second at the roof that `atlas profile` measures; the best of a few, since others only take
    from it."""
    roofs = []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "profile.json"
        command = [ATLAS, "profile", str(model), "--threads", str(threads), "--runs", "1", "--json", str(path)]
        for _ in range(TRIES):
            subprocess.run(["taskset", "-c", ",".join(map(str, cpus)), *command], check=True, capture_output=True)
            roofs.append(json.loads(path.read_text())["roof"]["operations_per_s"]["f32"])
    return max(roofs)
