"""JSON lines: one object per line. Each line is parsed on its own, so a bad line costs no other.

    {"id": "a1", "text": "...", "title": "...", "published_at": "2023-05-22"}

Lines end in LF or CR LF. Blank lines are not records, but they count: a record's number is its line
number. A file of another shape (a list, pretty-printed objects, ...: shapes.py) is turned into
lines first; there, a record's number is its position among the records of the file.

A large file is split at line ends into chunks for several workers; where they are is known since
the file was hashed. A file that is compressed, not UTF-8 or of another shape must be split by one
reader, so its chunks carry their lines.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from corpus.kernels import is_compiled
from corpus.sources import lines
from corpus.sources.batches import Origin, ReadBatch, note_only, only_rejects
from corpus.sources.chunks import (
    BATCH_BYTES,
    BATCH_ROWS,
    CHUNK_BYTES,
    SMALL_COMPRESSED_BYTES,
    Chunk,
    File,
    Reject,
    damaged_end,
    over_limit,
)
from corpus.sources.columns.from_rows import documents_from_rows, in_record_order
from corpus.sources.encodings.convert import encoding_to_convert, to_utf8
from corpus.sources.encodings.unmarked import DETECTION_BYTES
from corpus.sources.files.compression import HEAD_BYTES, detect_compression
from corpus.sources.files.filesystems import open_file
from corpus.sources.files.input_file import HashedPath, LineEnds
from corpus.sources.files.line_ends import line_starts
from corpus.sources.files.streams import Stream
from corpus.sources.json import large_texts
from corpus.sources.json.large_texts import column_to_parse_apart, parse_with_text
from corpus.sources.json.records import NOT_FOUND, describe_not_found, is_json_lines, to_json_lines
from corpus.sources.json.text import describe_type, may_have_long_integer
from corpus.sources.notes import FileNotes
from corpus.sources.record_keys import RecordHasher
from corpus.sources.settings import Source, content_of

if TYPE_CHECKING:
    from corpus.sources.json.line_columns import BlockReader

EXTENSIONS = (".jsonl", ".ndjson", ".jl", ".jsonlines", ".json")
ONE_DOCUMENT_PER_FILE = False

LOAD_BYTES = 1 << 20
"""Minimum size of a file for which the kernels that read lines by columns are loaded."""

COMPILE_BYTES = 32 << 20
"""Minimum size of a file for which they are compiled, which takes about three seconds."""

FEW_LINES = 64
"""A block of a megabyte or more that has fewer lines has large ones."""

_NEVER_ROUNDED = {str, int, bool, type(None)}  # a float may be an integer that orjson rounded


def split_file(file: File, source: Source) -> Iterator[Chunk]:
    """Yield the chunks of a file, about 32 MB of lines each."""
    whole_file = Chunk((file,))
    if file.bytes <= SMALL_COMPRESSED_BYTES:
        yield whole_file
        return
    try:
        with open_file(file.location) as raw:
            head = raw.read(DETECTION_BYTES)
    except OSError:
        yield whole_file
        return
    with_payload = bool(detect_compression(head[:HEAD_BYTES]) or encoding_to_convert(head, source))
    if not with_payload and file.bytes <= CHUNK_BYTES:
        yield whole_file
        return
    stream = Stream(file.location)
    is_lines = is_json_lines(to_utf8(stream, source), source)
    if is_lines and not with_payload and file.hashed and file.hashed.line_ends:
        yield from _split_hashed(file, file.hashed, file.hashed.line_ends)
    else:
        yield from _split_lines(file, source, with_payload=with_payload or not is_lines)


def _split_hashed(file: File, hashed: HashedPath, line_ends: LineEnds) -> Iterator[Chunk]:
    """Yield the chunks of a large file whose line ends are known, without reading it."""
    file = replace(file, hashed=hashed._replace(line_ends=None))  # workers do not need them
    start, first = 0, 1
    for stop, n_lines in line_starts(line_ends, CHUNK_BYTES):
        if stop < hashed.size:
            yield Chunk((file,), start, stop, first)
            start, first = stop, n_lines + 1
    yield Chunk((file,), start, hashed.size, first)


def _split_lines(file: File, source: Source, *, with_payload: bool) -> Iterator[Chunk]:
    """Yield the chunks of a large file."""
    if file.hashed:
        file = replace(file, hashed=file.hashed._replace(line_ends=None))
    stream, first = Stream(file.location), 1
    pieces = _whole_file(stream, source) if with_payload else iter(stream)
    for block in lines.split_into_blocks(
        pieces, stream, size=CHUNK_BYTES, limit=source.record_limit
    ):
        start, stop, data = block.start, block.start + block.bytes, block.data
        n_lines = 1 if data is None else data.count(b"\n")
        if data is None and with_payload:
            damage = over_limit(source.record_limit)
            yield Chunk((file,), start, stop - block.end, first, b"", damage=damage)
        elif with_payload:
            yield Chunk((file,), start, stop, first, data, stream.encoding)
        else:
            del block, data  # a large record is not in memory here while its chunk is read
            yield Chunk((file,), start, stop, first)
        first += n_lines
    if stream.damage and stream.position == 0:
        yield Chunk((file,))  # `read` reports it
    elif stream.damage:
        yield damaged_end(file, stream.position, stream.damage, stream.lost_bytes(file.bytes))


def _whole_file(stream: Stream, source: Source) -> Iterator[bytes]:
    """Yield the data of a whole file as JSON lines in UTF-8."""
    return to_json_lines(to_utf8(stream, source), stream, source)


def _blocks(chunk: Chunk, source: Source, stream: Stream) -> Iterator[lines.Block]:
    """Yield the blocks of a chunk; only a whole file may have another shape than JSON lines."""
    if chunk.payload is not None or chunk.start or chunk.stop is not None:
        return lines.chunk_blocks(chunk, source, stream, size=BATCH_BYTES)
    return lines.split_into_blocks(
        _whole_file(stream, source), stream, size=BATCH_BYTES, limit=source.record_limit
    )


def count_records(chunk: Chunk, source: Source) -> int:
    """Return the number of non-blank lines in a chunk, plus one if its end is damaged."""
    stream, total = lines.open_chunk(chunk), 0
    for block in _blocks(chunk, source, stream):
        total += 1 if block.data is None else len(_nonblank_lines(block.data)[0])
    return total + bool(_end_damage(chunk, stream))


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with the lines that could not be read."""
    name, index, number = chunk.file.name, 0, chunk.first_record
    stream = lines.open_chunk(chunk)
    by_columns = _block_reader(chunk, source)
    for block in _blocks(chunk, source, stream):
        if block.data is None:
            if chunk.includes(index):
                size = block.bytes - block.end
                yield only_rejects(Reject(name, number, over_limit(source.record_limit), size))
            index, number = index + 1, number + 1
            continue
        if by_columns is not None and not _has_large_records(block.data):
            yield from by_columns.read(block.data, number)
            number = by_columns.next_number
            continue
        records, offsets = _nonblank_lines(block.data)
        n_records, n_lines = len(records), block.data.count(b"\n")
        del block  # a large record is not in memory twice while it is parsed
        first, last = chunk.selected(index, n_records)
        yield from _parse_batches(records, offsets, first, last, number, name, source)
        index, number = index + n_records, number + n_lines
    if encoding := chunk.encoding or stream.encoding:
        yield note_only(name, FileNotes(encodings=(encoding,)))
    if (damage := _end_damage(chunk, stream)) and chunk.includes(index):
        lost = stream.lost_bytes(chunk.file.bytes)
        if stream.position == 0 and stream.damage:
            lost = chunk.file.bytes
        yield only_rejects(Reject(name, None, damage, lost))


def _parse_batches(
    records: list[bytes],
    offsets: Sequence[int],
    first: int,
    last: int,
    number: int,
    file_name: str,
    source: Source,
) -> Iterator[ReadBatch]:
    """Yield the documents of the lines [first, last) in batches."""
    for begin in range(first, last, BATCH_ROWS):
        end = min(begin + BATCH_ROWS, last)
        numbers = [number + offset for offset in offsets[begin:end]]
        yield _parse_lines(_taken(records, begin, end), numbers, file_name, source)


def _block_reader(chunk: Chunk, source: Source) -> BlockReader | None:
    """Return what reads regular lines by columns; None for a chunk to read line by line.

    A source with dotted names, or with columns in the names of folders, is read line by line, and a
    file that is too small to load the kernels, or to compile them. So are all in a process without
    numba, such as `corpus check`: importing it takes longer than a few megabytes of lines.
    """
    file, content = chunk.file, content_of(source, "jsonl")
    is_dotted = any("." in name for name in source.columns.values())
    if file.bytes < LOAD_BYTES or chunk.records or source.has_partitions or is_dotted:
        return None
    if "numba" not in sys.modules:
        return None
    if file.bytes < COMPILE_BYTES and not is_compiled("corpus.sources.json.line_kernels"):
        return None
    from corpus.sources.json.line_columns import BlockReader

    def parse(data: bytes, number: int) -> Iterator[ReadBatch]:
        records, offsets = _nonblank_lines(data)
        return _parse_batches(records, offsets, 0, len(records), number, file.name, source)

    return BlockReader(parse, file_name=file.name, content=content, source=source)


def _has_large_records(data: bytes) -> bool:
    """Return whether a block has large records, which must not be in memory beside their batch."""
    if len(data) >= large_texts.LARGE_LINE:
        return True
    end = 0
    for _ in range(FEW_LINES):
        end = data.find(b"\n", end) + 1
        if not end:
            return len(data) >= LOAD_BYTES
    return False


def _end_damage(chunk: Chunk, stream: Stream) -> str | None:
    """Return what is wrong with a chunk after its last line, or None."""
    if stream.position == 0 and stream.damage is None and chunk.payload is None:
        return "the file is empty"
    return stream.damage


def _taken(records: list[bytes], begin: int, end: int) -> list[bytes]:
    """Return some of the records, and forget them here, so that they are not kept for long."""
    taken = records[begin:end]
    records[begin:end] = [b""] * len(taken)
    return taken


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
    hasher = RecordHasher(source)
    hashes = [hasher.hash(line, file_name) for line in records]
    del records  # a large record is not in memory twice while its text is copied
    origin = Origin([file_name] * len(rows), numbers, hashes, [content] * len(rows))
    documents, more_rejects, _ = documents_from_rows(rows, origin, source)
    return ReadBatch(documents, in_record_order([*rejects, *more_rejects]))


def _parse_fast(records: Sequence[bytes], source: Source) -> list[dict[str, Any]] | None:
    """Return the objects on the lines, or None if any line needs `parse_line`."""
    if max(map(len, records)) > min(source.record_limit, large_texts.LARGE_LINE - 1):
        return None
    try:
        rows = list(map(orjson.loads, records))
    except orjson.JSONDecodeError:
        return None
    if set(map(type, rows)) != {dict}:
        return None
    for row, line in zip(rows, records, strict=True):
        if not _NEVER_ROUNDED.issuperset(map(type, row.values())) and may_have_long_integer(line):
            return None
    return rows


def parse_line(line: bytes, source: Source) -> dict[str, Any]:
    """Return the object on a line; raises ValueError with the reason if there is none."""
    if len(line) > source.record_limit:
        raise ValueError(over_limit(source.record_limit))
    if line.startswith(NOT_FOUND):
        raise ValueError(describe_not_found(line, source))
    value = parse_with_text(line, column_to_parse_apart(source))
    if not isinstance(value, dict):
        raise ValueError(f"the record is {describe_type(value)}, not an object")  # noqa: TRY004
    return value
