"""What fuzzing started from and what it found, run through each target again (tools/fuzz does the fuzzing)."""

import os
import pathlib
import subprocess
import unittest

from program import ATLAS, ROOT

FOLDER = pathlib.Path(__file__).parent / "fuzz"
PROGRAM = pathlib.Path(ATLAS).parent / "fuzz"
LIMIT_S = 300
# Under the address sanitizer a request for more memory than there is must be an error, as it is without.
ENVIRONMENT = {
    **os.environ,
    "ASAN_OPTIONS": "allocator_may_return_null=1",
    "LSAN_OPTIONS": f"suppressions={ROOT}/tools/leak_suppressions.txt:print_suppressions=0",
}


def inputs_of(target):
    return [str(p) for kind in ("corpus", "findings") for p in sorted((FOLDER / kind / target).glob("*"))]


class Fuzz(unittest.TestCase):
    def test_every_input_ends_well(self):
        targets = sorted(path.name for path in (FOLDER / "corpus").iterdir())
        self.assertGreaterEqual(len(targets), 9)
        for target in targets:
            with self.subTest(target):
                files = inputs_of(target)
                self.assertGreater(len(files), 5)
                run = subprocess.run(
                    [PROGRAM, f"--target={target}", *files],
                    capture_output=True,
                    text=True,
                    errors="replace",
                    timeout=LIMIT_S,
                    env=ENVIRONMENT,
                )
                self.assertEqual(run.returncode, 0, f"{run.stdout[-200:]}{run.stderr[-2000:]}")

    def test_unknown_targets_are_told(self):
        run = subprocess.run([PROGRAM, "--target=nothing"], capture_output=True, text=True, timeout=LIMIT_S)
        self.assertEqual(run.returncode, 2)
        self.assertIn("onnx text image", run.stderr)


if __name__ == "__main__":
    unittest.main()
