"""JSON lines: one object a line, parsed by itself, so that a bad line costs no other.

    {"id": "a1", "text": "...", "title": "...", "published_at": "2023-05-22"}

Each line is parsed by orjson. What orjson will not read but a person would (NaN, Infinity, integers
beyond 64 bits) is read by Python's own parser, that line alone: NaN and Infinity are null. Of a
name that comes twice, the last one counts. Lines may end in LF or CR LF; blank ones are no records,
but are counted: a record's number is the number of its line.

A large file is cut at line ends into pieces for several workers. One that is compressed, or is no
UTF-8, can only be cut by one reader, and its pieces carry their lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from corpus.sources import lines
from corpus.sources.batches import NONE, Origin, Read
from corpus.sources.chunks import BATCH_BYTES, BATCH_ROWS, PIECE, File, Piece, Reject
from corpus.sources.column_names import kind_of
from corpus.sources.filesystems import open_file
from corpus.sources.rows import from_rows, in_order
from corpus.sources.settings import Content, Source, content_of
from corpus.sources.streams import Stream, compression

EXTENSIONS = (".jsonl", ".ndjson", ".json")
CONTENT: Content = "text"
GROUPED = False

SMALL_PACKED = 4 << 20
"""Bytes of a compressed file that is left in one piece: about 16 to 40 MB of lines."""

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_EXACT = {str, int, bool, type(None)}  # what orjson never rounds; a float may have been an integer
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
    stream, first = Stream(file.path), 1
    chunks = lines.utf8(iter(stream), source) if carried else iter(stream)
    for block in lines.blocks(chunks, stream, size=PIECE, limit=source.record_limit):
        stop = block.start + block.bytes
        if block.data is None and carried:
            reason = _too_large(source)
            yield Piece((file,), block.start, stop - block.end, first, b"", damage=reason)
        else:
            yield Piece((file,), block.start, stop, first, block.data if carried else None)
        first += 1 if block.data is None else block.data.count(b"\n")
    if stream.damage:
        yield Piece((file,), stream.position, stream.position, 0, b"", damage=stream.damage)


def count(piece: Piece, source: Source) -> int:
    """Return how many records a piece has: lines not blank, and one for damage at its end."""
    if piece.damage:
        return 1
    stream, total = lines.stream_of(piece), 0
    for block in lines.piece_blocks(piece, source, stream, size=BATCH_BYTES):
        total += 1 if block.data is None else len(_records(block.data)[0])
    return total + bool(_at_end(piece, stream))


def read(piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of a piece in batches, with the lines that are none."""
    name, ordinal, number = piece.file.name, 0, piece.first
    if piece.damage:
        if piece.takes(0):
            size = (piece.stop or 0) - piece.start
            yield NONE, [Reject(name, piece.first or None, piece.damage, size)]
        return
    stream = lines.stream_of(piece)
    for block in lines.piece_blocks(piece, source, stream, size=BATCH_BYTES):
        if block.data is None:
            if piece.takes(ordinal):
                reason = _too_large(source)
                yield NONE, [Reject(name, number, reason, block.bytes - block.end)]
            ordinal, number = ordinal + 1, number + 1
            continue
        found, places = _records(block.data)
        first, last = piece.inside(ordinal, len(found))
        for at in range(first, last, BATCH_ROWS):
            end = min(at + BATCH_ROWS, last)
            numbers = [number + place for place in places[at:end]]
            yield _documents(found[at:end], numbers, name, source)
        ordinal, number = ordinal + len(found), number + block.data.count(b"\n")
    if (damage := _at_end(piece, stream)) and piece.takes(ordinal):
        unread = piece.file.bytes if stream.position == 0 and stream.damage else 0
        yield NONE, [Reject(name, None, damage, unread)]


def _at_end(piece: Piece, stream: Stream) -> str | None:
    """Return what is wrong with a piece beyond its lines, or None."""
    if stream.position == 0 and stream.damage is None and piece.payload is None:
        return "the file is empty"
    return stream.damage


def _too_large(source: Source) -> str:
    """Return what is wrong with a record over the limit."""
    return f"the record has more bytes than record_limit ({source.record_limit:,})"


def _records(data: bytes) -> tuple[list[bytes], Sequence[int]]:
    """Return the lines that are not blank, without their ends, and their places among all.

    U+2028 and the like end no line.
    """
    found = data.split(b"\n")
    if not found[-1]:
        found.pop()
    if b"\r" in data:
        found = [line[:-1] if line.endswith(b"\r") else line for line in found]
    if any(not line or line.isspace() for line in found):
        places = [i for i, line in enumerate(found) if line and not line.isspace()]
        return [found[i] for i in places], places
    return found, range(len(found))


def _may_hold_big(line: bytes) -> bool:
    """Whether an integer in this line may be beyond 64 bits, which orjson would round."""
    zeros = line.translate(_DIGITS)
    return any(big in zeros for big in _BIG)


def _documents(found: Sequence[bytes], numbers: Sequence[int], name: str, source: Source) -> Read:
    """Return the documents of some lines, and the lines that are none."""
    rows, rejects = _quick(found, source), []
    if rows is None:
        rows, kept = [], []
        for i, line in enumerate(found):
            try:
                rows.append(parse(line, source))
                kept.append(i)
            except ValueError as error:
                rejects.append(Reject(name, numbers[i], str(error), len(line)))
        found, numbers = [found[i] for i in kept], [numbers[i] for i in kept]
    content = content_of(source, "jsonl")
    origin = Origin([name] * len(rows), numbers, found, [content] * len(rows))
    batch, more = from_rows(rows, origin, source)
    return batch, in_order([*rejects, *more])


def _quick(found: Sequence[bytes], source: Source) -> list[dict[str, Any]] | None:
    """Return the objects that the lines hold, or None where any of them needs a closer look."""
    if max(map(len, found)) > source.record_limit:
        return None
    try:
        rows = list(map(orjson.loads, found))
    except orjson.JSONDecodeError:
        return None
    if set(map(type, rows)) != {dict}:
        return None
    for row, line in zip(rows, found, strict=True):
        if not _EXACT.issuperset(map(type, row.values())) and _may_hold_big(line):
            return None
    return rows


def parse(line: bytes, source: Source) -> dict[str, Any]:
    """Return the object that a line holds; raises ValueError saying what is wrong with it."""
    if len(line) > source.record_limit:
        raise ValueError(_too_large(source))
    try:
        found = _tolerant(line) if _may_hold_big(line) else orjson.loads(line)
    except orjson.JSONDecodeError:
        found = _tolerant(line)
    if not isinstance(found, dict):
        what = "null" if found is None else "text" if isinstance(found, str) else kind_of(found)
        raise ValueError(f"the line is {what}, not an object")  # noqa: TRY004, no bug of ours
    return found


def _tolerant(line: bytes) -> Any:
    """Return what Python's parser makes of a line; raises ValueError saying what is wrong."""
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
        raise ValueError(
            f"no JSON: {error.msg.removesuffix(' at')} at character {error.pos + 1:,}"
        ) from None
    except UnicodeEncodeError:
        raise ValueError("half of a character: a lone surrogate such as \\ud800") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    return found
