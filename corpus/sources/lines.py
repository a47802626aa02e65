"""Lines out of chunks: blocks of whole lines.

A block ends at a line end, so it can be parsed by itself; one line larger than the limit is
counted, never held.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.sources.chunks import Piece
from corpus.sources.settings import Source
from corpus.sources.streams import Stream

_MARK = "corpus.undecodable"
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True)
class Block:
    """Some whole lines: `data` is None where it is a single one larger than the limit.

    `end` counts the bytes that end such a line; the file may end before.
    """

    start: int
    data: bytes | None
    bytes: int
    end: int = 0


def _undecodable(error: UnicodeError) -> tuple[str, int]:
    """Return a lone surrogate for bytes that make no character: its line will be a reject."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error(_MARK, _undecodable)


def wide(head: bytes) -> str | None:
    """Return the encoding of bytes that start like UTF-16 or UTF-32, with or without their mark."""
    for mark, name in _WIDE.items():
        if head.startswith(mark):
            return name
    if len(head) >= 2 and 0 in head[:2] and head[:2] != b"\0\0":
        return "utf-16-le" if head[1] == 0 else "utf-16-be"
    return None


def encoding_of(head: bytes, source: Source) -> str | None:
    """Return the encoding that lines starting so must be turned from; None if they are UTF-8."""
    if source.encoding is None:
        return wide(head)
    plain = source.encoding in ("utf-8", "utf-8-sig", "ascii")
    return None if plain else source.encoding


def utf8(chunks: Iterator[bytes], source: Source) -> Iterator[bytes]:
    """Yield the chunks as UTF-8 without its mark, whatever they are in."""
    first = next(chunks, b"")
    while len(first) < 4 and (more := next(chunks, b"")):
        first += more
    encoding = encoding_of(first[:4], source)
    if encoding is None:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors=_MARK)
    yield decoder.decode(first).removeprefix("\ufeff").encode("utf-8", "surrogatepass")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")


def stream_of(piece: Piece) -> Stream:
    """Return the bytes behind a piece of one file."""
    return Stream(piece.file.path, start=piece.start, stop=piece.stop)


def blocks(chunks: Iterator[bytes], stream: Stream, *, size: int, limit: int) -> Iterator[Block]:
    """Yield blocks of at least `size` bytes, but for the last one.

    A last line that the stream cut off is left out: what is left of it is no record.
    """
    start = held = whole = 0
    parts: list[bytes] = []
    huge = False  # inside a line over the limit, of which `held` bytes have passed
    for chunk in _portions(chunks, size):
        end = chunk.rfind(b"\n") + 1
        if huge:
            stop = chunk.find(b"\n") + 1
            held += stop or len(chunk)
            if not stop:
                continue
            yield Block(start, None, held, end=1)
            start, held, huge = start + held, 0, False
            chunk, end = chunk[stop:], end - stop  # noqa: PLW2901
        whole = held + end if end else whole
        parts.append(chunk)
        held += len(chunk)
        if held >= size and whole:
            data, parts = b"".join(parts), []
            head, parts = data[:whole], [data[whole:]]
            del data
            yield Block(start, head, whole)
            start, held, whole = start + whole, held - whole, 0
        if held > limit and not whole:
            parts, huge = [], True
    if stream.cut:
        held, parts, huge = whole, [b"".join(parts)[:whole]], False
    if huge or held:
        yield Block(start, None if huge else b"".join(parts), held)


def _portions(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the chunks, those larger than `size` in parts."""
    for chunk in chunks:
        if len(chunk) <= size:
            yield chunk
        else:
            yield from (chunk[at : at + size] for at in range(0, len(chunk), size))


def piece_blocks(
    piece: Piece, source: Source, stream: Stream, *, size: int, limit: int | None = None
) -> Iterator[Block]:
    """Yield the blocks of a piece: of the lines it carries, or of the file."""
    if piece.payload is not None:
        chunks = iter((piece.payload,)) if piece.payload else iter(())
    elif piece.start:
        chunks = iter(stream)
    else:
        chunks = utf8(iter(stream), source)
    return blocks(chunks, stream, size=size, limit=limit or source.record_limit)
