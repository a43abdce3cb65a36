"""Predicted against measured times as a picture: both axes logarithmic, the diagonal is a prediction that holds."""

import math
import zlib

SIDE, LEFT, TOP = 320, 64, 34
COLOURS = ("#93a5c4", "#0a62c4", "#c4560a")
MOST_POINTS = 800  # of a series; others are left out, the same ones each time


def kept(points):
    step = max(1, math.ceil(len(points) / MOST_POINTS))
    return [p for i, p in enumerate(points) if step == 1 or zlib.crc32(str(i).encode()) % step == 0]


def label(exponent):
    names = {-6: "1 ns", -3: "1 us", 0: "1 ms", 3: "1 s", 6: "1000 s"}
    return names.get(exponent, "")


def scatter(series, title):
    """`series`: name -> [(measured_us, predicted_us)], the first below the others. Returns SVG."""
    values = [v for points in series.values() for point in points for v in point if v > 0]
    low, high = (math.log10(f(values)) for f in (min, max))
    low, high = low - 0.05 * (high - low + 1), high + 0.05 * (high - low + 1)
    x = lambda us: LEFT + SIDE * (math.log10(us) - low) / (high - low)
    y = lambda us: TOP + SIDE * (1 - (math.log10(us) - low) / (high - low))
    out = []
    for decade in range(math.ceil(low), math.floor(high) + 1):
        at, name = 10.0**decade, label(decade - 3)
        out.append(f'<path d="M{x(at):.0f} {TOP}v{SIDE}M{LEFT} {y(at):.0f}h{SIDE}" stroke="#eee"/>')
        if name:
            out.append(f'<text x="{x(at):.0f}" y="{TOP + SIDE + 16}" text-anchor="middle">{name}</text>')
            out.append(f'<text x="{LEFT - 6}" y="{y(at) + 4:.0f}" text-anchor="end">{name}</text>')
    out.append(f'<path d="M{LEFT} {TOP + SIDE}L{LEFT + SIDE} {TOP}" stroke="#888"/>')
    for i, (name, points) in enumerate(series.items()):
        dots = "".join(f"M{x(m):.0f} {y(p):.0f}h.1" for m, p in kept(points) if m > 0 and p > 0)
        out.append(f'<path d="{dots}" stroke="{COLOURS[i]}" stroke-width="3" stroke-linecap="round"/>')
        out.append(f'<text x="{LEFT + 8}" y="{TOP + 16 + 15 * i}" fill="{COLOURS[i]}">{name}</text>')
    width, height = LEFT + SIDE + 20, TOP + SIDE + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="{width}" height="{height}" fill="#fff"/>'
        f'<text x="{LEFT}" y="20" font-weight="bold">{title}</text>{"".join(out)}'
        f'<text x="{LEFT + SIDE / 2:.0f}" y="{height - 6}" text-anchor="middle">measured</text>'
        f'<text x="14" y="{TOP + SIDE / 2:.0f}" text-anchor="middle" transform="rotate(-90 14 {TOP + SIDE / 2:.0f})">'
        "predicted</text></svg>\n"
    )
