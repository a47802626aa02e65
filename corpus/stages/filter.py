"""Keep the documents within bounds: of words, of characters, of dates, of values in any column.

    stages:
      - stage: filter
        words: {min: 50, max: 100000}
        characters: {max: 1000000}
        dates: {from: 2020-01-01, to: 2023-12-31}
        columns:
          section: [politics, economy]    # only these values
        without:
          publisher: [Example Wire]       # all values but these

Bounds include their ends. A date is compared by its day in UTC.

What is not known does not pass a bound that asks for something: a document without a date is
outside any `dates`, one without a value (or without the column) outside any `columns`. It is not
one of the values that `without` names, so it passes there. `dates: {missing: keep}` lets documents
without a date pass.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, model_validator

from corpus.documents import DATE, TEXT, optional, remove
from corpus.stages.base import DocumentStage

Value = bool | int | float | str
"""A value of a column as the config writes it; compared as text, so 7 and "7" are one."""
Values = Annotated[tuple[Value, ...], Field(min_length=1)]


class Bounds(BaseModel):
    """A smallest and a largest number, each included."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    min: int = Field(default=0, ge=0)
    """Fewer are too few."""
    max: int | None = Field(default=None, ge=0)
    """More are too many; no limit where it is not set."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max ({self.max}) is below min ({self.min}): nothing would be kept")
        return self


class Dates(BaseModel):
    """A first and a last day, each included."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True
    )

    first: date | None = Field(default=None, alias="from")
    """Earlier documents go."""
    last: date | None = Field(default=None, alias="to")
    """Later documents go."""
    missing: Literal["remove", "keep"] = "remove"
    """What becomes of documents without a date."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first and self.last and self.last < self.first:
            raise ValueError(
                f"to ({self.last}) is before from ({self.first}): nothing would be kept"
            )
        return self


class Filter(DocumentStage):
    """Keep the documents within bounds of length, date and the values of columns."""

    changes_text: ClassVar[bool] = False
    reasons: ClassVar[dict[str, str]] = {
        "words": "the text has too few or too many words",
        "characters": "the text has too few or too many characters",
        "date": "the date is out of bounds, or missing",
        "column": "a column has another value than the ones asked for",
        "without": "a column has a value that is not wanted",
    }

    stage: Literal["filter"] = "filter"

    words: Bounds | None = None
    """How many words a text may have. In scripts without spaces each character is a word."""
    characters: Bounds | None = None
    """How many characters (code points) a text may have."""
    dates: Dates | None = None
    """When a document may be dated."""
    columns: dict[str, Values] = Field(default_factory=dict)
    """Values that a column must have one of."""
    without: dict[str, Values] = Field(default_factory=dict)
    """Values that a column must have none of."""

    def kernels(self) -> None:
        """Compile the kernel that counts words, or load it from the cache."""
        if self.words:
            from corpus.words.count import count_words

            count_words(pa.array(["word"]))

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents, those out of a bound marked with the value that was measured."""
        from corpus.sources.extras import as_texts

        texts = optional(documents, TEXT, pa.large_string()).fill_null("")
        if self.words:
            from corpus.words.count import count_words

            counts = pa.array(count_words(texts))
            documents = _outside(documents, counts, self.words, because="words")
        if self.characters:
            lengths = pc.utf8_length(texts).cast(pa.int64())
            documents = _outside(documents, lengths, self.characters, because="characters")
        if self.dates:
            documents = _undated(documents, self.dates)
        for name, wanted in sorted(self.columns.items()):
            values = as_texts(documents, name)
            other = pc.invert(pc.is_in(values, pa.array(_written(wanted))))
            documents = _differ(documents, other, name, values, because="column")
        for name, unwanted in sorted(self.without.items()):
            values = as_texts(documents, name)
            named = pc.is_in(values, pa.array(_written(unwanted)))
            documents = _differ(documents, named, name, values, because="without")
        return documents


def _outside(
    documents: pa.RecordBatch, counts: pa.Array, bounds: Bounds, *, because: str
) -> pa.RecordBatch:
    """Return the documents, those whose count is out of bounds marked."""
    out = pc.less(counts, bounds.min)
    if bounds.max is not None:
        out = pc.or_(out, pc.greater(counts, bounds.max))
    return remove(documents, out, because=because, evidence=counts.cast(pa.string()))


def _undated(documents: pa.RecordBatch, bounds: Dates) -> pa.RecordBatch:
    """Return the documents, those dated out of bounds or not at all marked."""
    days = optional(documents, DATE, pa.timestamp("us", "UTC"))
    days = pc.cast(pc.floor_temporal(days, unit="day"), pa.date32())
    out = pa.repeat(pa.scalar(False), len(days))
    if bounds.first:
        out = pc.or_(out, pc.less(days, pa.scalar(bounds.first)))
    if bounds.last:
        out = pc.or_(out, pc.greater(days, pa.scalar(bounds.last)))
    out = pc.if_else(pc.is_null(days), bounds.missing == "remove", out)
    return remove(documents, out, because="date", evidence=days.cast(pa.string()))


def _written(values: tuple[Any, ...]) -> list[str]:
    """Return the values of the config as a column's text would say them."""
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]


def _differ(
    documents: pa.RecordBatch, where: pa.Array, name: str, values: pa.Array, *, because: str
) -> pa.RecordBatch:
    """Return the documents, those at `where` marked; evidence is `name=value`."""
    said = pc.binary_join_element_wise(f"{name}=", values.fill_null("(none)"), "")
    return remove(documents, where, because=because, evidence=said)
