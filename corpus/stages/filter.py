"""Keep documents within bounds: of words, characters, dates, and values of any column.

    stages:
      - stage: filter
        words: {min: 50, max: 100000}
        characters: {max: 1000000}
        dates: {from: 2020-01-01, to: 2023-12-31}
        columns:
          section: [politics, economy]    # keep only these values
          clean_confidence: {min: 0.7}    # or only numbers within these bounds
        without:
          publisher: [Example Wire]       # keep all values except these

Bounds are inclusive. Dates are compared by their day in UTC.

A missing value violates a bound: a document without a date is removed by any `dates`, and one
without a value, or without the column, by any `columns`. With `missing: keep`, dates and bounds of
numbers keep it. A missing value is never removed by `without`.

`clean_confidence` and `content_kind_probability` are null for documents that are not pages, so
bounds for them need `missing: keep` if the corpus has other documents, too.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    FiniteFloat,
    Tag,
    field_validator,
    model_validator,
)

from corpus.documents import DATE, DOCUMENT, RESERVED, remove
from corpus.observations import Observation
from corpus.settings import Settings
from corpus.sources.columns.observation import Column
from corpus.stages.base import ThresholdStage
from corpus.stages.thresholds import Threshold
from corpus.terminal import format_bound
from corpus.words.observations import CharacterCount, WordCount

Value = bool | int | float | str
"""A value of a column in the config; compared as text, so 7 equals "7"."""
Values = Annotated[tuple[Value, ...], Field(min_length=1)]
Number = Annotated[FiniteFloat, Field(strict=True)]


class Bounds(Settings):
    """A minimum and a maximum, both inclusive."""

    min: int = Field(default=0, ge=0)
    """Minimum number."""
    max: int | None = Field(default=None, ge=0)
    """Maximum number; no limit if not set."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max ({self.max}) is below min ({self.min}): nothing would be kept")
        return self


class NumberBounds(Settings):
    """Bounds for the numbers in a column: a minimum, a maximum, or both; both are inclusive."""

    min: Number | None = None
    """Smallest number to keep."""
    max: Number | None = None
    """Largest number to keep."""
    missing: Literal["remove", "keep"] = "remove"
    """What to do with documents that have no number in the column."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("has no bound: give min, max or both")
        if self.min is not None and self.max is not None and self.max < self.min:
            raise ValueError(
                f"max ({format_bound(self.max)}) is below min ({format_bound(self.min)}): nothing "
                "would be kept"
            )
        return self


def _condition(value: Any) -> str | None:
    """Return which kind of condition a config has for a column; None for neither."""
    if isinstance(value, dict | NumberBounds):
        return "bounds"
    return "values" if isinstance(value, list | tuple) else None


Condition = Annotated[
    Annotated[Values, Tag("values")] | Annotated[NumberBounds, Tag("bounds")],
    Discriminator(
        _condition,
        custom_error_type="condition",
        custom_error_message="must be a list of values, [politics], or bounds, {min: 0.7}",
    ),
]
"""What a column must have: one of some values, or a number within bounds."""


class Dates(Settings):
    """A first and a last day, both inclusive."""

    model_config = ConfigDict(populate_by_name=True)

    first: date | None = Field(default=None, alias="from")
    """First day; earlier documents are removed."""
    last: date | None = Field(default=None, alias="to")
    """Last day; later documents are removed."""
    missing: Literal["remove", "keep"] = "remove"
    """What to do with documents without a date."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first and self.last and self.last < self.first:
            raise ValueError(
                f"to ({self.last}) is before from ({self.first}): nothing would be kept"
            )
        return self


class Filter(ThresholdStage):
    """Keep documents within bounds of length, date and column values."""

    reasons: ClassVar[dict[str, str]] = {
        "words": "the text has too few or too many words",
        "characters": "the text has too few or too many characters",
        "date": "the date is out of bounds, or missing",
        "column": "a column has none of the values in `columns`, or no number within its bounds",
        "without": "a column has one of the values in `without`",
    }

    stage: Literal["filter"] = "filter"

    words: Bounds | None = None
    """Number of words; in scripts without spaces, each character is a word."""
    characters: Bounds | None = None
    """Number of characters (code points)."""
    dates: Dates | None = None
    """Range of dates."""
    columns: dict[str, Condition] = Field(default_factory=dict)
    """Required values: a document must have one of them in the column, or a number within bounds:
    `{section: [politics, economy], clean_confidence: {min: 0.7}}`."""
    without: dict[str, Values] = Field(default_factory=dict)
    """Forbidden values: a document must have none of them in the column."""

    @field_validator("columns")
    @classmethod
    def _bounds_have_numbers(cls, columns: dict[str, Condition]) -> dict[str, Condition]:
        """Refuse bounds of numbers for a column of every document that has none."""
        for name, condition in columns.items():
            if isinstance(condition, NumberBounds) and name in DOCUMENT.names:
                remedy = "dates: {from: ..., to: ...}" if name == DATE else "a list of values"
                raise ValueError(f"{name} has no numbers; use {remedy}")
        return columns

    def kernels(self) -> None:
        """Compile the kernel that counts words, or load it from the cache."""
        if self.words:
            from corpus.words.count import count_words

            count_words(pa.array(["word"]))

    def observes(self) -> tuple[Observation, ...]:
        """Return what the bounds are compared with."""
        bounds = [n for n, wanted in self.columns.items() if isinstance(wanted, NumberBounds)]
        found: list[Observation] = []
        found += [WordCount()] if self.words else []
        found += [CharacterCount()] if self.characters else []
        found += [_DATE] if self.dates else []
        found += [_text(name) for name in sorted({*self.columns, *self.without})]
        return (*found, *(_number(name) for name in sorted(bounds)))

    def quoted_columns(self) -> tuple[str, ...]:
        """Return the columns with conditions: their values are the evidence."""
        return tuple(sorted({*self.columns, *self.without}))

    def named_columns(self) -> tuple[str, ...]:
        """Return the columns with conditions."""
        return self.quoted_columns()

    def required_columns(self) -> dict[Column, str]:
        """Return the columns of the sources without which every document would be removed."""
        required: dict[Column, str] = {}
        for name, wanted in sorted(self.columns.items()):
            column, what = _text(name), "value"
            if name in RESERVED:
                continue
            if isinstance(wanted, NumberBounds):
                if wanted.missing == "keep":
                    continue
                column, what = _number(name), "number"
            required[column] = (
                f"column {name!r} has no {what} in any document, so all would be removed. Is the "
                "name misspelled, or does a later stage fill the column?"
            )
        return required

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the bounds of words, of characters, and of numbers in columns."""
        counts = (
            ("words", self.words, "word_count"),
            ("characters", self.characters, "character_count"),
        )
        found = [
            Threshold(name, name, column, f"number of {name}", bounds.min, bounds.max)
            for name, bounds, column in counts
            if bounds
        ]
        for name, wanted in sorted(self.columns.items()):
            if isinstance(wanted, NumberBounds):
                setting, limits = f"columns.{name}", (wanted.min, wanted.max, wanted.missing)
                found.append(Threshold("column", setting, _number(name).column, name, *limits))
        return tuple(found)

    def judge(self, measured: pa.RecordBatch) -> pa.RecordBatch:
        """Return the measurements; rows outside a bound are marked, with the measured value."""
        bounds = {threshold.setting: threshold for threshold in self.thresholds()}
        for name in ("words", "characters"):
            if name in bounds:
                evidence = measured.column(bounds[name].column).cast(pa.string())
                out = bounds[name].outside(measured)
                measured = remove(measured, out, because=name, evidence=evidence)
        if self.dates:
            measured = _outside_dates(measured, self.dates)
        for name, wanted in sorted(self.columns.items()):
            if isinstance(wanted, NumberBounds):
                out = bounds[f"columns.{name}"].outside(measured)
                measured = _mark(measured, out, name, because="column")
                continue
            values = measured.column(_text(name).column)
            has_other = pc.invert(pc.is_in(values, pa.array(_as_text(wanted))))
            measured = _mark(measured, has_other, name, because="column")
        for name, unwanted in sorted(self.without.items()):
            values = measured.column(_text(name).column)
            has_unwanted = pc.is_in(values, pa.array(_as_text(unwanted)))
            measured = _mark(measured, has_unwanted, name, because="without")
        return measured


_DATE = Column(name=DATE, kind="date")


def _text(name: str) -> Column:
    return Column(name=name, kind="text")


def _number(name: str) -> Column:
    return Column(name=name, kind="number")


def _outside_dates(measured: pa.RecordBatch, bounds: Dates) -> pa.RecordBatch:
    """Return the measurements; rows dated outside the bounds, or not dated, are marked."""
    times = measured.column(_DATE.column).cast(pa.timestamp("us", "UTC"))
    days = pc.cast(pc.floor_temporal(times, unit="day"), pa.date32())
    out = pa.repeat(pa.scalar(False), len(days))
    if bounds.first:
        out = pc.or_(out, pc.less(days, pa.scalar(bounds.first)))
    if bounds.last:
        out = pc.or_(out, pc.greater(days, pa.scalar(bounds.last)))
    out = pc.if_else(pc.is_null(days), bounds.missing == "remove", out)
    return remove(measured, out, because="date", evidence=days.cast(pa.string()))


def _as_text(values: tuple[Any, ...]) -> list[str]:
    """Return the values of the config as the text that a column would have."""
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]


def _mark(measured: pa.RecordBatch, where: pa.Array, name: str, *, because: str) -> pa.RecordBatch:
    """Return the measurements; rows at `where` are marked, with the evidence `name=value`."""
    values = measured.column(_text(name).column).fill_null("(none)")
    evidence = pc.binary_join_element_wise(f"{name}=", values, "")
    return remove(measured, where, because=because, evidence=evidence)
