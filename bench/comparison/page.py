"""The tables and charts of docs/performance.md, from the files under bench/results."""

import json

import chart
from places import RESULTS, ROOT
from results import BUSY, ENGINES, SHORT, best_ratio, others, part_of_peak, summary

PAGE = ROOT / "docs/performance.md"
START, END = "<!-- results -->\n", "<!-- end of results -->\n"


def shown_ms(ms):
    return f"{ms:.3f}" if ms < 1 else f"{ms:.2f}" if ms < 100 else f"{ms:.0f}"


def table(rows, peaks):
    took_part = [name for name in ENGINES if any(name in row.get("engines", {}) for row in rows)]
    lines = ["| Model | Threads | " + " | ".join(SHORT[name] for name in took_part) +
             " | Atlas p90 | Ratio | Of peak | Load: Atlas, ORT, OpenVINO | MB: Atlas, ORT, OpenVINO |",
             "|---|---|" + "---|" * len(took_part) + "---|---|---|---|---|"]
    for row in rows:
        start = f"| {row['name']} | {row['threads']} |"
        if "problem" in row:
            lines.append(f"{start} {row['problem']} |")
            continue
        engines = row["engines"]
        own = engines["atlas"]

        def each(of):
            return ", ".join(of(engines[name]) if name in engines else "-" for name in ENGINES[:3])

        cells = [shown_ms(engines[name]["median_ms"]) if name in engines else "-" for name in took_part]
        cells += [shown_ms(own["p90_ms"]), f"**{best_ratio(row):.2f}**", part_of_peak(row, peaks),
                  each(lambda figures: f"{figures['load_ms']:.0f}"),
                  each(lambda figures: f"{figures['peak_bytes'] / 1e6:.0f}")]
        lines.append(f"{start} {' | '.join(cells)} |")
    return lines


def left_out(rows):
    """Which engines have no time, and why: once for all numbers of threads."""
    reasons = {}
    for row in rows:
        for engine, why in row["refused"].items():
            if engine != "atlas":
                reasons.setdefault((SHORT[engine], why), {})[row["name"]] = None
    lines = []
    for (engine, why), names in sorted(reasons.items()):
        escaped = why.replace("<", "&lt;").replace("|", "\\|")
        lines.append(f"- {engine}, {', '.join(names)}: {escaped}")
    return ["", "Left out:", "", *lines] if lines else []


def section(made, picture, title):
    machine, rows, peaks = made["machine"], made["rows"], made["peak_flops"]
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    peak = ", ".join(f"{flops / 1e9:.0f} GFLOP/s with {n}" for n, flops in peaks.items())
    virtual = ", a virtual machine" if machine["virtual"] else ""
    return [
        f"### {rows[0]['precision']} on {machine['processor']}, {machine['name']}",
        "",
        f"{machine['cpus']} processors ({' '.join(machine['flags'])}; {', '.join(machine['caches'])}){virtual}; "
        f"measured peak of f32: {peak} threads. {versions}. {made['date']}, {made['rounds']} rounds of "
        f"{made['seconds']:g} s; other programs took at most {others(rows):.0%} of the processors' time.",
        "",
        *(["**The machine was busy: these figures say little until they are made again on a quiet one.**", ""]
          if others(rows) > BUSY else []),
        *(f"- {line}" for line in summary(rows)),
        "",
        f"![{title}]({picture})",
        "",
        *table(rows, peaks),
        *left_out(rows),
        "",
    ]


def files():
    """path -> text of the page and its charts."""
    out, lines = {}, []
    for path in sorted(RESULTS.glob("*.json")):
        made = json.loads(path.read_text())
        picture = PAGE.with_name(f"performance-{path.stem}.svg")
        title = f"{made['rows'][0]['precision']}, {made['machine']['name']}, {made['date'][:10]}"
        out[picture] = chart.bars(made["rows"], title)
        lines += section(made, picture.name, title)
    before, rest = PAGE.read_text().split(START)
    out[PAGE] = before + START + "\n" + "\n".join(lines) + END + rest.split(END)[1]
    return out


def write():
    for path, text in files().items():
        path.write_text(text)
