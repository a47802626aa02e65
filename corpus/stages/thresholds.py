"""Thresholds: the bounds that a stage compares a measurement with."""

from __future__ import annotations

from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus.terminal import format_number


class Threshold(NamedTuple):
    """The bounds within which documents are kept; they are inclusive unless `max_is_outside`."""

    reason: str
    """The reason for which documents outside the bounds are removed."""

    setting: str
    """The setting with the bounds, inside those of its stage: `words`, `columns.views`."""

    column: str
    """The observed column, of numbers."""

    title: str
    """What the column measures."""

    min: float | None = None
    max: float | None = None
    missing: Literal["keep", "remove"] = "keep"
    """What happens to documents without a measurement."""

    languages: tuple[str, ...] | None = None
    """Languages whose documents are compared; all documents if None."""

    max_is_outside: bool = False
    """Whether documents with exactly the maximum are removed."""

    @property
    def bounds(self) -> str:
        """The bounds as text: `50 to 100,000`, `at least 3`, `below 0.5`."""
        if self.min is not None and self.max is not None and not self.max_is_outside:
            return f"{format_number(self.min)} to {format_number(self.max)}"
        return " and ".join(f"{side} {format_number(n)}" for side, n in self.sides) or "any number"

    @property
    def sides(self) -> tuple[tuple[str, float], ...]:
        """Each bound behind its words: `at least`, `at most` or `below`."""
        upper = "below" if self.max_is_outside else "at most"
        sides = (("at least", self.min), (upper, self.max))
        return tuple((words, bound) for words, bound in sides if bound is not None)

    def outside(self, measured: pa.RecordBatch, languages: pa.Array | None = None) -> pa.Array:
        """Return which rows are outside the bounds (bool[n_rows]).

        `languages` (string) has the language of each row, if the threshold is for some alone.
        """
        values = measured.column(self.column)
        out = pa.repeat(pa.scalar(False), len(values))
        if self.min is not None:
            out = pc.or_(out, pc.less(values, self.min))
        if self.max is not None:
            is_above = pc.greater_equal if self.max_is_outside else pc.greater
            out = pc.or_(out, is_above(values, self.max))
        out = pc.if_else(pc.is_null(values), self.missing == "remove", out)
        if self.languages is None or languages is None:
            return out
        return pc.and_(out, pc.is_in(languages, pa.array(self.languages, pa.string())))
