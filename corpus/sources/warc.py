"""WARC files, as web crawlers write them (also WET, their texts): a page is a document.

Of each record that is a page (a response of status 2xx, a resource or a conversion; HTML or plain
text), the document has the payload, unpacked, with the record's URI and date. Requests, images and
the rest are no documents and no rejects. A record's number counts all records of the file.

Records are told apart here, by their lengths, so that what is cut off or is no record is noticed;
fastwarc reads each one. A large file is cut by one reader into pieces that carry their records.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from corpus.sources.batches import NONE, Read
from corpus.sources.chunks import PIECE, File, Piece, Reject
from corpus.sources.encodings import UndecodableError, declared, decode
from corpus.sources.rows import Rows
from corpus.sources.settings import Content, Source
from corpus.sources.streams import SUFFIXES, Stream
from corpus.sources.warc_records import Frame, frames

EXTENSIONS = (".warc", ".wet")
GROUPED = False
SMALL_PACKED = 4 << 20

_TYPE = re.compile(
    rb"^WARC-Type:[ \t]*(response|resource|conversion)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_HTML = ("text/html", "application/xhtml+xml")


def cut(file: File, source: Source) -> Iterator[Piece]:
    """Yield the pieces of a file: itself where it is small, else about 32 MB of records each."""
    packed = file.name.lower().endswith(SUFFIXES)
    if file.bytes <= (SMALL_PACKED if packed else PIECE):
        yield Piece((file,))
        return
    stream = Stream(file.path)
    held: list[bytes] = []
    size = start = count = 0
    first = 1
    for frame in frames(iter(stream), stream, limit=source.record_limit):
        if frame.wrong is None:
            held.append(frame.data)
        stop, count = start + size + frame.bytes, count + 1
        size += frame.bytes
        if frame.wrong is not None or size >= PIECE:
            kept = count - (frame.wrong is not None)
            if kept:
                end = stop - (frame.bytes if frame.wrong else 0)
                yield Piece((file,), start, end, first, b"".join(held))
            if frame.wrong is not None:
                number = first + kept
                where = stop - frame.bytes, stop
                yield Piece((file,), *where, number, b"", damage=frame.wrong)
            held, start, size, first, count = [], stop, 0, first + count, 0
    if held:
        yield Piece((file,), start, start + size, first, b"".join(held))
    if stream.damage:
        yield Piece((file,), start + size, start + size, 0, b"", damage=stream.damage)


def _frames(piece: Piece, source: Source, stream: Stream) -> Iterator[Frame]:
    chunks = iter(stream) if piece.payload is None else iter((piece.payload,))
    return frames(chunks, stream, limit=source.record_limit)


def count(piece: Piece, source: Source) -> int:
    """Return how many records a piece has, pages or not, and one for damage at its end."""
    if piece.damage:
        return 1
    stream = Stream(piece.file.path)
    total = sum(1 for _ in _frames(piece, source, stream))
    return total + bool(_at_end(piece, stream, total))


def read(piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of a piece in batches, with the records that could not be read."""
    name = piece.file.name
    if piece.damage:
        if piece.takes(0):
            size = (piece.stop or 0) - piece.start
            yield NONE, [Reject(name, piece.first or None, piece.damage, size)]
        return
    stream = Stream(piece.file.path)
    bare = source.model_copy(update={"columns": {}})
    rows, total = Rows(), 0
    for frame in _frames(piece, source, stream):
        if piece.takes(total):
            _take(rows, frame, piece.first + total, name=name, source=source)
        total += 1
        if rows.full:
            yield rows.batch(bare)
            rows = Rows()
    yield rows.batch(bare)
    if (damage := _at_end(piece, stream, total)) and piece.takes(total):
        unread = piece.file.bytes if total == 0 and stream.damage else 0
        yield NONE, [Reject(name, None, damage, unread)]


def _at_end(piece: Piece, stream: Stream, total: int) -> str | None:
    """Return what is wrong with a piece beyond its records, or None."""
    if total == 0 and stream.damage is None and piece.payload is None:
        return "the file is empty"
    return stream.damage


def _take(into: Rows, frame: Frame, number: int, *, name: str, source: Source) -> None:
    """Take a record as a document or as a reject, or leave it where it is no page."""
    wrong, found = frame.wrong, None
    try:
        found = None if wrong else _page(frame.data, source)
    except (OSError, ValueError) as error:
        wrong = " ".join(str(error).split())[:200]
    if wrong:
        into.rejects.append(Reject(name, number, wrong, len(frame.data) or frame.bytes))
    elif found is not None:
        row, raw, content = found
        into.add(row, name=name, number=number, raw=raw, content=content)


def _page(data: bytes, source: Source) -> tuple[dict[str, Any], bytes, Content] | None:
    """Return what a page says, its URI and payload as bytes, and its content; None for no page."""
    if not _TYPE.search(data[: data.find(b"\r\n\r\n")]):
        return None
    from fastwarc.warc import ArchiveIterator

    for record in ArchiveIterator(io.BytesIO(data), auto_decode="all", stream_detect=False):
        status = record.http_headers.status_code if record.http_headers else 200
        kind = record.http_content_type if record.is_http else record.headers.get("Content-Type")
        kind = (kind or "").partition(";")[0].strip().lower()
        if not status or not 200 <= status < 300 or kind not in (*_HTML, "text/plain", ""):
            return None
        payload = record.reader.read(source.record_limit + 1)
        if len(payload) > source.record_limit:
            raise UndecodableError(f"unpacks to more than record_limit ({source.record_limit:,})")
        html = kind in _HTML or (not kind and b"<html" in payload[:1024].lower())
        if not html and not kind:
            return None
        says = record.http_charset or (declared(payload) if html else None)
        text = decode(payload, encoding=source.encoding, says=says, repair=True)
        uri = (record.headers.get("WARC-Target-URI") or "").strip("<>")
        row = {"text": text, "url": uri, "date": record.headers.get("WARC-Date")}
        return (
            row,
            uri.encode(errors="replace") + b"\0" + payload,
            source.content or ("html" if html else "page"),
        )
    return None
