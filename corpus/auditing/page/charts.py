"""Charts as inline SVG: a bar in a row of a table, and a histogram. No script.

Colours come from the page's style sheet, by class: `s0`, `s1`, ... for the parts of a whole,
`gone` for what was removed, `left` for what stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log10

from corpus.markup import html

WIDTH, HEIGHT, LEFT, BOTTOM = 760, 190, 56, 24
"""Of a histogram, in units of its own; it scales with the page."""

MAP = 560
"""The side of a map of points."""


def bar(parts: Sequence[tuple[float, str]], whole: float) -> str:
    """Return a bar of parts (length, class), one after another, on a line of length `whole`."""
    rects, at = [], 0.0
    for length, kind in parts:
        width = 100 * length / whole if whole else 0
        if width:
            rects.append(f'<rect class="{kind}" x="{at:.3f}" width="{width:.3f}" height="8"/>')
        at += width
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(rects)}</svg>"
    )


def histogram(
    labels: Sequence[str], stacks: Sequence[Sequence[int]], *, title: str, ticks: Sequence[str] = ()
) -> str:
    """Return a histogram: a column for each label, made of one part for each of `stacks`.

    `ticks` says what stands below a column, empty for most; without it, about eight labels do.
    """
    n = len(labels)
    sums = [sum(stack[i] for stack in stacks) for i in range(n)]
    top = ceiling(max(sums, default=0))
    step = (WIDTH - LEFT) / max(n, 1)
    every = max(1, ceil(n / 8))
    below = ticks or [label if i % every == 0 else "" for i, label in enumerate(labels)]
    drawn = [_grid(top)]
    for i, label in enumerate(labels):
        x, y = LEFT + i * step, float(HEIGHT - BOTTOM)
        told = html(f"{label}: {sums[i]:,}")
        drawn.append(f"<g><title>{told}</title>")
        for kind, stack in enumerate(stacks):
            height = stack[i] / top * (HEIGHT - BOTTOM - 12)
            y -= height
            if stack[i]:
                shape = f'x="{x + 0.5:.1f}" y="{y:.1f}" width="{max(step - 1, 0.6):.1f}"'
                drawn.append(f'<rect class="s{kind}" {shape} height="{max(height, 0.7):.1f}"/>')
        drawn.append("</g>")
        if below[i]:
            drawn.append(f'<text x="{x:.1f}" y="{HEIGHT - 8}">{html(below[i])}</text>')
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{html(title)}</title>{''.join(drawn)}</svg>"
    )


def dot(kind: int) -> str:
    """Return the key of a kind of points on a map."""
    shape = f'<circle class="t{kind}" cx="4" cy="4" r="4"/>'
    return f'<svg class="key" viewBox="0 0 8 8" aria-hidden="true">{shape}</svg>'


def scatter(points: Sequence[Sequence[float]], *, title: str) -> str:
    """Return a map of points (kind, x, y), each of x and y between -1 and 1."""
    dots = "".join(
        f'<circle class="t{int(kind)}" cx="{MAP / 2 * (1 + 0.96 * x):.0f}" '
        f'cy="{MAP / 2 * (1 - 0.96 * y):.0f}" r="3.5"/>'
        for kind, x, y in points
    )
    return (
        f'<svg class="map" viewBox="0 0 {MAP} {MAP}" role="img"><title>{html(title)}</title>'
        f"{dots}</svg>"
    )


def curve(points: Sequence[Sequence[float]], *, title: str, across: str, up: str) -> str:
    """Return a line through points (x, y), both above nothing, on logarithmic axes."""
    if len(points) < 2:
        return ""
    xs, ys = ([log10(point[i]) for point in points] for i in (0, 1))
    right, top = ceil(max(xs)) or 1, ceil(max(ys)) or 1
    places = [
        (
            LEFT + x / right * (WIDTH - LEFT - 10),
            HEIGHT - BOTTOM - y / top * (HEIGHT - BOTTOM - 12),
        )
        for x, y in zip(xs, ys, strict=True)
    ]
    lines = []
    for power in range(right + 1):
        x = LEFT + power / right * (WIDTH - LEFT - 10)
        kind = ' class="end"' if power == right else ""
        lines.append(f'<text{kind} x="{x:.1f}" y="{HEIGHT - 8}">{10**power:,}</text>')
    for power in range(0, top + 1, max(1, top // 4)):
        y = HEIGHT - BOTTOM - power / top * (HEIGHT - BOTTOM - 12)
        lines.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH}"/>')
        lines.append(f'<text class="end" x="{LEFT - 6}" y="{y + 4:.1f}">{10**power:,}</text>')
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    said = html(f"{title}: {up} by {across}, both axes logarithmic")
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{said}</title>'
        f'{"".join(lines)}<polyline class="line" points="{drawn}"/></svg>'
    )


def ceiling(value: float) -> int:
    """Return the next round number whose half is whole: 2, 30, 400 and the like."""
    if value <= 2:
        return 2
    power = 10 ** int(log10(value))
    steps = (1, 2, 4, 6, 8, 10, 20) if power == 1 else (1, 2, 3, 4, 5, 6, 8, 10, 20)
    return next(step * power for step in steps if step * power >= value)


def _grid(top: int) -> str:
    """Return the lines at nothing, half and all of `top`, with their numbers."""
    lines = []
    for value in (0, top // 2, top):
        y = HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - 12)
        lines.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH}"/>')
        lines.append(f'<text class="end" x="{LEFT - 6}" y="{y + 4:.1f}">{value:,}</text>')
    return "".join(lines)


def legend(names: Sequence[str]) -> str:
    """Return which colour is which part; nothing where there is one part alone."""
    if len(names) < 2:
        return ""
    keys = [
        f'<span><svg class="key" viewBox="0 0 8 8" aria-hidden="true"><rect class="s{kind}" '
        f'width="8" height="8"/></svg>{html(name)}</span>'
        for kind, name in enumerate(names)
    ]
    return f'<p class="legend">{" ".join(keys)}</p>'
