"""What build/release/operator_benchmark tells of model files: times, rates and the least time that there could be."""

import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

from engine_process import TICKS, busy_ticks
from places import ROOT

PROGRAM = pathlib.Path(os.environ.get("ATLAS_OPERATOR_BENCHMARK", ROOT / "build/release/operator_benchmark"))
LEAST_S = 0.004  # of a repetition: shorter than a time slice, so that some are not disturbed


def report(paths, repetitions, least_s=LEAST_S):
    """Google Benchmark's own report, and which part of the processors' time others took meanwhile."""
    if not PROGRAM.exists():
        raise SystemExit(f"{PROGRAM}: expected the program (tools/setup --bench, then cmake with -DATLAS_BENCH=ON)")
    cpus = os.sched_getaffinity(0)

    def spent():
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.monotonic(), busy_ticks(cpus) / TICKS - own.ru_utime - own.ru_stime

    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "report.json"
        started, before = spent()
        # Repetitions of all rows are mixed, so that nobody's all fall into a bad moment.
        subprocess.run([PROGRAM, f"--benchmark_repetitions={repetitions}", f"--benchmark_min_time={least_s}",
                        "--benchmark_enable_random_interleaving=true", f"--benchmark_out={out}",
                        "--benchmark_out_format=json", *paths], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        ended, after = spent()
        return json.loads(out.read_text()), max(0.0, (after - before) / (ended - started) / len(cpus))


def judged(found):
    """Figures of a row from the repetitions of it."""
    name, threads = found[0]["name"].split("/")[:2]
    times = [one["real_time"] for one in found]
    closest = min(found, key=lambda one: one["least_us"])
    return {
        "name": name,
        "threads": int(threads),
        "best_us": min(times),
        "median_us": statistics.median(times),
        "operations": round(found[0]["operations"] * times[0] / 1e6),
        "bytes": round(found[0]["set_bytes"]),
        "least_us": closest["least_us"],
        "bound": closest["label"],
    }


def measure(paths, repetitions, least_s=LEAST_S):
    told, others = report(paths, repetitions, least_s)
    repeated = {}
    for one in told["benchmarks"]:
        if one["run_type"] == "iteration":
            repeated.setdefault(one["name"], []).append(one)
    roof = {key: value for key, value in told["context"].items() if "gops" in key or "gbps" in key}
    places = {path.stem: place for place, path in enumerate(paths)}
    rows = sorted(map(judged, repeated.values()), key=lambda row: (places[row["name"]], row["threads"]))
    return {"repetitions": repetitions, "roof": roof, "others": others, "rows": rows}
