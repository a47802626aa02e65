"""Notes on what was read: losses within a record, which no ledger shows.

A record without a text is a document that the build removes (`read: empty`), and a date that cannot
be parsed becomes null. Both are counted for each file, so that a build can report them. A batch
of documents carries its notes in the metadata of its schema.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import pyarrow as pa

from corpus.sources.json.text import dumps

MAX_COLUMNS = 100
"""Column names listed of records without the text column."""

MAX_EXAMPLES = 3
MAX_EXAMPLE_CHARACTERS = 60

_NOTES = b"notes"


@dataclass(frozen=True)
class FileNotes:
    """What was noted about the records of one file. Sums do not depend on their order."""

    texts: int = 0
    """Records with a text, which may be empty."""

    null_texts: int = 0
    """Records whose text is null."""

    no_text_column: int = 0
    """Records that do not have the text column."""

    wrong_texts: int = 0
    """Records whose text is a number, a list or the like."""

    no_header: int = 0
    """1 if the first row of a CSV file looks like a record: the file may have no header."""

    short_rows: int = 0
    """Rows of a CSV file with fewer fields than the header."""

    dialects: tuple[str, ...] = ()
    """How a CSV file is written, if not as usual: its delimiter and quotes."""

    encodings: tuple[str, ...] = ()
    """The encoding that was detected in a file of records, if it is not UTF-8 and has no mark."""

    columns: tuple[str, ...] = ()
    """Columns of records without the text column, sorted."""

    dates: int = 0
    unparsed_dates: int = 0
    day_first: int = 0
    """Dates such as 27/03/2019: the first number must be the day."""

    month_first: int = 0
    """Dates such as 03/27/2019."""

    ambiguous: int = 0
    """Dates such as 05/03/2019."""

    unparsed_examples: tuple[str, ...] = ()
    """A few of the dates that could not be parsed, sorted."""

    def plus(self, other: FileNotes) -> FileNotes:
        """Return the sum of both."""
        counts = {
            name: getattr(self, name) + getattr(other, name)
            for name in (field.name for field in fields(self))
            if isinstance(getattr(self, name), int)
        }
        return FileNotes(
            **counts,
            columns=_smallest(MAX_COLUMNS, [*self.columns, *other.columns]),
            dialects=_smallest(MAX_EXAMPLES, [*self.dialects, *other.dialects]),
            encodings=_smallest(MAX_EXAMPLES, [*self.encodings, *other.encodings]),
            unparsed_examples=_smallest(
                MAX_EXAMPLES, [*self.unparsed_examples, *other.unparsed_examples]
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the notes that are not zero or empty, as plain JSON."""
        return {name: value for name, value in asdict(self).items() if value}


def from_json(values: Mapping[str, Any]) -> FileNotes:
    """Return the notes that `to_json` wrote."""
    tuples = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return replace(FileNotes(), **(dict(values) | tuples))


def note_columns(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of columns as they are noted."""
    return _smallest(MAX_COLUMNS, [name[:MAX_EXAMPLE_CHARACTERS] for name in names])


def note_dates(values: Sequence[Any]) -> FileNotes:
    """Return the note on dates that could not be parsed."""
    texts = [value if isinstance(value, str) else dumps(value) for value in values]
    examples = _smallest(MAX_EXAMPLES, [text[:MAX_EXAMPLE_CHARACTERS] for text in texts])
    return FileNotes(unparsed_dates=len(values), unparsed_examples=examples)


def add_notes(total: dict[str, FileNotes], more: Mapping[str, FileNotes]) -> None:
    """Add the notes of some files to `total`."""
    for name, notes in more.items():
        total[name] = total[name].plus(notes) if name in total else notes


def with_notes(documents: pa.RecordBatch, notes: Mapping[str, FileNotes]) -> pa.RecordBatch:
    """Return the batch with notes, by the name of the file."""
    if not notes:
        return documents
    values = {name: note.to_json() for name, note in notes.items()}
    return documents.replace_schema_metadata({_NOTES: json.dumps(values).encode()})


def add_to_batch(documents: pa.RecordBatch, more: Mapping[str, FileNotes]) -> pa.RecordBatch:
    """Return the batch with its own notes and more."""
    notes = notes_of(documents)
    add_notes(notes, more)
    return with_notes(documents, notes)


def notes_of(documents: pa.RecordBatch) -> dict[str, FileNotes]:
    """Return the notes of a batch, by the name of the file."""
    metadata = documents.schema.metadata or {}
    values = json.loads(metadata.get(_NOTES, b"{}"))
    return {name: from_json(note) for name, note in values.items()}


def without_notes(documents: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch without its notes."""
    return documents.replace_schema_metadata(None) if documents.schema.metadata else documents


def _smallest(n: int, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(heapq.nsmallest(n, set(names)))
