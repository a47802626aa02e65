"""Read rows from lines of CSV with Python's reader, and continue after a malformed row.

The lines of a row are kept until the row is complete. If the reader fails, all but the first are
returned to it, so an unclosed quote costs one line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus.sources.compression import without_compression_extension
from corpus.sources.lines import Block
from corpus.sources.settings import Source
from corpus.sources.streams import Stream

MAX_ROW_CHARACTERS = 32 << 20
"""Maximum length of a row: Python's reader needs four bytes per character."""


@dataclass
class LineQueue:
    """Yields lines with their line ends to Python's reader; a row's lines can be put back."""

    blocks: Iterator[Block]

    limit: int
    """Maximum characters in a row."""

    stream: Stream

    row_lines: list[str] = field(default_factory=list)
    """The lines of the current row."""

    row_characters: int = 0
    at_end: bool = False

    has_invalid_utf8: bool = False
    """Whether a line had bytes that are not valid UTF-8; they are lone surrogates now."""

    _queue: deque[str] = field(default_factory=deque)

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
        return line

    def _add(self, block: Block) -> None:
        """Add the lines of a block; a line over the limit becomes one that is just too long."""
        data = b" " * (self.limit + 1) + b"\n" if block.data is None else block.data
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text, self.has_invalid_utf8 = data.decode(errors="surrogateescape"), True
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


def read_rows(queue: LineQueue, file_name: str, source: Source) -> Iterator[Row]:
    """Yield the rows of a file, the header first, without blank rows."""
    csv.field_size_limit(queue.limit)
    reader = csv.reader(
        queue,
        delimiter=source.delimiter or _default_delimiter(file_name),
        quotechar=source.quote,
        quoting=csv.QUOTE_NONE if source.quote is None else csv.QUOTE_MINIMAL,
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
            yield Row([], [queue.put_back()], f"invalid CSV: {error}")
            continue
        if fields:
            bad_byte = _describe_bad_byte(fields) if queue.has_invalid_utf8 else None
            yield Row(fields, queue.row_lines, bad_byte)


def _default_delimiter(file_name: str) -> str:
    is_tsv = without_compression_extension(file_name).endswith((".tsv", ".tab"))
    return "\t" if is_tsv else ","


def _describe_bad_byte(fields: list[str]) -> str | None:
    """Return which byte of a row is not valid UTF-8, or None."""
    for text in fields:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            byte = ord(text[error.start]) & 0xFF
            return (
                f"a byte (0x{byte:02x}) is not valid UTF-8; "
                "if the file is in another encoding, set `encoding`"
            )
    return None
