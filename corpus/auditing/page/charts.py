"""Draw charts as inline SVG, without any script: bars, histograms, curves and scatter plots.

Colours come from the page's style sheet, by CSS class: `s0`, `s1`, ... for splits, `t0`, `t1`, ...
for topics, `removed` and `remaining` for the bars of the funnel.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log10

from corpus.markup import html

WIDTH, HEIGHT = 760, 190
"""Size of a histogram or curve in SVG units; the drawing scales with the page."""

LEFT_MARGIN, BOTTOM_MARGIN, TOP_MARGIN = 56, 24, 12
"""Space around the plot area, in SVG units: labels of both axes, and room above the top line."""

SCATTER_SIDE = 560
"""Width and height of a scatter plot, in SVG units."""

MAX_LABELS = 8
"""Approximate number of labels below a histogram."""


def bar(segments: Sequence[tuple[float, str]], total: float) -> str:
    """Return a horizontal bar of adjacent segments (length, CSS class); `total` is full width."""
    rects, x = [], 0.0
    for length, css_class in segments:
        width = 100 * length / total if total else 0
        if width:
            rects.append(f'<rect class="{css_class}" x="{x:.3f}" width="{width:.3f}" height="8"/>')
        x += width
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(rects)}</svg>"
    )


def histogram(
    labels: Sequence[str],
    stacks: Sequence[Sequence[int]],
    *,
    title: str,
    ticks: Sequence[str] = (),
    marks: Sequence[tuple[float, str]] = (),
) -> str:
    """Return a stacked histogram: one column for each label, one segment for each of `stacks`.

    `ticks` has the text below each column, empty for most columns. Without it, about
    `MAX_LABELS` of the labels are shown. `marks` are vertical lines, each with its place in columns
    from the left and a label.
    """
    n = len(labels)
    sums = [sum(stack[i] for stack in stacks) for i in range(n)]
    top = axis_maximum(max(sums, default=0))
    step = (WIDTH - LEFT_MARGIN) / max(n, 1)
    every = max(1, ceil(n / MAX_LABELS))
    below = ticks or [label if i % every == 0 else "" for i, label in enumerate(labels)]
    drawing = [_gridlines(top)]
    for i, label in enumerate(labels):
        x, y = LEFT_MARGIN + i * step, float(HEIGHT - BOTTOM_MARGIN)
        tooltip = html(f"{label}: {sums[i]:,}")
        drawing.append(f"<g><title>{tooltip}</title>")
        for split, stack in enumerate(stacks):
            height = stack[i] / top * (HEIGHT - BOTTOM_MARGIN - TOP_MARGIN)
            y -= height
            if stack[i]:
                shape = f'x="{x + 0.5:.1f}" y="{y:.1f}" width="{max(step - 1, 0.6):.1f}"'
                drawing.append(f'<rect class="s{split}" {shape} height="{max(height, 0.7):.1f}"/>')
        drawing.append("</g>")
        if below[i]:
            drawing.append(f'<text x="{x:.1f}" y="{HEIGHT - 8}">{html(below[i])}</text>')
    for place, label in marks:
        x, end = LEFT_MARGIN + place * step, HEIGHT - BOTTOM_MARGIN
        line = f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{end}"/>'
        drawing.append(f"<g><title>{html(label)}</title>{line}</g>")
    return _plot(title, drawing)


def scatter(points: Sequence[Sequence[float]], *, title: str) -> str:
    """Return a scatter plot of points (cluster, x, y), with x and y between -1 and 1."""
    dots = "".join(
        f'<circle class="t{int(cluster)}" cx="{SCATTER_SIDE / 2 * (1 + 0.96 * x):.0f}" '
        f'cy="{SCATTER_SIDE / 2 * (1 - 0.96 * y):.0f}" r="3.5"/>'
        for cluster, x, y in points
    )
    return (
        f'<svg class="map" viewBox="0 0 {SCATTER_SIDE} {SCATTER_SIDE}" role="img">'
        f"<title>{html(title)}</title>{dots}</svg>"
    )


def scatter_key(cluster: int) -> str:
    """Return a dot in the colour that a cluster has in the scatter plot."""
    shape = f'<circle class="t{cluster}" cx="4" cy="4" r="4"/>'
    return f'<svg class="key" viewBox="0 0 8 8" aria-hidden="true">{shape}</svg>'


def log_log_curve(
    points: Sequence[Sequence[float]], *, title: str, x_axis: str, y_axis: str
) -> str:
    """Return a line through points (x, y) on logarithmic axes; both coordinates are at least 1."""
    if len(points) < 2:
        return ""
    xs, ys = ([log10(point[i]) for point in points] for i in (0, 1))
    right, top = ceil(max(xs)) or 1, ceil(max(ys)) or 1
    plot_width, plot_height = WIDTH - LEFT_MARGIN - 10, HEIGHT - BOTTOM_MARGIN - TOP_MARGIN
    drawing = []
    for power in range(right + 1):
        x = LEFT_MARGIN + power / right * plot_width
        css_class = ' class="end"' if power == right else ""
        drawing.append(f'<text{css_class} x="{x:.1f}" y="{HEIGHT - 8}">{10**power:,}</text>')
    powers = range(0, top + 1, max(1, top // 4))
    drawing += [_gridline(power / top, f"{10**power:,}") for power in powers]
    line = " ".join(
        f"{LEFT_MARGIN + x / right * plot_width:.1f},"
        f"{HEIGHT - BOTTOM_MARGIN - y / top * plot_height:.1f}"
        for x, y in zip(xs, ys, strict=True)
    )
    drawing.append(f'<polyline class="line" points="{line}"/>')
    return _plot(f"{title}: {y_axis} by {x_axis}, both axes logarithmic", drawing)


def _plot(title: str, drawing: Sequence[str]) -> str:
    """Return the SVG element around the parts of a histogram or a curve."""
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{html(title)}</title>{''.join(drawing)}</svg>"
    )


def axis_maximum(value: float) -> int:
    """Return the smallest round, even number at or above a value: 2, 30, 400 and so on."""
    if value <= 2:
        return 2
    power = 10 ** int(log10(value))
    steps = (1, 2, 4, 6, 8, 10, 20) if power == 1 else (1, 2, 3, 4, 5, 6, 8, 10, 20)
    return next(step * power for step in steps if step * power >= value)


def _gridlines(top: int) -> str:
    """Return labelled horizontal lines at zero, half of `top`, and `top`."""
    return "".join(_gridline(value / top, f"{value:,}") for value in (0, top // 2, top))


def _gridline(height: float, label: str) -> str:
    """Return a labelled horizontal line; `height` is 0 at the bottom of the plot, 1 at the top."""
    y = HEIGHT - BOTTOM_MARGIN - height * (HEIGHT - BOTTOM_MARGIN - TOP_MARGIN)
    return (
        f'<path d="M{LEFT_MARGIN} {y:.1f}H{WIDTH}"/>'
        f'<text class="end" x="{LEFT_MARGIN - 6}" y="{y + 4:.1f}">{label}</text>'
    )


def legend(names: Sequence[str]) -> str:
    """Return a legend of the colours of the splits, or nothing if there is only one split."""
    if len(names) < 2:
        return ""
    keys = [
        f'<span><svg class="key" viewBox="0 0 8 8" aria-hidden="true"><rect class="s{split}" '
        f'width="8" height="8"/></svg>{html(name)}</span>'
        for split, name in enumerate(names)
    ]
    return f'<p class="legend">{" ".join(keys)}</p>'
