"""Read rows from lines of CSV with Python's reader, and continue after a malformed row.

If Python's reader fails, all lines of the row but the first are read again, so an unclosed quote
costs one line. `line_queue.py` bounds the work.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.sources.csv.line_queue import Dialect, LineQueue, python_reader

MAX_ROW_CHARACTERS = 32 << 20
"""Maximum length of a row: Python's reader needs four bytes per character."""

_CR_IN_A_ROW = "new-line character seen in unquoted field"


@dataclass(frozen=True)
class Row:
    """A row of CSV."""

    fields: list[str]
    lines: list[str]

    error: str | None = None
    """Why the row could not be read."""

    @property
    def size(self) -> int:
        """The characters of its lines."""
        return sum(map(len, self.lines))


def read_rows(queue: LineQueue) -> Iterator[Row]:
    """Yield the rows of a file, without blank rows."""
    dialect = queue.dialect
    csv.field_size_limit(queue.limit)
    reader = python_reader(queue, dialect)
    while True:
        queue.start_row()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if queue.at_end and queue.stream.cut:
                return  # a row whose end is missing
            first = queue.put_back()
            yield Row([], [first], _describe_error(error, first, dialect))
            continue
        if fields and not (len(fields) == 1 and queue.row_lines[0].isspace()):
            bad_byte = _describe_bad_byte(fields) if queue.has_invalid_utf8 else None
            yield Row(fields, queue.row_lines, bad_byte)


def _describe_error(error: csv.Error, line: str, dialect: Dialect) -> str:
    """Return why a row that begins with this line could not be read."""
    reason = str(error)
    if reason.startswith(_CR_IN_A_ROW):
        reason = "a carriage return within a field without quotes"
    elif dialect.escape is None and dialect.quote and f"\\{dialect.quote}" in line:
        reason += "; if quotes in fields are escaped with a backslash, set `escape` to it"
    return f"invalid CSV: {reason}"


def _describe_bad_byte(fields: list[str]) -> str | None:
    """Return which byte of a row is not valid UTF-8, or None."""
    for text in fields:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            byte = ord(text[error.start]) & 0xFF
            return (
                f"a byte (0x{byte:02x}) is not valid UTF-8; "
                "if the whole file is in another encoding, set `encoding`"
            )
    return None
