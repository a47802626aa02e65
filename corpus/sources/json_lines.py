"""JSON lines: one object a line, parsed by itself, so that a bad line costs no other.

    {"id": "a1", "text": "...", "title": "...", "published_at": "2023-05-22"}

Each line is parsed by orjson. What orjson will not read but a person would (NaN, Infinity, integers beyond 64
bits) is read by Python's own parser, that line alone: NaN and Infinity are null. Of a name that
comes twice, the last one counts. Lines may end in LF or CR LF; blank ones are no records, but are counted:
a record's number is the number of its line.

A large file is cut at line ends into pieces for several workers. One that is compressed, or is no UTF-8,
can only be cut by one reader, and its pieces carry their lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from corpus.sources import lines
from corpus.sources.batches import NONE, Origin, Read
from corpus.sources.naming import kind_of
from corpus.sources.pieces import BATCH_BYTES, BATCH_ROWS, PIECE, File, Piece, Reject
from corpus.sources.places import open_file
from corpus.sources.rows import from_rows
from corpus.sources.settings import Content, Source, content_of
from corpus.sources.streams import Stream, compression

EXTENSIONS = (".jsonl", ".ndjson", ".json")
CONTENT: Content = "text"
GROUPED = False

SMALL_PACKED = 4 << 20
"""Bytes of a compressed file that is left in one piece: about 16 to 40 MB of lines."""

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_BIG = (b"0" * 20, b"-" + b"0" * 19)  # integers that may not fit in 64 bits


def cut(file: File, source: Source) -> Iterator[Piece]:
    """Yield the pieces of a file, about 32 MB of lines each."""
    whole = Piece((file,))
    if file.bytes <= SMALL_PACKED:
        yield whole
        return
    try:
        with open_file(file.path) as raw:
            head = raw.read(10)
    except OSError:
        yield whole
        return
    carried = bool(compression(head) or lines.encoding_of(head, source))
    if not carried and file.bytes <= PIECE:
        yield whole
        return
    stream = Stream(file.path)
    chunks = lines.utf8(iter(stream), source) if carried else iter(stream)
    for block in lines.blocks(chunks, stream, size=PIECE, limit=source.record_limit):
        stop = block.start + block.bytes
        data = block.data if carried else None
        if carried and data is None:
            reason = f"the record has {block.bytes:,} bytes, more than {source.record_limit:,}"
            yield Piece((file,), block.start, stop, block.lines + 1, b"", damage=reason)
        else:
            yield Piece((file,), block.start, stop, block.lines + 1, data)
    if stream.damage:
        yield Piece((file,), stream.position, stream.position, 0, b"", damage=stream.damage)


def count(piece: Piece, source: Source) -> int:
    """Return how many lines a piece has."""
    stream = lines.stream_of(piece)
    total = 0
    for block in lines.piece_blocks(piece, source, stream, size=BATCH_BYTES):
        total += 1 if block.data is None else len(_split(block.data))
    return total


def read(piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of a piece in batches, with the lines that are none."""
    name = piece.file.name
    if piece.damage:
        size = (piece.stop or 0) - piece.start
        yield NONE, [Reject(piece.first or None, piece.damage, size, name)]
        return
    stream = lines.stream_of(piece)
    for block in lines.piece_blocks(piece, source, stream, size=BATCH_BYTES):
        number = piece.first + block.lines
        if block.data is None:
            if piece.takes(block.lines):
                reason = _too_large(block.bytes, source)
                yield NONE, [Reject(number, reason, block.bytes, name)]
            continue
        found = _split(block.data)
        tricky = _may_hold_big(block.data)
        start, stop = piece.records or (0, block.lines + len(found))
        first, last = max(0, start - block.lines), min(len(found), stop - block.lines)
        for at in range(first, last, BATCH_ROWS):
            some = found[at : min(at + BATCH_ROWS, last)]
            yield _documents(some, number + at, name, tricky=tricky, source=source)
    if stream.damage:
        unread = piece.file.bytes if stream.position == 0 else 0
        yield NONE, [Reject(None, stream.damage, unread, name)]
    elif stream.position == 0 and piece.payload is None:
        yield NONE, [Reject(None, "the file is empty", 0, name)]


def _too_large(bytes: int, source: Source) -> str:
    """Return what is wrong with a record over the limit."""
    return f"the record has {bytes:,} bytes, more than record_limit ({source.record_limit:,})"


def _split(data: bytes) -> list[bytes]:
    """Return the lines without their ends; U+2028 and the like end no line."""
    found = data.split(b"\n")
    if not found[-1]:
        found.pop()
    if b"\r" in data:
        found = [line[:-1] if line.endswith(b"\r") else line for line in found]
    return found


def _may_hold_big(data: bytes) -> bool:
    """Whether an integer in these lines may be beyond 64 bits, which orjson would round."""
    zeros = data.translate(_DIGITS)
    return any(big in zeros for big in _BIG)


def _documents(
    found: Sequence[bytes], first: int, name: str, *, tricky: bool, source: Source
) -> Read:
    """Return the documents of some lines, the first of which is number `first`."""
    rows, numbers, rejects = _quick(found, source), list(range(first, first + len(found))), []
    if rows is None or tricky:
        rows, kept = [], []
        for number, line in zip(numbers, found, strict=True):
            if not line.strip():
                continue
            try:
                rows.append(parse(line, source))
                kept.append(number)
            except ValueError as error:
                rejects.append(Reject(number, str(error), len(line), name))
        found, numbers = [found[number - first] for number in kept], kept
    content = content_of(source, "jsonl")
    origin = Origin([name] * len(rows), numbers, found, [content] * len(rows))
    batch, more = from_rows(rows, origin, source)
    return batch, sorted(rejects + more, key=lambda reject: reject.record or 0)


def _quick(found: Sequence[bytes], source: Source) -> list[dict[str, Any]] | None:
    """Return the objects that the lines hold, or None where any of them needs a closer look."""
    if max(map(len, found)) > source.record_limit:
        return None
    try:
        rows = list(map(orjson.loads, found))
    except orjson.JSONDecodeError:
        return None
    return rows if set(map(type, rows)) == {dict} else None


def parse(line: bytes, source: Source) -> dict[str, Any]:
    """Return the object that a line holds; raises ValueError saying what is wrong with it."""
    if len(line) > source.record_limit:
        raise ValueError(_too_large(len(line), source))
    try:
        found = _tolerant(line) if _may_hold_big(line) else orjson.loads(line)
    except orjson.JSONDecodeError:
        found = _tolerant(line)
    if not isinstance(found, dict):
        what = "null" if found is None else "text" if isinstance(found, str) else kind_of(found)
        raise ValueError(f"the line is {what}, not an object")
    return found


def _tolerant(line: bytes) -> Any:
    """Return what Python's parser makes of a line; raises ValueError saying what is wrong with it."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        byte = line[error.start]
        raise ValueError(
            f"byte {error.start + 1:,} of the line (0x{byte:02x}) is no UTF-8; if the file is in "
            "another encoding, set `encoding`"
        ) from None
    try:
        found = json.loads(text, parse_constant=lambda _: None)
        json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error.msg} at character {error.pos + 1:,}") from None
    except UnicodeEncodeError:
        raise ValueError("half of a character: a lone surrogate such as \\ud800") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    return found
