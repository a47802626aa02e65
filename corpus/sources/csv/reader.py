"""Read rows from lines of CSV with Python's reader, and continue after a malformed row.

The lines of a row are kept until the row is complete. If the reader fails, all but the first are
returned to it, so an unclosed quote costs one line.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.sources.files.streams import Stream
from corpus.sources.lines import Block

MAX_ROW_CHARACTERS = 32 << 20
"""Maximum length of a row: Python's reader needs four bytes per character."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_CR_IN_A_ROW = "new-line character seen in unquoted field"


class Dialect(NamedTuple):
    """How the rows of a CSV file are written."""

    delimiter: str = ","
    quote: str | None = '"'

    escape: str | None = None
    """The character before a quote within a field; None if such a quote is doubled."""

    skip_spaces: bool = False
    """Whether spaces after a delimiter do not belong to the field."""

    cr_ends_rows: bool = False
    """Whether a lone CR ends a row, as LF does."""


@dataclass
class LineQueue:
    """Yields lines with their line ends to Python's reader; a row's lines can be put back."""

    blocks: Iterator[Block]

    limit: int
    """Maximum characters in a row."""

    stream: Stream

    dialect: Dialect = field(default_factory=Dialect)

    row_lines: list[str] = field(default_factory=list)
    """The lines of the current row, as they are in the file."""

    row_characters: int = 0
    at_end: bool = False

    has_invalid_utf8: bool = False
    """Whether a line had bytes that are not valid UTF-8; they are lone surrogates now."""

    _queue: deque[str] = field(default_factory=deque)

    def __post_init__(self) -> None:
        """Prepare the lines of this dialect."""
        self._double_escapes = _double_other_escapes(self.dialect)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while not self._queue:
            block = next(self.blocks, None)
            if block is None:
                self.at_end = True
                raise StopIteration
            self._add(block)
        line = self._queue.popleft()
        self.row_lines.append(line)
        self.row_characters += len(line)
        if self.row_characters > self.limit:
            raise csv.Error(f"longer than {self.limit:,} characters; is a quote not closed?")
        return self._double_escapes(line) if self._double_escapes else line

    def _add(self, block: Block) -> None:
        """Add the lines of a block; a line over the limit becomes one that is just too long."""
        data = b" " * (self.limit + 1) + b"\n" if block.data is None else block.data
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text, self.has_invalid_utf8 = data.decode(errors="surrogateescape"), True
        if self.dialect.cr_ends_rows and "\r" in text:
            self._queue.extend(_LINE.findall(text))
            return
        lines = text.split("\n")
        last = lines.pop()
        self._queue.extend(line + "\n" for line in lines)
        if last:
            self._queue.append(last)

    def start_row(self) -> None:
        """Forget the lines of the previous row."""
        self.row_lines, self.row_characters = [], 0

    def put_back(self) -> str:
        """Return the first line of the current row, and put the others back into the queue."""
        first, *rest = self.row_lines
        self._queue.extendleft(reversed(rest))
        return first


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
    reader = csv.reader(
        queue,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
        escapechar=dialect.escape,
        skipinitialspace=dialect.skip_spaces,
        strict=True,
    )
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


def _double_other_escapes(dialect: Dialect) -> Callable[[str], str] | None:
    r"""Return a function that doubles each escape character before an ordinary character.

    Python's reader would drop it: `C:\new` would become `C:new`.
    """
    escape = dialect.escape
    if escape is None:
        return None
    escaped = re.escape(f"{escape}{dialect.quote or ''}{dialect.delimiter}\r\n")
    pattern = re.compile(f"{re.escape(escape)}([{escaped}]?)")

    def double(line: str) -> str:
        if escape not in line:
            return line
        return pattern.sub(lambda match: match[0] if match[1] else escape * 2, line)

    return double


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
