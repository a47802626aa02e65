"""The targets of a quality report, and the command that printed it.

A target has a minimum, which must be reached, and an aim, which is welcome. A report has a table of
all targets and names each missed one below it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple


class Target(NamedTuple):
    """A measured figure, and what it must reach."""

    figure: str
    """What is measured, as the first column of the table says it."""
    measured: float
    minimum: float
    aim: float
    digits: int = 3
    """Decimal places. A figure is compared as it is printed."""


def target_table(targets: Sequence[Target]) -> Iterator[str]:
    """Yield the table of targets, and below it the missed ones."""
    yield "| figure | measured | target | aim | |"
    yield "|---|--:|--:|--:|---|"
    missed = []
    for target in targets:
        shown = round(target.measured, target.digits)
        verdict = "aim reached" if shown >= target.aim else "target reached, aim missed"
        if shown < target.minimum:
            verdict = "**target missed**"
            missed.append(f"{target.figure} (by {target.minimum - shown:.{target.digits}f})")
        figures = (target.measured, target.minimum, target.aim)
        cells = " | ".join(f"{figure:.{target.digits}f}" for figure in figures)
        yield f"| {target.figure} | {cells} | {verdict} |"
    yield ""
    yield f"Missed targets: {'; '.join(missed)}." if missed else "No target is missed."


def command_line() -> str:
    """Return the running command as a block of Markdown; files are named without their folders."""
    script, *arguments = sys.argv
    words = ["python", f"scripts/{Path(script).name}"]
    for before, argument in zip(["", *arguments], arguments, strict=False):
        is_option = argument.startswith("-") or before == "--report"
        words.append(argument if is_option else Path(argument).name)
    return f"    {' '.join(words)}"
