"""The result of `corpus tune` as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from corpus.terminal import format_number, safe
from corpus.tuning.thresholds import Neighbour, ThresholdResult, Tuning

MAX_TEXT = 72
"""Characters of a document that are shown."""


def summary(tuning: Tuning, *, nearest: int = 2) -> str:
    """Return a table of all thresholds, then the documents next to each."""
    n = tuning.documents
    first = (
        f"{n:,} documents, of which these thresholds and the other conditions of their stages "
        f"remove {tuning.removed:,} ({_share(tuning.removed, n)})"
    )
    if not tuning.results:
        return "\n".join([first, "no stage compares a number with a threshold", *_left_out(tuning)])
    lines = [first, ""]
    rows: list[tuple[str, ...]] = [
        ("threshold", "kept", "5 %", "median", "95 %", "removes", "alone")
    ]
    rows += [_row(result) for result in tuning.results]
    lines += _aligned(rows)
    lines += ["", "removes: documents outside the bounds; alone: those that nothing else removes"]
    lines += _left_out(tuning)
    for result in tuning.results:
        lines += _neighbours(result, nearest)
    return "\n".join(lines)


def left_out(tuning: Tuning) -> str:
    """Return a sentence about what cannot be shown; empty if everything is."""
    names = ", ".join(tuning.not_measured)
    return names and (
        f"not shown: {names}. With these settings it measures other texts; build first, then it "
        "is here"
    )


def _left_out(tuning: Tuning) -> list[str]:
    return ["", left_out(tuning)] if tuning.not_measured else []


def as_dict(tuning: Tuning) -> dict[str, Any]:
    """Return the result as JSON values."""
    return {
        "documents": tuning.documents,
        "removed": tuning.removed,
        "not_measured": list(tuning.not_measured),
        "thresholds": [
            {
                "stage": result.stage,
                **result.threshold._asdict(),
                "documents": result.documents,
                "removed": result.removed,
                "removed_only": result.removed_only,
                "edges": list(result.edges),
                "distributions": [each._asdict() for each in result.distributions],
                "kept_nearest": [each._asdict() for each in result.kept_nearest],
                "removed_nearest": [each._asdict() for each in result.removed_nearest],
            }
            for result in tuning.results
        ],
    }


def name_of(result: ThresholdResult) -> str:
    """Return what `--set` calls a threshold: `stages.filter.words`."""
    return f"{result.stage}.{result.threshold.setting}"


def _row(result: ThresholdResult) -> tuple[str, ...]:
    quantiles = result.distributions[0].quantiles
    low, median, high = (
        (format_number(quantiles[i]) for i in (0, 2, 4)) if quantiles else ("-", "-", "-")
    )
    removed = f"{result.removed:,} ({_share(result.removed, result.documents)})"
    alone = f"{result.removed_only:,}"
    return name_of(result), result.threshold.bounds, low, median, high, removed, alone


def _share(count: int, n: int) -> str:
    return f"{100 * count / n:.1f} %" if n else "0 %"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        first = row[0].ljust(widths[0])
        yield "  ".join([first, *(row[i].rjust(widths[i]) for i in range(1, len(row)))]).rstrip()


def _neighbours(result: ThresholdResult, nearest: int) -> Iterator[str]:
    sides = (("kept", result.kept_nearest), ("removed", result.removed_nearest))
    if nearest < 1 or not result.removed:
        return
    yield from ("", f"{name_of(result)}, {result.threshold.title}: {result.threshold.bounds}")
    for side, neighbours in sides:
        for neighbour in neighbours[:nearest]:
            yield f"  {side:8}{result.threshold.format(neighbour.value):>10}  {_text(neighbour)}"


def _text(neighbour: Neighbour) -> str:
    line = " ".join(neighbour.text.split())
    shortened = line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"
    return f"{safe(neighbour.id)}: {safe(shortened)}"
