"""Decode the bytes of one document.

The encoding is, in this order: the configured one, that of a byte order mark, UTF-8 if the bytes
are valid, the declared one, or one detected from the bytes. UTF-8 with a few bad bytes is still
UTF-8: in HTML, which browsers repair, these become U+FFFD; a text file becomes a reject that names
the first of them.
"""

from __future__ import annotations

import codecs
import re

from corpus.sources.lines import detect_wide_encoding
from corpus.sources.settings import text_encoding

_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE
)
_XML_ENCODING = re.compile(
    rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE
)
DECLARATION_BYTES = 4096
"""Bytes at the start of a page that are searched for its declared encoding."""

DETECTION_BYTES = 1 << 16
"""Bytes that the encoding is detected from."""

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


def decode(
    data: bytes, *, encoding: str | None = None, declared: str | None = None, repair: bool = False
) -> str:
    """Return the text of the bytes; raises UndecodableError.

    `encoding` is the configured encoding, `declared` the name that the page or its server declares.
    `repair` replaces bad bytes with U+FFFD.
    """
    if encoding:
        return _decode_strictly(data, encoding).removeprefix("\ufeff")
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    elif wide := detect_wide_encoding(data[:4]):
        return _decode_strictly(data, wide).removeprefix("\ufeff")
    declared = browser_encoding(declared)
    if declared in _SEVEN_BIT_ENCODINGS and data.isascii():
        return _decode_strictly(data, declared)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if declared == "utf-8" or _is_mostly_utf8(data):
            if repair:
                return data.decode(errors="replace")
            raise UndecodableError(_describe_bad_byte(error, "UTF-8")) from None
    return _decode_legacy(data, declared, repair=repair)


def _decode_legacy(data: bytes, declared: str | None, *, repair: bool) -> str:
    """Return the text of bytes that are not UTF-8, in the declared or else the detected encoding.

    Without `repair`, a declaration that does not fit the bytes is ignored.
    """
    if declared:
        try:
            return data.decode(declared)
        except UnicodeDecodeError:
            if repair:
                return data.decode(declared, errors="replace")
    return _decode_strictly(data, _detect_encoding(data))


def _decode_strictly(data: bytes, encoding: str) -> str:
    """Return the text in this encoding; raises UndecodableError that names the first bad byte."""
    try:
        text = data.decode(encoding)
        text.encode()  # UTF-7 can encode lone surrogates
    except UnicodeDecodeError as error:
        raise UndecodableError(_describe_bad_byte(error, encoding)) from None
    except UnicodeError as error:
        raise UndecodableError(f"not valid {encoding}: {error}") from None
    return text


def _describe_bad_byte(error: UnicodeDecodeError, encoding: str) -> str:
    """Return which byte could not be decoded."""
    byte = error.object[error.start]
    return f"byte {error.start + 1:,} (0x{byte:02x}) is not valid {encoding}"


def _is_mostly_utf8(data: bytes) -> bool:
    """Return whether valid multi-byte characters outnumber bad bytes ten to one.

    Text in any other encoding practically never does.
    """
    text = data.decode(errors="replace")
    bad = text.count("\ufffd")
    continuation_bytes = len(text.encode()) - len(text)
    return continuation_bytes - 2 * bad > 10 * bad


def _detect_encoding(data: bytes) -> str:
    """Return the most likely encoding; raises UndecodableError if the bytes are not text."""
    if b"\0" in data:
        raise UndecodableError(
            f"not text: byte {data.index(0) + 1:,} is NUL; is this a binary file?"
        )
    from charset_normalizer import from_bytes

    best = from_bytes(data[:DETECTION_BYTES]).best()
    if best is None:
        raise UndecodableError("not text in any known encoding; if you know it, set `encoding`")
    return _WHATWG_ENCODINGS.get(codecs.lookup(best.encoding).name, best.encoding)
