"""The result of `corpus tune` as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from corpus.markup import count_of
from corpus.terminal import format_number, safe
from corpus.tuning.thresholds import Neighbour, ThresholdResult, Tuning

MAX_TEXT = 72
"""Characters of a document that are shown."""

LEGEND = (
    "removes: documents outside the bounds, of those that are compared with them; "
    "alone: those that nothing else removes"
)

MAX_LANGUAGES_NAMED = 3
"""Languages in the name of a threshold."""


def summary(tuning: Tuning, *, nearest: int = 2) -> str:
    """Return a table of all thresholds, then the documents next to each."""
    n = tuning.documents
    first = (
        f"{n:,} documents, of which these thresholds and the other conditions of their stages "
        f"remove {tuning.removed:,} ({share_of(tuning.removed, n)})"
    )
    if not tuning.results:
        return "\n".join([first, "no stage compares a number with a threshold", *_left_out(tuning)])
    lines = [first, ""]
    rows: list[tuple[str, ...]] = [
        ("threshold", "kept", "5 %", "median", "95 %", "removes", "alone")
    ]
    rows += [_row(result) for result in tuning.results]
    lines += _aligned(rows)
    lines += ["", LEGEND]
    lines += _left_out(tuning)
    for result in tuning.results:
        lines += _neighbours(result, nearest)
    return "\n".join(lines)


def left_out(tuning: Tuning) -> list[str]:
    """Return a sentence about each kind of threshold that is not shown."""
    lines = []
    if tuning.not_measured:
        lines.append(
            f"not shown: {', '.join(tuning.not_measured)}. With these settings it measures other "
            "texts; build first, then it is here"
        )
    if tuning.not_compared:
        lines.append(
            f"not shown: {count_of(tuning.not_compared, 'threshold')} for languages that no "
            "document is in"
        )
    return lines


def _left_out(tuning: Tuning) -> list[str]:
    lines = left_out(tuning)
    return ["", *lines] if lines else []


def as_dict(tuning: Tuning) -> dict[str, Any]:
    """Return the result as JSON values."""
    return {
        "documents": tuning.documents,
        "removed": tuning.removed,
        "not_measured": list(tuning.not_measured),
        "not_compared": tuning.not_compared,
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
    """Return the stage and the setting of a threshold, and the languages that it is limited to.

    filter.words
    quality.rules.fineweb2.words (de)
    """
    setting, languages = result.threshold.setting, result.threshold.languages or ()
    if not languages or setting.endswith(f".{languages[0]}"):  # as in min_scores.de
        return f"{result.stage}.{setting}"
    more = ", ..." if len(languages) > MAX_LANGUAGES_NAMED else ""
    return f"{result.stage}.{setting} ({', '.join(languages[:MAX_LANGUAGES_NAMED])}{more})"


def share_of(count: int, n: int) -> str:
    """Return a share as text; a small one is not 0: `12.5 %`, `< 0.1 %`, `0 %`."""
    share = 100 * count / n if n else 0.0
    return "0 %" if not count else f"{share:.1f} %" if share >= 0.05 else "< 0.1 %"


def _row(result: ThresholdResult) -> tuple[str, ...]:
    quantiles = result.distributions[0].quantiles
    low, median, high = (
        (format_number(quantiles[i]) for i in (0, 2, 4)) if quantiles else ("-", "-", "-")
    )
    removed = f"{result.removed:,} ({share_of(result.removed, result.documents)})"
    alone = f"{result.removed_only:,}"
    return name_of(result), result.threshold.bounds, low, median, high, removed, alone


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
