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


def name_and_threads(one):
    name, threads = one["name"].split("/")[:2]
    return name, int(threads)


def peaks(repetitions):
    """threads -> format -> the most operations a second that were measured beside any repetition."""
    found = {}
    for one in repetitions:
        if one["computing_us"] > 0:
            rates = found.setdefault(name_and_threads(one)[1], {})
            rate = one["operations"] * one["real_time"] / one["computing_us"]
            rates[one["label"]] = max(rate, rates.get(one["label"], 0))
    return found


def judged(found, peak):
    """Figures of a row from its repetitions, and the operations a second that its format may reach."""
    name, threads = name_and_threads(found[0])
    times = [one["real_time"] for one in found]
    operations = round(found[0]["operations"] * times[0] / 1e6)
    least = {bound: min(one[f"{bound}_us"] for one in found) for bound in ("reading", "copying")}
    if operations:
        least[f"{found[0]['label']} arithmetic"] = operations / peak[threads][found[0]["label"]] * 1e6
    bound = max(least, key=least.get)
    return {
        "name": name,
        "threads": threads,
        "best_us": min(times),
        "median_us": statistics.median(times),
        "operations": operations,
        "bytes": round(found[0]["set_bytes"]),
        "least_us": least[bound],
        "bound": bound,
    }


def measure(paths, repetitions, least_s=LEAST_S):
    told, others = report(paths, repetitions, least_s)
    all_ = [one for one in told["benchmarks"] if one["run_type"] == "iteration"]
    repeated = {}
    for one in all_:
        repeated.setdefault(one["name"], []).append(one)
    peak = peaks(all_)
    places = {path.stem: place for place, path in enumerate(paths)}
    rows = sorted((judged(found, peak) for found in repeated.values()),
                  key=lambda row: (places[row["name"]], row["threads"]))
    read = {key.rsplit("_", 1)[1]: value for key, value in told["context"].items() if key.startswith("read_gbps")}
    return {"repetitions": repetitions, "others": others, "peak_operations": peak, "read_gbps": read, "rows": rows}
