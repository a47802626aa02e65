"""Decode the bytes of one document to UTF-8, the encoding that its text has in a column.

Python's string of a text has up to four bytes a character. So there is only a string of a piece of
it, and valid UTF-8 is returned as it is.

The encoding is, in this order: the configured one, that of a byte order mark, UTF-16, UTF-32 or
ISO-2022 if the bytes are text in it, UTF-8 if the bytes are valid, the declared one, or one
detected from the start of the bytes: by the letters and words of a language (legacy.py)
or else by charset-normalizer. A few bad bytes do not change the encoding: in HTML, which browsers
repair, these become U+FFFD; a text file becomes a reject that names the first of them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from io import BytesIO

from corpus.sources.encodings.legacy import detect_legacy
from corpus.sources.encodings.unmarked import (
    DETECTION_BYTES,
    detect_if_not_utf8,
    detect_unmarked_unicode,
    marked_encoding,
)
from corpus.sources.settings import text_encoding

_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*+=\s*+(?:["']\s*+)?([A-Za-z0-9_.:-]{1,40})""",
    re.IGNORECASE,
)
_XML_ENCODING = re.compile(
    rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE
)
MIN_BAD_BYTES = 20
"""Bytes that are not UTF-8 in a page that declares it, from which the declaration may be wrong."""

DECLARATION_BYTES = 4096
"""Bytes at the start of a page that are searched for its declared encoding."""

PIECE_BYTES = 1 << 20
"""Bytes that are decoded at a time."""

NOT_ASCII = bytes(range(128, 256))

# What browsers read under these names: WHATWG Encoding Standard, section 4.2.
_WHATWG_ENCODINGS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_SEVEN_BIT_ENCODINGS = ("iso2022_jp", "hz")
_WIDE_ENCODINGS = ("utf-16", "utf-32")


class UndecodableError(ValueError):
    """The bytes of a document cannot be decoded; the message says why."""


def declared_encoding(page: bytes) -> str | None:
    """Return the encoding name that an HTML page declares at its start, or None."""
    head = page[:DECLARATION_BYTES]
    match = _XML_ENCODING.search(head) or _META_CHARSET.search(head)
    return match.group(1).decode("ascii") if match else None


def browser_encoding(name: str | None) -> str | None:
    """Return Python's name of the encoding that browsers use for a declared name, or None."""
    encoding = text_encoding((name or "").strip().strip("\"'"))
    return _WHATWG_ENCODINGS.get(encoding, encoding) if encoding else None


def decode_to_utf8(
    data: bytes, *, encoding: str | None = None, declared: str | None = None, repair: bool = False
) -> bytes:
    """Return the text of the bytes in UTF-8; raises UndecodableError.

    `encoding` is the configured encoding, `declared` the name that the page or its server declares.
    `repair` replaces bad bytes with U+FFFD.
    """
    if encoding:
        return _convert(data, encoding).removeprefix(codecs.BOM_UTF8)
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    elif detected := marked_encoding(data) or detect_if_not_utf8(data):
        return _convert(data, detected, repair=repair).removeprefix(codecs.BOM_UTF8)
    declared = browser_encoding(declared)
    if declared in _SEVEN_BIT_ENCODINGS and data.isascii():
        return _convert(data, declared)
    if _is_utf8(data):
        return data
    is_mostly_utf8 = _is_mostly_utf8(data)
    if declared == "utf-8" or is_mostly_utf8:
        other = None if is_mostly_utf8 else _detect_despite_declaration(data)
        return _convert(data, other or "UTF-8", repair=repair)
    return _convert_legacy(data, declared, repair=repair)


def _convert_legacy(data: bytes, declared: str | None, *, repair: bool) -> bytes:
    """Return the text of bytes that are not UTF-8, in the declared or else the detected encoding.

    Without `repair`, a declaration that does not fit the bytes is ignored.
    """
    if declared:
        try:
            return _convert(data, declared)
        except UndecodableError:
            if repair:
                return _convert(data, declared, repair=True)
    return _convert(data, _detect_encoding(data), repair=repair)


def _convert(data: bytes, encoding: str, *, repair: bool = False) -> bytes:
    """Return the text in UTF-8, with U+FFFD for bad bytes if `repair`.

    Otherwise, raises UndecodableError that names the first bad byte.
    """
    converted = BytesIO()
    try:
        for text in _decoded_pieces(data, encoding, "replace" if repair else "strict"):
            converted.write(text.encode())  # UTF-7 can encode lone surrogates
    except UnicodeDecodeError as error:
        raise UndecodableError(_describe_bad_byte(error, encoding)) from None
    except UnicodeError as error:
        raise UndecodableError(f"not valid {encoding}: {error}") from None
    return converted.getvalue()


def _decoded_pieces(data: bytes, encoding: str, errors: str) -> Iterator[str]:
    """Yield the text of the bytes in pieces; a `UnicodeDecodeError` has all bytes as its object.

    Text in UTF-16 and UTF-32 is one piece: the string is not larger than the bytes, and a decoder
    of pieces does not accept text without a mark.
    """
    if len(data) <= PIECE_BYTES or encoding.startswith(_WIDE_ENCODINGS):
        yield data.decode(encoding, errors)
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    for begin in range(0, len(data), PIECE_BYTES):
        end = min(begin + PIECE_BYTES, len(data))
        try:
            yield decoder.decode(data[begin:end], end == len(data))
        except UnicodeDecodeError as error:  # its object ends where the piece ends
            start = end - len(error.object) + error.start
            raise UnicodeDecodeError(encoding, data, start, start + 1, error.reason) from None


def _is_utf8(data: bytes) -> bool:
    """Return whether all of the bytes are valid UTF-8."""
    try:
        return data.isascii() or all(True for _ in _decoded_pieces(data, "utf-8", "strict"))
    except UnicodeDecodeError:
        return False


def _describe_bad_byte(error: UnicodeDecodeError, encoding: str) -> str:
    """Return which byte could not be decoded."""
    byte = error.object[error.start]
    return f"byte {error.start + 1:,} (0x{byte:02x}) is not valid {encoding}"


def _is_mostly_utf8(data: bytes) -> bool:
    """Return whether valid characters beyond ASCII outnumber bad bytes two to one.

    Text in any other encoding practically never does.
    """
    n_bad = n_characters = 0
    for text in _decoded_pieces(data, "utf-8", "replace"):
        n_bad += text.count("\ufffd")
        n_characters += len(text)
    n_valid = n_characters - n_bad - _count_ascii(data)
    return n_valid >= 2 * n_bad


def _count_ascii(data: bytes) -> int:
    """Return how many bytes are ASCII."""
    pieces = (data[begin : begin + PIECE_BYTES] for begin in range(0, len(data), PIECE_BYTES))
    return sum(len(piece.translate(None, NOT_ASCII)) for piece in pieces)


def _detect_despite_declaration(data: bytes) -> str | None:
    """Return the encoding of a page that declares UTF-8 and surely is not, or None.

    A few bad bytes are damage; many that fit a language are a template's wrong declaration.
    """
    start = data[:DETECTION_BYTES]
    is_wrong = start.decode(errors="replace").count("\ufffd") >= MIN_BAD_BYTES
    return detect_legacy(start) if is_wrong else None


def _detect_encoding(data: bytes) -> str:
    """Return the most likely encoding; raises UndecodableError if the bytes are not text."""
    if b"\0" in data:
        raise UndecodableError(
            f"not text: byte {data.index(0) + 1:,} is NUL; is this a binary file?"
        )
    start = data[:DETECTION_BYTES]
    if encoding := detect_unmarked_unicode(start) or detect_legacy(start):
        return encoding
    from charset_normalizer import from_bytes

    best = from_bytes(start).best()
    if best is None:
        raise UndecodableError("not text in any known encoding; if you know it, set `encoding`")
    return _WHATWG_ENCODINGS.get(codecs.lookup(best.encoding).name, best.encoding)
