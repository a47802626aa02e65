"""Each line of a page as `corpus explain` shows it: what it is taken for, how likely, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from corpus.terminal import shown

if TYPE_CHECKING:
    from corpus.articles.lines.extraction import Line

MOST_LINES = 400
"""How many lines of a page are shown."""

EVEN = 0.5
"""The probability from which a line is rather the article than not."""


def page_lines(lines: Sequence[Line]) -> Iterator[str]:
    """Yield a row for each line of a page; what went stands a step further in.

    A line is kept where that raises the F1 to be expected of the page, so a doubtful page keeps
    less likely lines than a clear one; and it goes where the article would need too long a gap to
    reach it.
    """
    kept = sum(line.kept for line in lines)
    yield f"    {kept:,} of {len(lines):,} lines stay; each with its chance to be the article"
    for line in lines[:MOST_LINES]:
        sign = " " if line.kept else "-"
        told = f"{line.role:<9}  {line.probability:4.2f}  {_why(line):<9}"
        yield f"    {sign} {told}  {shown(line.text, most=80)}"
    if len(lines) > MOST_LINES:
        rest = groupby(sorted(line.kept for line in lines[MOST_LINES:]))
        counts = {stays: len(list(group)) for stays, group in rest}
        yield f"    ... {counts.get(True, 0):,} more that stay, {counts.get(False, 0):,} that went"


def _why(line: Line) -> str:
    """Return in a word why a line stayed or went."""
    if line.kept:
        return "likely" if line.probability >= EVEN else "doubtful"
    return "unlikely" if line.probability < EVEN else "apart"
