r"""The lines of a CSV file, from which Python's reader takes rows; a failed row is put back.

If a row fails, all its lines but the first are read again, as rows of their own. In a file whose
every line opens a quote, each of these rows would fail only at the maximum length of a row. So
this work is bounded: the lines that a failed row read are known not to close an open quote, and no
other row reads them to find that out. A row that opens a quote among them fails, or ends, at the
line at which the failed row did, or at a later one if that row was too long. Every line is tested
once, so the work is linear in the file, and the rows are those that reading again would give.

This needs that only an open quote continues a row in the next line. The other way, an escaped line
end, joins the two lines here: `one\\` and `line` are one line.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.sources.files.streams import Stream
from corpus.sources.lines import Block

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_UNCLOSED = "unexpected end of data"
"""Python's error for a quote that is not closed at the end of its data."""


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


def python_reader(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    """Return Python's reader of some lines in a dialect; raises csv.Error for a malformed row."""
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
        escapechar=dialect.escape,
        skipinitialspace=dialect.skip_spaces,
        strict=True,
    )


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
    """Lines that no row has read, or that may close an open quote."""

    _open_lines: deque[str] = field(default_factory=deque)
    """Lines before those in `_queue` that leave an open quote open."""

    _open_characters: int = 0
    _after_failed_row: bool = False
    """Whether a row that begins here may be in the lines of a failed row."""

    _closing_error: str | None = None
    """How the first line in `_queue` ends a row with an open quote: the error, or "" if the row is
    complete. None if this is not known."""

    _joined: list[str] = field(default_factory=list)
    """Lines with an escaped line end, whose continuation is in the next block."""

    def __post_init__(self) -> None:
        """Prepare the lines of this dialect."""
        self._double_escapes = _double_other_escapes(self.dialect)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._after_failed_row and len(self.row_lines) == 1:
            self._check_open_quote()
        if self._open_lines:
            line = self._open_lines.popleft()
            self._open_characters -= len(line)
        elif self._fill():
            line = self._queue.popleft()
            self._after_failed_row, self._closing_error = False, None
        else:
            raise StopIteration
        self.row_lines.append(line)
        self.row_characters += len(line)
        if self.row_characters > self.limit:
            raise self._too_long()
        return self._double_escapes(line) if self._double_escapes else line

    def start_row(self) -> None:
        """Forget the lines of the previous row."""
        self.row_lines, self.row_characters = [], 0

    def put_back(self) -> str:
        """Return the first line of a row that failed, and put the others back.

        All but the last of these left its quote open, or the row would have ended there.
        """
        first, *rest = self.row_lines
        if rest:
            self._after_failed_row, self._closing_error = True, None
            self._queue.appendleft(rest.pop())
            self._open_lines.extend(rest)
            self._open_characters += sum(map(len, rest))
        return first

    def _check_open_quote(self) -> None:
        """Raise csv.Error if the row, whose first line leaves a quote open, cannot be completed."""
        while self._closing_error is None:
            if not self._fill():
                raise csv.Error(_UNCLOSED)
            if self._open_row_characters() > self.limit:
                break
            self._closing_error = self._how_it_closes(self._queue[0])
            if self._closing_error is None:
                line = self._queue.popleft()
                self._open_lines.append(line)
                self._open_characters += len(line)
        if self._open_row_characters() > self.limit:
            raise self._too_long()
        if self._closing_error:
            raise csv.Error(self._closing_error)

    def _open_row_characters(self) -> int:
        """Return the length of the row up to the first line that may close its quote."""
        return self.row_characters + self._open_characters + len(self._queue[0])

    def _how_it_closes(self, line: str) -> str | None:
        """Return how a line ends a row with an open quote: see `_closing_error`."""
        line = self._double_escapes(line) if self._double_escapes else line
        try:
            next(python_reader([f"{self.dialect.quote}{line}"], self.dialect))
        except csv.Error as error:
            return None if str(error) == _UNCLOSED else str(error)
        return ""

    def _too_long(self) -> csv.Error:
        return csv.Error(f"longer than {self.limit:,} characters; is a quote not closed?")

    def _fill(self) -> bool:
        """Return whether there is another line in the queue, from the next blocks if needed."""
        while not self._queue:
            block = next(self.blocks, None)
            if block is not None:
                self._add(block)
            elif self._joined:
                self._queue.append("".join(self._joined))
                self._joined = []
            else:
                self.at_end = True
                return False
        return True

    def _add(self, block: Block) -> None:
        """Add the lines of a block; a line over the limit becomes one that is just too long."""
        data = b" " * (self.limit + 1) + b"\n" if block.data is None else block.data
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text, self.has_invalid_utf8 = data.decode(errors="surrogateescape"), True
        if self.dialect.cr_ends_rows and "\r" in text:
            lines = _LINE.findall(text)
        else:
            *whole, last = text.split("\n")
            lines = [line + "\n" for line in whole]
            lines += [last] if last else []
        escape = self.dialect.escape
        if escape is not None and (self._joined or escape in text):
            lines = self._join_escaped_ends(lines, escape)
        self._queue.extend(lines)

    def _join_escaped_ends(self, lines: Iterable[str], escape: str) -> list[str]:
        """Return the lines, each with an escaped line end joined to the next, up to the limit."""
        result: list[str] = []
        size = sum(map(len, self._joined))
        for line in lines:
            self._joined.append(line)
            size += len(line)
            before_end = line[:-1]
            n_escapes = len(before_end) - len(before_end.rstrip(escape))
            if n_escapes % 2 == 0 or line[-1] not in "\r\n" or size > self.limit:
                result.append("".join(self._joined))
                self._joined, size = [], 0
        return result


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
