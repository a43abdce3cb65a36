"""docs/operators.md, from the files under bench/results/operators: what is far from the roof comes first."""

import json

from operator_catalogue import reason
from places import RESULTS, ROOT
from results import BUSY, geometric_mean

PAGE = ROOT / "docs/operators.md"
START, END = "<!-- results -->\n", "<!-- end of results -->\n"
GOAL = 0.8


def of_roof(row):
    return row["least_us"] / row["best_us"]


def cells(row):
    """Best and median time, GFLOP/s, GB/s, of the roof, what bounds, ratio."""
    us = row["best_us"]
    ratio = f"{row['ratio']:.2f}" if "ratio" in row else "-"
    return [f"{us:.1f}", f"{row['median_us']:.1f}", f"{row['operations'] / us / 1e3:.1f}", f"{row['bytes'] / us / 1e3:.1f}",
            f"{of_roof(row):.0%}", row["bound"], ratio]


def head():
    return f"{'':<38} n   best us  median us    GFLOP/s    GB/s  of roof  bound            ratio"


def line(row):
    best, median, gflops, gbps, part, bound, ratio = cells(row)
    return (f"{row['name']:<38} {row['threads']}{best:>10}{median:>11}{gflops:>11}{gbps:>8}{part:>9}  {bound:<15}{ratio:>7}"
            f"{'  ' + row['problem'] if 'problem' in row else ''}")


def why(row, rows):
    """What is known of a row below the goal; of one that reaches it with one thread, just that."""
    with_one = next((of_roof(one) for one in rows if (one["name"], one["threads"]) == (row["name"], 1)), 0)
    known = reason(row["name"])
    if known is None and row["threads"] > 1 and with_one >= GOAL:
        return f"with one thread {with_one:.0%}"
    return known or "not looked into"


def table(rows, reasons=None):
    titles = ["Operator", "Threads", "Best µs", "Median µs", "GFLOP/s", "GB/s", "Of roof", "Roof", "ORT / Atlas"]
    titles += ["Slowest step", "Reason"] if reasons else []
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for row in sorted(rows, key=of_roof):
        shown = [row["name"], str(row["threads"]), *cells(row)]
        if reasons:
            shown += [f"{row['slowest_step']:.0%}" if "slowest_step" in row else "-", reasons(row)]
        lines.append(f"| {' | '.join(shown)} |")
    return [*lines, ""]


def section(made):
    machine, rows = made["machine"], made["rows"]
    below = [row for row in rows if of_roof(row) < GOAL]
    ratios = [row["ratio"] for row in rows if "ratio" in row]
    versions = ", ".join(f"{name} {made['versions'][name]}" for name in ("atlas", "onnxruntime"))
    told = [", ".join(f"{rate / 1e9:.0f} G {kind} operations" for kind, rate in peaks.items()) +
            f" a second with {threads}" for threads, peaks in sorted(made["peak_operations"].items())]
    told += [f"GB/s of reading with {threads}: {levels}" for threads, levels in sorted(made["read_gbps"].items())]
    lines = [
        f"### {machine['processor']}, {machine['name']}",
        "",
        f"{machine['cpus']} processors ({' '.join(machine['flags'])}; {', '.join(machine['caches'])}). {versions}. "
        f"{made['date']}, {made['repetitions']} repetitions. "
        f"Other programs took {made['others']:.0%} of the processors' time. "
        f"Highest measured, by threads: {'; '.join(told)}.",
        "",
    ]
    if made["others"] > BUSY:
        lines += ["**The machine was busy: these figures say little until they are made again on a quiet one.**", ""]
    for threads in sorted({row["threads"] for row in rows}):
        own = [row for row in rows if row["threads"] == threads]
        reached = sum(of_roof(row) >= GOAL for row in own)
        lines.append(f"- {threads} thread{'s' if threads > 1 else ''}: {reached} of {len(own)} rows reach {GOAL:.0%}")
    if ratios:
        lines.append(f"- ONNX Runtime's time over Atlas': geometric mean {geometric_mean(ratios):.2f}; Atlas is faster in "
                     f"{sum(ratio > 1 for ratio in ratios)} of {len(ratios)} rows")
    lines += ["", f"#### Below {GOAL:.0%}", "", *table(below, lambda row: why(row, rows))]
    if len(below) < len(rows):
        lines += ["#### The others", "", *table([row for row in rows if row not in below])]
    return lines + problems(rows)


def problems(rows):
    found = dict.fromkeys((row["name"], row["problem"]) for row in rows if "problem" in row)
    return ["Without a ratio:", "", *(f"- {name}: {why}" for name, why in found), ""] if found else []


def text():
    lines = []
    for path in sorted((RESULTS / "operators").glob("*.json")):
        lines += section(json.loads(path.read_text()))
    before, rest = PAGE.read_text().split(START)
    return before + START + "\n" + "\n".join(lines) + END + rest.split(END)[1]


def write():
    PAGE.write_text(text())
