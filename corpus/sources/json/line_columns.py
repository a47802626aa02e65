"""Read regular lines of JSON into columns, without a Python object for each field.

The result is that of `documents_from_rows` on what orjson makes of the lines. A kernel finds the
fields of a batch of lines, and another one copies a column of strings. The values of any other
column become one JSON list, which orjson parses: it is the judge of numbers and nested values.

Whatever could be read in another way is irregular and left to `lines.py`: an invalid line, a name
with an escape, a name that a line has twice, an integer beyond 64 bits, a text that is a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from corpus.arrow_buffers import number_column
from corpus.documents import (
    CONTENT,
    DATE,
    ID,
    ID_IS_GIVEN,
    KEY,
    RECORD,
    RECORD_HASH,
    SOURCE,
    TEXT,
)
from corpus.sources.batches import NO_DOCUMENTS, ReadBatch, assemble_columns, sixteen_bytes
from corpus.sources.chunks import BATCH_ROWS
from corpus.sources.columns import extra as extra_columns
from corpus.sources.columns.extra import ExtraColumn
from corpus.sources.columns.names import (
    STRING_COLUMNS,
    kept_columns,
    renamed_columns,
    source_column,
    unreserved_name,
)
from corpus.sources.json import line_kernels
from corpus.sources.json.large_texts import LARGE_LINE
from corpus.sources.json.line_fields import (
    FieldFinder,
    Fields,
    IrregularError,
    RegularLines,
    check_utf8,
)
from corpus.sources.notes import FileNotes, with_notes
from corpus.sources.record_keys import RecordHasher, document_key
from corpus.sources.settings import Content, Source

MIN_REGULAR = 64
"""A batch of fewer lines, which ends before an irregular one, is not worth it."""

FIRST_IRREGULAR = 32
"""Lines that are parsed one by one from an irregular line on: twice as many after the next one."""

MAX_FAILURES = 4
"""Batches with a value that must be looked at by itself, until the rest of a block is parsed."""


class BlockReader:
    """Reads blocks of lines, regular ones by columns, others with `parse`."""

    def __init__(
        self,
        parse: Callable[[bytes, int], Iterator[ReadBatch]],
        *,
        file_name: str,
        content: Content,
        source: Source,
    ) -> None:
        self.next_number = 1
        """The number of the first line after the last block, when that has been read."""
        self._parse = parse
        self._fields = FieldFinder()
        self._documents = partial(
            documents_from_lines, file_name=file_name, content=content, source=source
        )

    def read(self, data: bytes, number: int) -> Iterator[ReadBatch]:
        """Yield the documents of a block in batches; `number` is that of its first line."""
        position, irregular, failures = 0, FIRST_IRREGULAR, 0
        while position < len(data) and failures < MAX_FAILURES:
            lines = self._fields.find(data, position)
            end, n_lines, batch = lines.position, lines.lines, None
            if lines.all_regular or len(lines.records) >= MIN_REGULAR:
                try:
                    batch = self._documents(lines, self._fields.names, first_number=number)
                    irregular = FIRST_IRREGULAR if lines.all_regular else irregular
                except IrregularError:
                    failures += 1
            else:
                end, n_lines = _past_lines(data, position, irregular)
                irregular = min(2 * irregular, BATCH_ROWS)
            if batch is None:
                yield from self._parse(data[position:end], number)
            elif batch.documents.num_rows:
                yield batch
            position, number = end, number + n_lines
        if position < len(data):
            yield from self._parse(data[position:], number)
            number += data.count(b"\n", position)
        self.next_number = number


def _past_lines(data: bytes, position: int, count: int) -> tuple[int, int]:
    """Return the position after some lines, and how many there are."""
    for n in range(count):
        end = data.find(b"\n", position) + 1
        if not end:
            return len(data), n + 1
        position = end
    return position, count


def documents_from_lines(
    lines: RegularLines,
    names: Sequence[str],
    *,
    first_number: int,
    file_name: str,
    content: Content,
    source: Source,
) -> ReadBatch:
    """Return the documents of some lines; `first_number` is the record number of the first line.

    Raises `IrregularError` if a value must be looked at by itself.
    """
    if not len(lines.records):
        return ReadBatch(NO_DOCUMENTS, [])
    fields = Fields(lines, names)
    begins, ends = (lines.records[:, k].tolist() for k in (0, 1))
    limit = min(source.record_limit, LARGE_LINE - 1)
    if max(map(int.__sub__, ends, begins)) > limit:
        raise IrregularError
    check_utf8(lines.data, begins[0], ends[-1])
    texts = fields.texts(source_column(source, TEXT))
    ids = fields.ids(source_column(source, ID))
    n_rows = len(lines.records)
    hashes = RecordHasher(source).hash_slices(lines.data, begins, ends, file_name)
    all_ids = [hash.hex() if id is None else id for id, hash in zip(ids, hashes, strict=True)]
    columns = {
        ID: pa.array(all_ids, pa.string()),
        TEXT: texts,
        SOURCE: pa.repeat(pa.scalar(file_name, pa.string()), n_rows),
        KEY: sixteen_bytes([document_key(id) for id in all_ids]),
        RECORD_HASH: sixteen_bytes(hashes),
        RECORD: number_column(first_number + lines.records[:, line_kernels.LINE]),
        ID_IS_GIVEN: pa.array([id is not None for id in ids], pa.bool_()),
        CONTENT: pa.repeat(pa.scalar(content, pa.string()), n_rows),
    }
    for name in STRING_COLUMNS:
        columns[name] = fields.strings_or_null(source_column(source, name))
    columns[DATE], unparsed, notes = fields.dates(source_column(source, DATE), source.date_format)
    notes = notes.plus(FileNotes(null_texts=texts.null_count))
    extra = _extra_columns(fields, source, unparsed)
    documents = assemble_columns(columns, extra, source)
    return ReadBatch(with_notes(documents, {file_name: notes} if notes.to_json() else {}), [])


def _extra_columns(
    fields: Fields, source: Source, unparsed_dates: Mapping[int, Any]
) -> dict[str, ExtraColumn]:
    """Return the extra columns, with one for the dates (by row) that could not be parsed."""
    columns = kept_columns(fields.present, source) | renamed_columns(source)
    read = {source_column(source, name) for name in (TEXT, ID, DATE, *STRING_COLUMNS)}
    fields.check(set(fields.present) - columns.keys() - read)
    extra = {new: fields.extra_column(old, new) for old, new in columns.items()}
    if unparsed_dates:
        name = unreserved_name(source_column(source, DATE), source)
        values = [unparsed_dates.get(row) for row in range(fields.rows)]
        if name not in extra:
            extra[name] = extra_columns.infer_column(name, values)
    return extra
