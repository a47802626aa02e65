"""Which columns the documents of a source have: ours, the source's names, types, one example."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import CONTENT, ID, ID_IS_GIVEN, RESERVED, TEXT
from corpus.preview.first_records import FirstRecords, has_text
from corpus.sources.columns.extra import JSON_METADATA, join_types
from corpus.sources.columns.names import STANDARD_COLUMNS, source_column, unreserved_name
from corpus.sources.columns.synonyms import candidates, nearest
from corpus.sources.formats import FORMATS
from corpus.sources.settings import Source

_PAGE_FORMATS = ("text", "html", "warc")
TABLE_FORMATS = frozenset(FORMATS) - set(_PAGE_FORMATS)
"""Formats whose records have named columns."""

MAX_EXAMPLE_CHARACTERS = 160
_TAGS = re.compile(
    r"(?is)<(script|style|noscript)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[a-z/!?][^>]*(?:>|\Z)"
)
"""What has no end runs to the end of the page, as in a browser: so no character is read twice."""
_MAX_HTML_CHARACTERS = 200_000


@dataclass(frozen=True)
class ColumnPreview:
    """A column of the documents that a build would read."""

    name: str
    """Our name."""

    source_name: str
    """The name in the source; empty if the column is not one of the source's."""

    type: str
    """`string`, `int64`, `double`, `bool`, `time`, `JSON` or an Arrow type."""

    example: str
    """The value in the example record, in one line."""


def column_previews(records: FirstRecords, source: Source) -> tuple[ColumnPreview, ...]:
    """Return the columns that the first records fill: ours in our order, then the others."""
    example = example_record(records)
    constants = source.constants
    previews = []
    for name in STANDARD_COLUMNS:
        if name not in constants and not _is_filled(records, name):
            continue
        given = source_column(source, name)
        if name in constants or (name == ID and not example.get(ID_IS_GIVEN)):
            given = ""
        kind = "time" if name == "date" else "string"
        previews.append(ColumnPreview(name, given, kind, describe(example.get(name))))
    for field in join_types([batch.schema for batch in records.batches]):
        given = "" if field.name in constants else original_name(field.name, source)
        value = describe(example.get(field.name))
        previews.append(ColumnPreview(field.name, given, type_name(field), value))
    return tuple(previews)


def _is_filled(records: FirstRecords, name: str) -> bool:
    return any(batch.column(name).null_count < batch.num_rows for batch in records.batches)


def example_record(records: FirstRecords) -> Mapping[str, Any]:
    """Return the first of the documents with the fewest missing values; {} if there is none.

    A document with a text is preferred to one without.
    """
    best: tuple[tuple[bool, int], pa.RecordBatch, int] | None = None
    for batch in records.batches:
        filled = [column.is_valid().to_pylist() for column in batch.columns]
        for row, text in enumerate(has_text(batch).to_pylist()):
            rank = (text, sum(values[row] for values in filled))
            if best is None or rank > best[0]:
                best = (rank, batch, row)
    return _row(best[1], best[2]) if best else {}


def _row(batch: pa.RecordBatch, row: int) -> dict[str, Any]:
    """Return one document; of an HTML page, only the visible text."""
    (values,) = batch.slice(row, 1).to_pylist()
    if values[CONTENT] == "html" and values[TEXT]:
        values[TEXT] = visible_text(values[TEXT])
    return dict(values)


def visible_text(page: str) -> str:
    """Return about what a browser would show of a page: its beginning, without tags."""
    import html

    return html.unescape(_TAGS.sub(" ", page[:_MAX_HTML_CHARACTERS]))


def describe(value: Any) -> str:
    """Return a value in one line; "" for a missing one."""
    if value is None:
        return ""
    text = " ".join(str(value)[: 4 * MAX_EXAMPLE_CHARACTERS].split())
    return re.sub(r" 00:00:00\+00:00$|\+00:00$", "", text)[:MAX_EXAMPLE_CHARACTERS]


def type_name(field: pa.Field) -> str:
    """Return the type of a column for people."""
    if field.metadata and JSON_METADATA in field.metadata:
        return "JSON"
    if pa.types.is_timestamp(field.type):
        return "time"
    return str(field.type).replace("large_", "").replace("element: ", "").replace("item: ", "")


def original_name(name: str, source: Source) -> str:
    """Return the source's name of an extra column."""
    if name in source.columns:
        return source.columns[name]
    stem = name.removesuffix("_source")
    return stem if stem != name and unreserved_name(stem, source) == name else name


def available_names(records: FirstRecords, source: Source) -> list[str]:
    """Return the names that the records' columns have in the source, sorted."""
    names = set(records.total.columns)
    for batch in records.batches:
        extra = set(batch.schema.names) - RESERVED
        names |= {original_name(name, source) for name in extra - source.constants.keys()}
    filled = (name for name in STANDARD_COLUMNS if _is_filled(records, name))
    names |= {source_column(source, name) for name in filled if name not in source.constants}
    given = any(pc.any(batch.column(ID_IS_GIVEN)).as_py() for batch in records.batches)
    return sorted(names if given else names - {source_column(source, ID)})


def missing_columns(
    source: Source, names: Collection[str], filled: Collection[str]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield each configured column that is not there: our name, the source's, and the nearest one.

    There is no nearest one for a nested name.
    """
    for ours, theirs in source.columns.items():
        if ours == TEXT or ours in filled or theirs in names:
            continue
        yield ours, theirs, None if "." in theirs else nearest(ours, theirs, names)


def proposed_columns(
    source: Source, names: Collection[str], filled: Collection[str]
) -> dict[str, str]:
    """Return columns of ours that nothing fills, with the source's column that probably could."""
    taken = set(source.columns.values())
    proposed = {}
    for name in STANDARD_COLUMNS:
        if name in filled or name in source.columns or name in source.constants:
            continue
        if best := candidates(name, sorted(set(names) - taken - set(STANDARD_COLUMNS))):
            proposed[name] = best[0]
            taken.add(best[0])
    return proposed
