"""Rows out of lines of CSV, by Python's reader, which is made to go on after a mistake.

The lines of a row are kept until it is whole. Where the reader gives up, all but the first are
given back to it, so that a quote that was never closed costs one line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus.sources.lines import Block
from corpus.sources.settings import Source
from corpus.sources.streams import SUFFIXES, Stream

LARGEST = 32 << 20
"""Characters in a row, at most: Python's reader needs four bytes for each."""


@dataclass
class Lines:
    """Lines with their ends, for Python's reader to take; those of one record can be given back."""

    blocks: Iterator[Block]
    limit: int
    stream: Stream
    taken: list[str] = field(default_factory=list)
    size: int = 0
    ended: bool = False
    dirty: bool = False
    """Whether a line held bytes that are no UTF-8; they are lone surrogates now."""
    _ready: deque[str] = field(default_factory=deque)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while not self._ready:
            block = next(self.blocks, None)
            if block is None:
                self.ended = True
                raise StopIteration
            self._fill(block)
        line = self._ready.popleft()
        self.taken.append(line)
        self.size += len(line)
        if self.size > self.limit:
            raise csv.Error(f"longer than {self.limit:,} characters; is a quote not closed?")
        return line

    def _fill(self, block: Block) -> None:
        """Take the lines of a block; one over the limit is cut short, and so a reject."""
        data = b" " * (self.limit + 1) + b"\n" if block.data is None else block.data
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text, self.dirty = data.decode(errors="surrogateescape"), True
        found = text.split("\n")
        last = found.pop()
        self._ready.extend(line + "\n" for line in found)
        if last:
            self._ready.append(last)

    def begin(self) -> None:
        """Forget the record before."""
        self.taken, self.size = [], 0

    def give_back(self) -> str:
        """Return the first line of the record, and make the reader take the others anew."""
        first, *rest = self.taken
        self._ready.extendleft(reversed(rest))
        return first


@dataclass(frozen=True)
class Row:
    """A record: its fields, or why it has none; and its lines."""

    fields: list[str]
    lines: list[str]
    wrong: str | None = None


def rows_of(taken: Lines, name: str, source: Source) -> Iterator[Row]:
    """Yield the rows of a file, the header first, the blank ones not."""
    csv.field_size_limit(taken.limit)
    tab = name.lower().removesuffix(packed(name)).endswith((".tsv", ".tab"))
    reader = csv.reader(
        taken,
        delimiter=source.delimiter or ("\t" if tab else ","),
        quotechar=source.quote,
        quoting=csv.QUOTE_NONE if source.quote is None else csv.QUOTE_MINIMAL,
        strict=True,
    )
    while True:
        taken.begin()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if taken.ended and taken.stream.cut:
                return  # what is left of a row whose end is missing
            first = taken.give_back()
            yield Row([], [first], f"no CSV: {error}")
            continue
        if fields:
            yield Row(fields, taken.taken, _not_utf8(fields) if taken.dirty else None)


def packed(name: str) -> str:
    """Return the ending that tells a compression, or nothing."""
    return next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), "")


def _not_utf8(fields: list[str]) -> str | None:
    """Return which bytes of a row are no UTF-8, if any are."""
    for text in fields:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            byte = ord(text[error.start]) & 0xFF
            return (
                f"a byte (0x{byte:02x}) is no UTF-8; "
                "if the file is in another encoding, set `encoding`"
            )
    return None
