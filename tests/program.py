"""The command line program under test."""

import os
import pathlib
import resource
import subprocess
import time
import unittest
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent
ATLAS = os.environ.get("ATLAS", str(ROOT / "build/release/atlas"))


@dataclass
class Run:
    code: int
    output: str
    error: str
    seconds: float


def atlas(*arguments, env=None, cwd=None, timeout=300, address_space=None):
    """Runs `atlas ARGUMENTS...`; `env` adds to the environment, `address_space` limits it, in bytes."""
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
        preexec_fn=address_space and (lambda: resource.setrlimit(resource.RLIMIT_AS, (address_space,) * 2)),
    )
    return Run(done.returncode, done.stdout, done.stderr, time.monotonic() - started)


def fetched(name):
    """Paths of a zoo entry's files, fetched if need be; skips the test where the registry is out of reach."""
    run = atlas("zoo", "fetch", name)
    if run.code != 0:
        raise unittest.SkipTest(run.error.strip())
    return [pathlib.Path(line) for line in run.output.splitlines()]
