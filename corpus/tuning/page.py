"""The result of `corpus tune` as a page that works offline, like that of the audit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from corpus.auditing.page.charts import bar, histogram
from corpus.auditing.page.page import Section, frame
from corpus.auditing.page.parts import Row, safe_text, table
from corpus.markup import html
from corpus.stages.thresholds import Threshold
from corpus.terminal import format_bound, format_number
from corpus.tuning.distribution import N_BINS, Distribution
from corpus.tuning.terminal import left_out, name_of, share_of
from corpus.tuning.thresholds import Neighbour, ThresholdResult, Tuning

N_TICKS = 6
"""Approximate number of labels below a histogram."""

MAX_SUMMARY = 80
"""Characters of a document that are shown while it is folded."""

MAX_LINKS = 12
"""Maximum number of sections with links at the top."""

ALONE = "<p><em>Alone</em> counts the documents that only this threshold removes.</p>"

FOOTER = (
    "<footer><p>Measured by a build and read from the cache: no text was read again.</p></footer>\n"
)


def page(tuning: Tuning, name: str) -> str:
    """Return the page: all thresholds in a table, then a section for each."""
    sections = [Section("thresholds", "Thresholds", _overview(tuning))]
    for i, result in enumerate(tuning.results):
        sections.append(Section(f"t{i}", name_of(result), _section(result)))
    figures = (
        f"<p>{tuning.documents:,} documents were measured. The stages with thresholds remove "
        f"{tuning.removed:,} of them ({_percent(tuning.removed, tuning.documents)}).</p>\n"
    )
    linked = sections if len(sections) <= MAX_LINKS else []  # the table has links
    return frame(name, "thresholds", figures, sections, footer=FOOTER, linked=linked)


def _overview(tuning: Tuning) -> str:
    """Return a table with a row for each threshold."""
    if not tuning.results:
        return "<p>No stage compares a number with a threshold.</p>" + _left_out(tuning)
    rows = [
        Row(
            [
                f'<a href="#t{i}">{_breakable(name_of(result))}</a>',
                html(result.threshold.bounds),
                f"{result.removed:,}",
                _percent(result.removed, result.documents),
                f"{result.removed_only:,}",
                _bar(result.removed, result.documents),
            ]
        )
        for i, result in enumerate(tuning.results)
    ]
    heads = ["threshold", "kept", "removed", "share", "alone", ""]
    removals = table(heads, rows, "ttnnnc", "What each threshold removes")
    return ALONE + removals + _left_out(tuning)


def _breakable(name: str) -> str:
    """Return a name that a line may break after a dot or an underscore, and nowhere else."""
    return html(name).replace(".", ".<wbr>").replace("_", "_<wbr>")


def _bar(removed: int, n: int) -> str:
    return bar([(removed, "removed"), (n - removed, "remaining")], n)


def _left_out(tuning: Tuning) -> str:
    return "".join(f"<p>{html(text[:1].upper() + text[1:])}.</p>" for text in left_out(tuning))


def _section(result: ThresholdResult) -> str:
    n = result.documents
    title = result.threshold.title
    head = (
        f"<p>{html(title[:1].upper() + title[1:])}; kept are documents with "
        f"{html(result.threshold.bounds)}. Outside: {result.removed:,} of {n:,} documents "
        f"({_percent(result.removed, n)}), {result.removed_only:,} of them removed by nothing "
        "else.</p>"
    )
    return "".join(
        [
            head,
            _figure(result),
            _languages(result.distributions),
            _neighbours("Just inside: kept", result.kept_nearest, result.threshold),
            _neighbours("Just outside: removed", result.removed_nearest, result.threshold),
        ]
    )


def _figure(result: ThresholdResult) -> str:
    """Return the histogram of all documents, with the bounds as lines."""
    edges, total = result.edges, result.distributions[0]
    labels = [f"{format_number(edges[i])} to {format_number(edges[i + 1])}" for i in range(N_BINS)]
    every = N_BINS // N_TICKS
    ticks = [format_number(edges[i]) if i % every == 0 else "" for i in range(N_BINS)]
    marks = [
        (_place(edges, bound), f"{side} {format_bound(bound)}")
        for side, bound in result.threshold.sides
    ]
    caption = f"Documents by {result.threshold.title}, with the bounds as lines"
    drawing = histogram(labels, [total.counts], title=caption, ticks=ticks, marks=marks)
    return f"<figure>{drawing}<figcaption>{html(caption)}</figcaption></figure>"


def _place(edges: Sequence[float], bound: float) -> float:
    """Return where a bound is among the bins, in bins from the left."""
    return float(np.interp(bound, edges, np.arange(len(edges))))


def _languages(distributions: Sequence[Distribution]) -> str:
    """Return the quantiles and removals of each language, the first row for all documents."""
    rows = []
    for each in distributions:
        quantiles = [format_number(value) for value in each.quantiles] or ["-"] * 5
        rows.append(
            Row(
                [
                    html(each.language or "all"),
                    f"{each.documents:,}",
                    f"{each.missing:,}",
                    *quantiles,
                    f"{each.removed:,}",
                    _percent(each.removed, each.documents),
                ]
            )
        )
    heads = ["language", "documents", "without value", "5 %", "25 %", "median", "75 %", "95 %"]
    return table([*heads, "removed", "share"], rows, "t" + "n" * 9, "Quantiles by language")


def _neighbours(head: str, neighbours: Sequence[Neighbour], threshold: Threshold) -> str:
    if not neighbours:
        return ""
    return f"<h3>{html(head)}</h3>" + "".join(_documents(neighbours, threshold))


def _documents(neighbours: Sequence[Neighbour], threshold: Threshold) -> Iterator[str]:
    for each in neighbours:
        line = " ".join(each.text.split())
        shown = line if len(line) <= MAX_SUMMARY else f"{line[: MAX_SUMMARY - 1]}…"
        summary = f"{html(threshold.format(each.value))} · {safe_text(shown)}"
        text = f"<p>{safe_text(each.id)}</p><p>{safe_text(line)}</p>"
        yield f"<details><summary>{summary}</summary>{text}</details>"


def _percent(count: int, n: int) -> str:
    return html(share_of(count, n)).replace(" ", "&nbsp;") if n else "-"
