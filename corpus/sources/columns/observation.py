"""What a stage observes of a column of the documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import pyarrow as pa

from corpus.documents import optional
from corpus.errors import InputError
from corpus.observations import CorpusView, Observation
from corpus.sources.columns.extra import as_numbers, as_texts


class Column(Observation):
    """A column of the documents, always of one type; null if a value is missing or unsuitable."""

    name: str
    kind: Literal["number", "text", "date"]

    def reads(self) -> tuple[str, ...]:
        """Return the name of the column."""
        return (self.name,)

    @property
    def column(self) -> str:
        """Return the name of the observed column."""
        return f"{self.kind}_{self.name}"

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the column as float64, string or int64 (microseconds since 1970)."""
        if self.kind == "date":
            values = optional(documents, self.name, pa.timestamp("us", "UTC")).cast(pa.int64())
        else:
            values = (as_numbers if self.kind == "number" else as_texts)(documents, self.name)
        return {self.column: values}


def require_values(corpus: CorpusView, columns: Iterable[Column], *, stage: str) -> None:
    """Raise `InputError` if a column has no value in any document: its name is probably wrong.

    A stage that orders or groups documents by such a column would silently do nothing.
    """
    for column in columns:
        if is_empty(corpus, column):
            empty = "has no number" if column.kind == "number" else "is empty"
            raise InputError(
                f"stage {stage!r}: column {column.name!r} {empty} in every document. Is the name "
                "misspelled, or does a later stage fill the column?"
            )


def is_empty(corpus: CorpusView, column: Column) -> bool:
    """Return whether there are documents, and none of them has a value in a column."""
    values = corpus.column(column.column)
    return len(values) > 0 and values.null_count == len(values)


def refuse_values(corpus: CorpusView, column: Column, *, stage: str) -> None:
    """Raise `InputError` if a document has a value in a column that the stage would replace."""
    refuse_any_value(corpus.column(column.column), column.name, stage=stage)


def refuse_any_value(values: pa.Array | pa.ChunkedArray, name: str, *, stage: str) -> None:
    """Raise `InputError` if there is a value in these ones, of a column that the stage fills."""
    if values.null_count < len(values):
        raise InputError(
            f"stage {stage!r}: it fills the column {name!r}, and the sources have one of that "
            f"name. Rename theirs: `columns: {{{name}_before: {name}}}` in the source"
        )
