"""CSV and TSV files: a header with the names of the columns, then a record a row.

    id,text,published_at
    a1,"A text may hold commas, ""quotes"" and line ends.",2023-05-22

A quote that is not closed, or is followed by more text, makes its first line a reject, and reading
goes on with the next line: so one stray quote costs one record, not all up to the next quote. A row
with more or fewer fields than the header is a reject. Values are texts: `007` stays what it is. A
record's number is that of its row, the header not counted.

Where a record ends cannot be told without reading all before it, so a large file is cut by one
reader, into pieces that carry their rows, each below a copy of the header.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.documents import TEXT
from corpus.sources import csv_reader, lines
from corpus.sources.batches import NONE, Read
from corpus.sources.chunks import BATCH_BYTES, PIECE, File, Piece, Reject
from corpus.sources.column_names import distinct, theirs
from corpus.sources.csv_reader import Lines, Row, packed, rows_of
from corpus.sources.json_text import canonical
from corpus.sources.rows import Rows
from corpus.sources.settings import Source, content_of
from corpus.sources.streams import Stream

EXTENSIONS = (".csv", ".tsv", ".tab")
GROUPED = False

SMALL_PACKED = 4 << 20


def _lines(piece: Piece, source: Source, stream: Stream) -> Lines:
    limit = min(source.record_limit, csv_reader.LARGEST)
    blocks = lines.piece_blocks(piece, source, stream, size=BATCH_BYTES, limit=limit)
    return Lines(blocks, limit, stream)


def cut(file: File, source: Source) -> Iterator[Piece]:
    """Yield the pieces of a file: itself where it is small, else about 32 MB of rows each."""
    if file.bytes <= (SMALL_PACKED if packed(file.name) else PIECE):
        yield Piece((file,))
        return
    stream = Stream(file.path)
    taken = _lines(Piece((file,)), source, stream)
    rows = rows_of(taken, file.name, source)
    top = next(rows, None)
    if top is None or _no_header(top, source):
        yield Piece((file,))  # nothing to cut: whoever reads it says what is wrong
        return
    header = "".join(top.lines).encode(errors="surrogateescape")
    held, size, start, first, count = [header], 0, 0, 1, 0
    for row in rows:
        data = "".join(row.lines).encode(errors="surrogateescape")
        held.append(data)
        size, count = size + len(data), count + 1
        if size >= PIECE:
            yield Piece((file,), start, start + size, first, b"".join(held))
            held, start, size, first, count = [header], start + size, 0, first + count, 0
    yield Piece((file,), start, start + size, first, b"".join(held))
    if stream.damage:
        yield Piece((file,), start + size, start + size, 0, b"", damage=stream.damage)


def count(piece: Piece, source: Source) -> int:
    """Return how many rows a piece has, and one for damage at its end."""
    if piece.damage:
        return 1
    stream = Stream(piece.file.path)
    found = sum(1 for _ in rows_of(_lines(piece, source, stream), piece.file.name, source))
    return max(1, found - 1 + bool(stream.damage))


def read(piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of a piece in batches, with the rows that are none."""
    file = piece.file
    if piece.damage:
        if piece.takes(0):
            yield NONE, [Reject(file.name, None, piece.damage)]
        return
    stream = Stream(file.path)
    rows = rows_of(_lines(piece, source, stream), file.name, source)
    header = next(rows, None)
    if header is None or (wrong := _no_header(header, source)):
        if piece.takes(0):
            unread = file.bytes if header or stream.damage else 0
            reason = stream.damage or ("the file is empty" if header is None else wrong)
            yield NONE, [Reject(file.name, None, reason, unread)]
        return
    names = distinct(map(str.strip, header.fields))
    taken, total = Rows(), 0
    for row in rows:
        if piece.takes(total):
            _take(taken, row, names, piece.first + total, name=file.name, at=source)
        total += 1
        if taken.full:
            yield taken.batch(source)
            taken = Rows()
    yield taken.batch(source)
    if stream.damage and piece.takes(total):
        yield NONE, [Reject(file.name, None, stream.damage)]


def _no_header(header: Row, source: Source) -> str:
    """Return what is wrong with a header, or nothing."""
    if header.wrong:
        return f"the header is {header.wrong}"
    name = theirs(source, TEXT)
    names = distinct(map(str.strip, header.fields))
    if name in names:
        return ""
    shown = ", ".join(repr(each[:40]) for each in names[:8])
    hint = "; is `delimiter` another?" if len(names) == 1 else ""
    return f"no column {name!r}; the header has {shown}{hint}"


def _take(into: Rows, row: Row, names: list[str], number: int, *, name: str, at: Source) -> None:
    """Take a row as a record, or as a reject."""
    wrong = row.wrong
    if wrong is None and len(row.fields) != len(names):
        wrong = f"{len(row.fields)} fields, where the header has {len(names)}"
    if wrong:
        into.rejects.append(Reject(name, number, wrong, sum(map(len, row.lines))))
        return
    record = dict(zip(names, row.fields, strict=True))
    raw = canonical(record)
    into.add(record, name=name, number=number, raw=raw, content=content_of(at, "csv"))
