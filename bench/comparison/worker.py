"""One engine in a process of its own: a line of JSON in, a line of JSON out.

worker.py ENGINE '{"model": ..., "inputs": [A.npz, B.npz], "threads": N, "cpus": [...], "setting": {...}}'

Says how it loaded, then obeys: {"do": "check"} runs both inputs and writes what comes out, {"do": "time",
"seconds": S} runs the first for so long, {"do": "memory"} tells the largest memory of the process."""

import ctypes
import gc
import importlib
import json
import os
import re
import signal
import sys
import time

PR_SET_PDEATHSIG = 1  # of linux/prctl.h


def peak_bytes():
    """Of this program alone: what getrusage tells may be that of the process that started it."""
    with open("/proc/self/status") as status:
        return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])


class Worker:
    def __init__(self, engine, task):
        import numpy as np

        self.numpy = np
        module = importlib.import_module(f"{engine}_engine")
        self.task = task
        self.inputs = []
        for path in task["inputs"]:
            with np.load(path) as arrays:
                self.inputs.append({name: arrays[name] for name in arrays.files})
        if hasattr(module, "prepare"):
            module.prepare(task["model"], self.inputs[0])
        before = peak_bytes()
        started = time.perf_counter()
        self.engine = module.Engine(task["model"], self.inputs[0], task["threads"], task["setting"])
        load_ms = 1000 * (time.perf_counter() - started)
        started = time.perf_counter()
        self.engine.run()
        first_ms = 1000 * (time.perf_counter() - started)
        self.ready = {"load_ms": load_ms, "first_ms": first_ms, "before_bytes": before}

    def check(self, _):
        files = []
        for i, arrays in enumerate(self.inputs):
            self.engine.set_inputs(arrays)
            path = f"{self.task['answers']}{i}.npz"
            outputs = self.engine.run()
            self.numpy.savez(path, **{f"{n:03}": value for n, value in enumerate(outputs)})
            files.append(path)
        self.engine.set_inputs(self.inputs[0])
        return {"answers": files}

    def time(self, command):
        run, clock, times = self.engine.run, time.perf_counter_ns, []
        run()  # the caches hold what another engine left there
        end = clock() + int(1e9 * command["seconds"])
        now = clock()
        while now < end or len(times) < command["least"]:
            run()
            then = clock()
            times.append(then - now)
            now = then
        return {"ms": [t / 1e6 for t in times]}

    def memory(self, _):
        return {"peak_bytes": peak_bytes()}


def main():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a stopped process would outlive who started it
    # Libraries may print; what they say goes to the log.
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    task = json.loads(sys.argv[2])
    os.sched_setaffinity(0, task["cpus"])

    def reply(do):
        try:
            told = do()
        except Exception as error:  # whatever an engine throws is a result: this engine cannot
            told = {"error": str(error) or type(error).__name__}
        replies.write(json.dumps(told) + "\n")
        return told

    made = []
    if "error" in reply(lambda: made.append(Worker(sys.argv[1], task)) or made[0].ready):
        return
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        command = json.loads(line)
        reply(lambda: getattr(made[0], command["do"])(command))


if __name__ == "__main__":
    main()
