"""Whether two engines gave the same answers."""

import numpy as np


def read(path):
    with np.load(path) as arrays:
        return [arrays[name] for name in arrays.files]


def largest(a, b):
    """The largest difference, in parts of the largest value."""
    return np.abs(a - b).max() / (np.abs(b).max() or 1)


def typical(a, b):
    """The root of the mean square of the differences, in parts of the standard deviation."""
    return np.sqrt(np.mean((a - b) ** 2)) / (b.std() or 1)


def difference(got, expected, measure=largest):
    """That of the output that differs most. ncnn leaves sizes of 1 away."""
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
            worst = max(worst, float(measure(a, b)))
    return worst


def variation(first, second, measure=largest):
    """How far the answers to two inputs are apart: of the output that differs most."""
    return max((difference([a], [b], measure) for a, b in zip(first, second, strict=True)), default=0.0)
