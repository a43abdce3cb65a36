"""Where programs and files are."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ATLAS = os.environ.get("ATLAS", str(ROOT / "build/release/atlas"))
PYTHON = os.environ.get("ATLAS_PYTHON", str(ROOT / "build/release/python"))
MODELS = ROOT / "out/models"
RESULTS = ROOT / "bench/results"
