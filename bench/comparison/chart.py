"""Ratios as a picture: a row a model, a bar a number of threads, to the right of 1 where Atlas is faster."""

import math

from results import best_ratio

LEFT, WIDTH, TOP, ROW, BAR = 150, 470, 48, 26, 10
COLOURS = {1: "#0a62c4", 2: "#93a5c4"}
FAINT = "#eee"
MARKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


def bars(rows, title):
    """SVG of the rows that have times."""
    timed = [row for row in rows if "engines" in row]
    names = list(dict.fromkeys(row["name"] for row in timed))
    ratios = [best_ratio(row) for row in timed]
    low = max(mark for mark in MARKS if mark <= min([0.5, *ratios]) or mark == MARKS[0])
    high = min(mark for mark in MARKS if mark >= max([2, *ratios]) or mark == MARKS[-1])

    def x(ratio):
        return LEFT + WIDTH * math.log(min(max(ratio, low), high) / low) / math.log(high / low)

    bottom = TOP + ROW * len(names)
    out = []
    for mark in MARKS:
        if low <= mark <= high:
            stroke = "#888" if mark == 1 else FAINT
            out.append(f'<path d="M{x(mark):.1f} {TOP}V{bottom}" stroke="{stroke}"/>')
            out.append(f'<text x="{x(mark):.1f}" y="{bottom + 16}" text-anchor="middle">{mark:g}</text>')
    for row, ratio in zip(timed, ratios):
        y = TOP + ROW * names.index(row["name"]) + 2 + BAR * (row["threads"] - 1)
        start, end = sorted((x(1), x(ratio)))
        colour = COLOURS.get(row["threads"], "#444")
        out.append(f'<rect x="{start:.1f}" y="{y}" width="{max(1, end - start):.1f}" height="{BAR - 1}" '
                   f'fill="{colour}"/>')
        beside = f'x="{end + 4:.1f}"' if ratio >= 1 else f'x="{start - 4:.1f}" text-anchor="end"'
        out.append(f'<text {beside} y="{y + BAR - 1}" font-size="10">{ratio:.2f}</text>')
    for number, name in enumerate(names):
        out.append(f'<text x="8" y="{TOP + ROW * number + 16}">{name.removesuffix("-bf16")}</text>')  # the title says it
    for threads in sorted({row["threads"] for row in timed}):
        told = f"{threads} thread{'s' if threads > 1 else ''}"
        out.append(f'<text x="{LEFT + 90 * (threads - 1)}" y="38" fill="{COLOURS.get(threads, "#444")}">{told}</text>')
    height = bottom + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 60}" height="{height}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="8" y="20" font-weight="bold">{title}</text>{"".join(out)}'
        f'<text x="{LEFT + WIDTH / 2:.0f}" y="{height - 6}" text-anchor="middle">'
        "time of the best rival / time of Atlas</text></svg>\n"
    )
