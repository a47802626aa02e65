"""A row of the table: what is measured, its target, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Effort:
    """How much a measurement may try."""

    scratch: Path
    """An empty folder for its files."""

    quick: bool
    """Whether it is the quick part, for CI."""

    trials: int | None = None
    """The number of trials, if it is not the default of the measurement."""

    def choose(self, *, quick: int, full: int) -> int:
        """Return the number of trials."""
        return self.trials or (quick if self.quick else full)


@dataclass(frozen=True)
class Figure:
    """One figure of the report."""

    name: str
    target: str
    measured: str
    """What was seen; if nothing was measured, `not run` and the reason."""

    reached: bool | None
    """Whether the target was reached; None if nothing was measured, or too little to say."""

    failures: tuple[str, ...] = ()
    """One line for each trial that failed, with what is needed to repeat it."""

    notes: tuple[str, ...] = field(default=())
    """What limits the figure: the number of trials, what was left out."""


def not_run(name: str, target: str, reason: str) -> Figure:
    """Return the figure of a measurement that could not be made."""
    return Figure(name, target, f"not run: {reason}", None)


def spread(total: int, trials: int) -> list[int]:
    """Return at most `trials` of the numbers 1 to `total`, evenly spread.

    Examples:
        >>> spread(10, 3)
        [1, 4, 7]

    """
    step = max(1, -(-total // max(1, trials)))
    return list(range(1, total + 1, step))
