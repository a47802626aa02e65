"""Turn JSON of any shape into JSON lines, one record a line, as a stream.

A line that stands for something unreadable is not valid JSON: a damaged record, or `NOT_FOUND` with
the names of an object without the configured list of records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from corpus.documents import TEXT
from corpus.sources.columns.names import source_column
from corpus.sources.files.streams import Stream
from corpus.sources.json.brackets import DamagedError
from corpus.sources.json.large_texts import parse_with_text
from corpus.sources.json.scanner import VALUE_ON_A_NEW_LINE, Scanner
from corpus.sources.json.shapes import LOOK_AHEAD_BYTES, Shape, detect_shape
from corpus.sources.json.tables import table_rows
from corpus.sources.json.text import dumps, parse
from corpus.sources.settings import Source

NOT_FOUND = b"\x18"
"""The first byte of a line for an object without records; its names follow as a JSON list."""

_PIECE_BYTES = 1 << 18
_MAX_NESTED_LISTS = 3


def read_ahead(pieces: Iterator[bytes]) -> tuple[list[bytes], bool]:
    """Return the first pieces of a file, enough to detect its shape, and whether they are all."""
    head: list[bytes] = []
    size = 0
    while size < LOOK_AHEAD_BYTES:
        if (piece := next(pieces, None)) is None:
            return head, True
        head.append(piece)
        size += len(piece)
    return head, False


def is_json_lines(pieces: Iterator[bytes], source: Source) -> bool:
    """Return whether the UTF-8 data of a whole file is JSON lines already."""
    first, at_end = read_ahead(pieces)
    return detect_shape(b"".join(first)[:LOOK_AHEAD_BYTES], source, at_end=at_end).is_lines


def describe_not_found(line: bytes, source: Source) -> str:
    """Return the reason for rejecting an object without records; raises ValueError if damaged."""
    names = parse(line.removeprefix(NOT_FOUND))
    found = ", ".join(repr(name) for name in names) if isinstance(names, list) else ""
    wanted = repr(source.records) if source.records else "list of records"
    return f"no {wanted} in the object; it has {found or 'no columns'}"


def to_json_lines(pieces: Iterator[bytes], stream: Stream, source: Source) -> Iterator[bytes]:
    """Yield the UTF-8 data of a whole file as JSON lines; lines are yielded as they are."""
    first, at_end = read_ahead(pieces)
    shape = detect_shape(b"".join(first)[:LOOK_AHEAD_BYTES], source, at_end=at_end)
    if shape.is_lines:
        yield from first
        yield from pieces
    elif shape.problem:
        stream.damage = stream.damage or shape.problem
        stream.position = 0
    else:
        scanner = Scanner(chain(first, pieces), limit=source.record_limit)
        yield from _join_pieces(_Records(scanner, stream, shape, source).lines())


def _join_pieces(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the data in fewer pieces."""
    parts, size = [], 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size >= _PIECE_BYTES:
            yield b"".join(parts)
            parts, size = [], 0
    yield b"".join(parts)


class _Records:
    """Yields the records of a file as lines."""

    def __init__(self, scanner: Scanner, stream: Stream, shape: Shape, source: Source) -> None:
        self._scanner, self._stream, self._shape = scanner, stream, shape
        self._text_column = source_column(source, TEXT)

    def lines(self) -> Iterator[bytes]:
        """Yield the records of each value at the top level."""
        scanner = self._scanner
        while byte := scanner.peek(between_records=True):
            if byte not in b"{[":
                boundary = VALUE_ON_A_NEW_LINE if self._shape.path else None
                yield from scanner.damaged_line(scanner.position + 1, boundary)
                continue
            try:
                yield from self._value(self._shape.path)
            except DamagedError:  # outside of a record
                if scanner.position < len(scanner.buffer) or scanner.fill():
                    yield from scanner.damaged_line(scanner.position, VALUE_ON_A_NEW_LINE)
                else:
                    self._report_cut()

    def _report_cut(self, *, in_list: bool = False) -> None:
        """Report that brackets are not closed, unless a worse cause is known.

        In a list, other records followed a damaged one at the end, and nobody knows how many.
        """
        if self._stream.damage is None and (in_list or not self._scanner.ends_in_damage):
            n = self._scanner.n_lines
            self._stream.damage = (
                f"the file ends before its brackets are closed, after record {n:,}"
            )
            self._stream.lost = None

    def _value(self, path: str, n_lists: int = 0) -> Iterator[bytes]:
        """Yield the records below a path in the value at the position."""
        byte = self._scanner.peek()
        if byte == b"[" and n_lists < _MAX_NESTED_LISTS:
            yield from self._list(path, n_lists + 1)
        elif byte == b"{" and path:
            yield from self._reach(path)
        elif byte == b"{" and self._shape.may_be_table:
            yield from self._table()
        elif byte in (b"{", b"["):
            yield from self._scanner.record()
        else:
            yield from self._scanner.scalar()

    def _list(self, path: str, n_lists: int) -> Iterator[bytes]:
        """Yield the records in each element of a list."""
        scanner = self._scanner
        scanner.position += 1
        while (byte := scanner.peek(between_records=True)) not in (b"]", b""):
            if byte in b"}:":
                yield from scanner.damaged_line(scanner.position + 1)
            elif byte == b"{" and path:
                yield from self._reach(path)
            elif byte == b"[" and not path:
                yield from scanner.record()
            else:
                yield from self._value(path, n_lists)
        if not byte:
            self._report_cut(in_list=True)
        scanner.position += len(byte)

    def _reach(self, path: str) -> Iterator[bytes]:
        """Yield the records below a path in an object; raises DamagedError."""
        scanner, names, is_found = self._scanner, [], False
        scanner.position += 1
        while (byte := scanner.peek(between_records=True)) != b"}":
            if not byte:
                raise DamagedError(scanner.position)
            names.append(name := scanner.name())
            if scanner.peek() != b":":
                raise DamagedError(scanner.position)
            scanner.position += 1
            rest = path[len(name) + 1 :]
            is_on_path = path == name or path.startswith(f"{name}.")
            if is_on_path and scanner.peek() in (b"{", b"["):
                is_found = True
                yield from self._value(rest)
            else:
                scanner.skip()
        scanner.position += 1
        if not is_found:
            scanner.n_lines += 1
            yield NOT_FOUND + json.dumps([name[:40] for name in names[:8]]).encode() + b"\n"

    def _table(self) -> Iterator[bytes]:
        """Yield the rows of a table in one object, or the object itself if it is not a table."""
        parts: list[bytes] = []
        size = 0
        pieces = self._scanner.record()
        for piece in pieces:
            parts.append(piece)
            size += len(piece)
            if size > self._scanner.limit:
                yield from chain(parts, pieces)
                return
        rows = self._rows(b"".join(parts))
        if rows is None:
            yield from parts
            return
        self._scanner.n_lines += len(rows) - 1
        for row in rows:
            yield dumps(row).encode() + b"\n"

    def _rows(self, line: bytes) -> list[object] | None:
        """Return the rows of a table on a line, or None if it has none."""
        try:
            value = parse_with_text(line, self._text_column)
        except ValueError:
            return None
        return table_rows(value, self._text_column) if isinstance(value, dict) else None
