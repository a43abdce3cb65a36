"""The command line program under test."""

import os
import pathlib
import subprocess
import time
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent
ATLAS = os.environ.get("ATLAS", str(ROOT / "build/release/atlas"))


@dataclass
class Run:
    code: int
    output: str
    error: str
    seconds: float


def atlas(*arguments, env=None, cwd=None, timeout=300):
    """Runs `atlas ARGUMENTS...`; `env` adds to the environment."""
    started = time.monotonic()
    done = subprocess.run(
        [ATLAS, *map(str, arguments)],
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        timeout=timeout,
    )
    return Run(done.returncode, done.stdout, done.stderr, time.monotonic() - started)
