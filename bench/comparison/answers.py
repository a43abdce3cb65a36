"""Whether two engines gave the same answers."""

import numpy as np


def read(path):
    with np.load(path) as arrays:
        return [arrays[name] for name in arrays.files]


def difference(got, expected):
    """The largest difference in parts of the output's largest value. ncnn leaves sizes of 1 away."""
    if len(got) != len(expected):
        return float("inf")
    worst = 0.0
    for a, b in zip(got, expected):
        if a.size != b.size or [n for n in a.shape if n > 1] != [n for n in b.shape if n > 1]:
            return float("inf")
        a, b = a.astype(np.float64).reshape(-1), b.astype(np.float64).reshape(-1)
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            return float("inf")
        if b.size:
            worst = max(worst, float(np.abs(a - b).max() / (np.abs(b).max() or 1)))
    return worst


def variation(first, second):
    """How far the answers to two inputs are apart: of the output that differs most."""
    return max((difference([a], [b]) for a, b in zip(first, second, strict=True)), default=0.0)
