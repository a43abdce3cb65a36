"""An engine's worker process as bench/compare holds it: stopped whenever it is not its turn."""

import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import time

from places import PYTHON

HERE = pathlib.Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")


class Refused(Exception):
    """The engine cannot do this model, and why."""


def busy_ticks(cpus):
    """Ticks that these processors spent on anybody."""
    total = 0
    with open("/proc/stat") as lines:
        for line in lines:
            name, *fields = line.split()
            if name.removeprefix("cpu").isdigit() and int(name.removeprefix("cpu")) in cpus:
                user, nice, system, _, _, irq, softirq, steal = map(int, fields[:8])
                total += user + nice + system + irq + softirq + steal
    return total


class EngineProcess:
    def __init__(self, engine, task, log, limit_s, path=PYTHON):
        """`path` is where Python finds the engine's package, if it is not installed."""
        self.cpus, self.limit_s, self.pending = set(task["cpus"]), limit_s, b""
        self.process = subprocess.Popen(
            [sys.executable, HERE / "worker.py", engine, json.dumps(task)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "PYTHONPATH": path},
        )
        try:
            self.ready = self.reply()
            self.stop()
        except BaseException:
            self.end()
            raise

    def ticks(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return fields[0], int(fields[11]) + int(fields[12])

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + 10
        while self.ticks()[0] != "T":
            if time.monotonic() > until:
                raise RuntimeError("a worker that was told to stop still runs")
            time.sleep(0.001)

    def reply(self):
        until = time.monotonic() + self.limit_s
        while b"\n" not in self.pending:
            if not select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))[0]:
                raise Refused(f"no answer within {self.limit_s} s")
            part = os.read(self.process.stdout.fileno(), 1 << 20)
            if not part:
                raise Refused(f"ended with {self.process.wait()}")
            self.pending += part
        line, _, self.pending = self.pending.partition(b"\n")
        told = json.loads(line)
        if "error" in told:
            raise Refused(told["error"])
        return told

    def ask(self, **command):
        """What the worker replies, and which part of the processors' time others took meanwhile."""
        started, own, all_ = time.monotonic(), self.ticks()[1], busy_ticks(self.cpus)
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()
        told = self.reply()
        self.stop()
        others = busy_ticks(self.cpus) - all_ - (self.ticks()[1] - own)
        seconds = (time.monotonic() - started) * len(self.cpus)
        return told | {"others": max(0.0, others / TICKS / seconds)}

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
