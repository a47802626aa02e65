"""JSON lines: one object per line. Each line is parsed on its own, so a bad line costs no other.

    {"id": "a1", "text": "...", "title": "...", "published_at": "2023-05-22"}

orjson parses the lines. A line that orjson rejects or would round, but that has a clear meaning, is
parsed by Python's own parser: NaN and Infinity become null, integers beyond 64 bits are exact. If a
key is repeated, its last value counts. Lines end in LF or CR LF. Blank lines are not records, but
they count: a record's number is its line number.

A large file is split at line ends into chunks for several workers. A file that is compressed or not
UTF-8 must be split by one reader, so its chunks carry their lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from corpus.sources import lines
from corpus.sources.batches import Origin, ReadBatch, only_rejects
from corpus.sources.chunks import (
    BATCH_BYTES,
    BATCH_ROWS,
    CHUNK_BYTES,
    SMALL_COMPRESSED_BYTES,
    Chunk,
    File,
    Reject,
    damaged_end,
)
from corpus.sources.compression import HEAD_BYTES, detect_compression
from corpus.sources.filesystems import open_file
from corpus.sources.json_text import describe_type
from corpus.sources.rows import documents_from_rows, in_record_order
from corpus.sources.settings import Source, content_of
from corpus.sources.streams import Stream

EXTENSIONS = (".jsonl", ".ndjson", ".json")
ONE_DOCUMENT_PER_FILE = False

_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_LONG_INTEGERS = (b"0" * 20, b"-" + b"0" * 19)  # digits of integers that may not fit in 64 bits
_NEVER_ROUNDED = {str, int, bool, type(None)}  # a float may be an integer that orjson rounded


def split_file(file: File, source: Source) -> Iterator[Chunk]:
    """Yield the chunks of a file, about 32 MB of lines each."""
    whole_file = Chunk((file,))
    if file.bytes <= SMALL_COMPRESSED_BYTES:
        yield whole_file
        return
    try:
        with open_file(file.path) as raw:
            head = raw.read(HEAD_BYTES)
    except OSError:
        yield whole_file
        return
    with_payload = bool(detect_compression(head) or lines.encoding_to_convert(head, source))
    if not with_payload and file.bytes <= CHUNK_BYTES:
        yield whole_file
        return
    yield from _split_lines(file, source, with_payload=with_payload)


def _split_lines(file: File, source: Source, *, with_payload: bool) -> Iterator[Chunk]:
    """Yield the chunks of a large file."""
    stream, first = Stream(file.path), 1
    pieces = lines.to_utf8(iter(stream), source) if with_payload else iter(stream)
    for block in lines.split_into_blocks(
        pieces, stream, size=CHUNK_BYTES, limit=source.record_limit
    ):
        stop = block.start + block.bytes
        if block.data is None and with_payload:
            damage = _over_limit(source)
            yield Chunk((file,), block.start, stop - block.end, first, b"", damage=damage)
        else:
            yield Chunk((file,), block.start, stop, first, block.data if with_payload else None)
        first += 1 if block.data is None else block.data.count(b"\n")
    if stream.damage:
        yield damaged_end(file, stream.position, stream.damage)


def count_records(chunk: Chunk, source: Source) -> int:
    """Return the number of non-blank lines in a chunk, plus one if its end is damaged."""
    if chunk.damage:
        return 1
    stream, total = lines.open_chunk(chunk), 0
    for block in lines.chunk_blocks(chunk, source, stream, size=BATCH_BYTES):
        total += 1 if block.data is None else len(_nonblank_lines(block.data)[0])
    return total + bool(_end_damage(chunk, stream))


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with the lines that could not be read."""
    if reject := chunk.damage_reject():
        if chunk.includes(0):
            yield only_rejects(reject)
        return
    name, index, number = chunk.file.name, 0, chunk.first_record
    stream = lines.open_chunk(chunk)
    for block in lines.chunk_blocks(chunk, source, stream, size=BATCH_BYTES):
        if block.data is None:
            if chunk.includes(index):
                size = block.bytes - block.end
                yield only_rejects(Reject(name, number, _over_limit(source), size))
            index, number = index + 1, number + 1
            continue
        records, offsets = _nonblank_lines(block.data)
        first, last = chunk.selected(index, len(records))
        for begin in range(first, last, BATCH_ROWS):
            end = min(begin + BATCH_ROWS, last)
            numbers = [number + offset for offset in offsets[begin:end]]
            yield _parse_lines(records[begin:end], numbers, name, source)
        index, number = index + len(records), number + block.data.count(b"\n")
    if (damage := _end_damage(chunk, stream)) and chunk.includes(index):
        lost = chunk.file.bytes if stream.position == 0 and stream.damage else 0
        yield only_rejects(Reject(name, None, damage, lost))


def _end_damage(chunk: Chunk, stream: Stream) -> str | None:
    """Return what is wrong with a chunk after its last line, or None."""
    if stream.position == 0 and stream.damage is None and chunk.payload is None:
        return "the file is empty"
    return stream.damage


def _over_limit(source: Source) -> str:
    """Return the reason for rejecting a record over the limit."""
    return f"the record is larger than record_limit ({source.record_limit:,} bytes)"


def _nonblank_lines(data: bytes) -> tuple[list[bytes], Sequence[int]]:
    """Return the non-blank lines without their line ends, and their line numbers from 0.

    Only LF and CR LF end a line; U+2028 and the like do not.
    """
    split = data.split(b"\n")
    if not split[-1]:
        split.pop()
    if b"\r" in data:
        split = [line[:-1] if line.endswith(b"\r") else line for line in split]
    if any(not line or line.isspace() for line in split):
        offsets = [i for i, line in enumerate(split) if line and not line.isspace()]
        return [split[i] for i in offsets], offsets
    return split, range(len(split))


def _parse_lines(
    records: Sequence[bytes], numbers: Sequence[int], file_name: str, source: Source
) -> ReadBatch:
    """Return the documents of some lines, and the lines that could not be read."""
    rows, rejects = _parse_fast(records, source), []
    if rows is None:
        rows, valid = [], []
        for i, line in enumerate(records):
            try:
                rows.append(parse_line(line, source))
                valid.append(i)
            except ValueError as error:
                rejects.append(Reject(file_name, numbers[i], str(error), len(line)))
        records, numbers = [records[i] for i in valid], [numbers[i] for i in valid]
    content = content_of(source, "jsonl")
    origin = Origin([file_name] * len(rows), numbers, records, [content] * len(rows))
    documents, more_rejects = documents_from_rows(rows, origin, source)
    return ReadBatch(documents, in_record_order([*rejects, *more_rejects]))


def _parse_fast(records: Sequence[bytes], source: Source) -> list[dict[str, Any]] | None:
    """Return the objects on the lines, or None if any line needs `parse_line`."""
    if max(map(len, records)) > source.record_limit:
        return None
    try:
        rows = list(map(orjson.loads, records))
    except orjson.JSONDecodeError:
        return None
    if set(map(type, rows)) != {dict}:
        return None
    for row, line in zip(rows, records, strict=True):
        if not _NEVER_ROUNDED.issuperset(map(type, row.values())) and _may_have_long_integer(line):
            return None
    return rows


def parse_line(line: bytes, source: Source) -> dict[str, Any]:
    """Return the object on a line; raises ValueError with the reason if there is none."""
    if len(line) > source.record_limit:
        raise ValueError(_over_limit(source))
    try:
        value = _parse_exactly(line) if _may_have_long_integer(line) else orjson.loads(line)
    except orjson.JSONDecodeError:
        value = _parse_exactly(line)
    if not isinstance(value, dict):
        raise ValueError(f"the line is {describe_type(value)}, not an object")  # noqa: TRY004
    return value


def _may_have_long_integer(line: bytes) -> bool:
    """Return whether the line may have an integer beyond 64 bits, which orjson would round."""
    zeros = line.translate(_DIGITS_TO_ZERO)
    return any(digits in zeros for digits in _LONG_INTEGERS)


def _parse_exactly(line: bytes) -> Any:
    """Return the value that Python's parser reads; raises ValueError with the reason if none."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        byte = line[error.start]
        raise ValueError(
            f"byte {error.start + 1:,} of the line (0x{byte:02x}) is not valid UTF-8; if the file "
            "is in another encoding, set `encoding`"
        ) from None
    try:
        value = json.loads(text, parse_constant=lambda _: None)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        message = error.msg.removesuffix(" at")
        raise ValueError(f"invalid JSON: {message} at character {error.pos + 1:,}") from None
    except UnicodeEncodeError:
        raise ValueError("a string has a lone surrogate, such as \\ud800") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value
