"""Convert the data of a file of records to UTF-8, as a stream.

The encoding is the configured one, or that of the first 64 KB. UTF-8 with a few bad bytes is UTF-8:
the records with these bytes are rejects. If the file is not UTF-8 and its letters and words are
clearly those of a language in a legacy encoding, it is converted line by line: a line that is valid
UTF-8 is kept as it is, because files of several sources have lines in several encodings.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain

from corpus.sources.encodings.legacy import detect_legacy
from corpus.sources.encodings.unmarked import DETECTION_BYTES, detect_encoding_from_start, is_utf8
from corpus.sources.files.streams import Stream
from corpus.sources.settings import Source

MIN_BAD_BYTES = 3
"""Minimum bytes that are not valid UTF-8 in a file that is not UTF-8."""

MAX_LINE_BYTES = 8 << 20
"""A longer line in a legacy encoding is converted in parts."""

_SURROGATE_ON_ERROR = "corpus.surrogate_on_error"
_UNICODE_OR_SEVEN_BIT = ("utf", "iso2022")
_MARKED = ("utf-16", "utf-32")


def _surrogate_on_error(error: UnicodeError) -> tuple[str, int]:
    """Replace undecodable bytes with a lone surrogate, which makes their line a reject."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error(_SURROGATE_ON_ERROR, _surrogate_on_error)


def encoding_to_convert(head: bytes, source: Source) -> str | None:
    """Return the encoding of a file that begins with these bytes, or None if it is UTF-8.

    `head` must have `DETECTION_BYTES`, unless the file is shorter.
    """
    if source.encoding is None:
        return detect_encoding_from_start(head) or _detect_legacy_records(head)
    is_utf8 = source.encoding in ("utf-8", "utf-8-sig", "ascii")
    return None if is_utf8 else source.encoding


def to_utf8(stream: Stream, source: Source) -> Iterator[bytes]:
    """Yield the data of a file as UTF-8 without a byte order mark.

    The first piece sets `stream.encoding` if an encoding was detected.
    """
    pieces = iter(stream)
    first = _read_head(pieces)
    encoding = encoding_to_convert(first[:DETECTION_BYTES], source)
    if encoding is None:
        yield from without_mark(chain((first,), pieces))
        return
    if source.encoding is None and encoding not in _MARKED:
        stream.encoding = encoding
        if not encoding.startswith(_UNICODE_OR_SEVEN_BIT):
            yield from _lines_to_utf8(chain((first,), pieces), encoding)
            return
    decoder = codecs.getincrementaldecoder(encoding)(errors=_SURROGATE_ON_ERROR)
    yield decoder.decode(first).removeprefix("\ufeff").encode("utf-8", "surrogatepass")
    for data in pieces:
        yield decoder.decode(data).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")


def without_mark(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield data in UTF-8 without the byte order mark at its start."""
    yield next(pieces, b"").removeprefix(codecs.BOM_UTF8)
    yield from pieces


def _read_head(pieces: Iterator[bytes]) -> bytes:
    """Return the first pieces of a file: at least `DETECTION_BYTES`, unless it is shorter."""
    head = next(pieces, b"")
    while len(head) < DETECTION_BYTES and (more := next(pieces, b"")):
        head += more
    return head


def _detect_legacy_records(head: bytes) -> str | None:
    """Return the legacy encoding of a file of records; None if it is UTF-8, perhaps damaged."""
    if is_utf8(head):
        return None
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    n_bad = text.count("\ufffd")
    n_ascii = len(head.translate(None, bytes(range(128, 256))))
    if n_bad < MIN_BAD_BYTES or len(text) - n_ascii - n_bad > n_bad:
        return None
    return detect_legacy(head)


def _lines_to_utf8(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the data in an encoding that has the line ends of ASCII as UTF-8."""
    pending = b""
    for piece in pieces:
        data = pending + piece
        end = data.rfind(b"\n") + 1
        if not end and len(data) > MAX_LINE_BYTES:
            end = data.rfind(b" ") + 1 or len(data)  # no character has this byte within
        pending = data[end:]
        yield _convert_lines(data[:end], encoding)
    yield _convert_lines(pending, encoding)


def _convert_lines(data: bytes, encoding: str) -> bytes:
    """Return whole lines as UTF-8; those that are valid UTF-8 are kept."""
    if data.isascii():
        return data
    return b"\n".join(_convert_line(line, encoding) for line in data.split(b"\n"))


def _convert_line(line: bytes, encoding: str) -> bytes:
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode(encoding, _SURROGATE_ON_ERROR).encode("utf-8", "surrogatepass")
    return line
