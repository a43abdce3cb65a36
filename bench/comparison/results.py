"""Rows as lines for the terminal, and the figures that are worked out of them."""

import math

ENGINES = ("atlas", "onnxruntime", "openvino", "ncnn", "atlas_f32")
SHORT = {"atlas": "Atlas", "onnxruntime": "ORT", "openvino": "OpenVINO", "ncnn": "ncnn", "atlas_f32": "Atlas f32"}
BUSY = 0.05  # of the processors' time taken by others: more, and times say little


def best_ratio(row):
    """Best rival / Atlas: above 1 Atlas is faster than everybody."""
    return min(figures["ratio"] for name, figures in row["engines"].items() if name != "atlas")


def part_of_peak(row, peaks):
    """Atlas' operations a second as a part of the machine's, as text; none for 8 bits and for what is no arithmetic."""
    part = row["operations"] / (row["engines"]["atlas"]["median_ms"] / 1000) / peaks[str(row["threads"])]
    return f"{part:.0%}" if row["precision"] == "fp32" and part >= 0.005 else ""


def others(rows):
    """The largest part of the processors' time that other programs took while a row was timed."""
    return max((figures["others"] for row in rows for figures in row.get("engines", {}).values()), default=0)


def geometric_mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


def head():
    times = "".join(f"{SHORT[name]:>10}" for name in ENGINES)
    return f"{'median ms':<20}  n{times}       p90  ratio  of peak    load      MB  others"


def line(row, peaks):
    start = f"{row['name']:<20} {row['threads']:>2}"
    if "problem" in row:
        return f"{start}  error: {row['problem']}"
    engines = row["engines"]
    times = "".join(f"{engines[name]['median_ms']:>10.3f}" if name in engines else f"{'-':>10}" for name in ENGINES)
    ours = engines["atlas"]
    return (f"{start}{times}{ours['p90_ms']:>10.3f}{best_ratio(row):>7.2f}{part_of_peak(row, peaks):>9}{ours['load_ms']:>8.0f}"
            f"{ours['peak_bytes'] / 1e6:>8.0f}{others([row]):>8.0%}")


def summary(rows):
    """A line for each precision and number of threads."""
    lines = []
    for precision, threads in sorted({(row["precision"], row["threads"]) for row in rows}):
        own = [row for row in rows if (row["precision"], row["threads"]) == (precision, threads)]
        ratios = [best_ratio(row) for row in own if "engines" in row]
        if ratios:
            faster = sum(ratio > 1 for ratio in ratios)
            lines.append(f"{precision}, {threads} thread{'s' if threads > 1 else ''}: geometric mean of the ratios "
                         f"{geometric_mean(ratios):.2f}; faster than the best rival in {faster} of {len(ratios)} rows")
    return lines
