"""Bytes of one document become text: by config, mark, UTF-8, declaration, or looks.

Nothing is guessed where it is known. A UTF-8 text with a few bad bytes is no other encoding: for
HTML, which browsers repair, these become U+FFFD; a text file is a reject that names the first of
them.
"""

from __future__ import annotations

import codecs
import re

from corpus.sources.lines import wide
from corpus.sources.settings import text_encoding

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE
)
_PROLOGUE = re.compile(
    rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE
)
_HEAD = 4096  # bytes in which a page declares its encoding
_LOOK = 1 << 16  # bytes that are looked at where nothing tells
# What browsers read under these names, as the WHATWG encoding standard has it.
_BROWSERS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_SEVEN_BIT = ("iso2022_jp", "hz")


class UndecodableError(ValueError):
    """Bytes that are no text in any encoding that they could be in; says where and why."""


def declared(page: bytes) -> str | None:
    """Return the encoding that an HTML page declares in its first bytes, or None."""
    found = _PROLOGUE.search(page[:_HEAD]) or _DECLARED.search(page[:_HEAD])
    return found.group(1).decode("ascii") if found else None


def known(name: str | None) -> str | None:
    """Return the encoding that browsers read under a name, or None where there is none."""
    found = text_encoding((name or "").strip().strip("\"'"))
    return _BROWSERS.get(found, found) if found else None


def decode(
    data: bytes, *, encoding: str | None = None, says: str | None = None, repair: bool = False
) -> str:
    """Return the text that the bytes are; raises UndecodableError.

    `encoding` is what the config demands, `says` what the page or its server claims; `repair` puts
    U+FFFD where a byte of UTF-8 is bad.
    """
    if encoding:
        return _strict(data, encoding).removeprefix("\ufeff")
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    elif found := wide(data[:4]):
        return _strict(data, found).removeprefix("\ufeff")
    says = known(says)
    if says in _SEVEN_BIT and data.isascii():
        return _strict(data, says)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if says == "utf-8" or _mostly_utf8(data):
            if repair:
                return data.decode(errors="replace")
            raise UndecodableError(_where(error, "UTF-8")) from None
    if says:
        try:
            return data.decode(says)
        except UnicodeDecodeError:
            if repair:
                return data.decode(says, errors="replace")
    return _strict(data, _looks(data))


def _strict(data: bytes, encoding: str) -> str:
    """Return the text in that encoding; raises UndecodableError naming the first bad byte."""
    try:
        text = data.decode(encoding)
        text.encode()  # UTF-7 can spell half a character
    except UnicodeDecodeError as error:
        raise UndecodableError(_where(error, encoding)) from None
    except UnicodeError as error:
        raise UndecodableError(f"no {encoding}: {error}") from None
    return text


def _where(error: UnicodeDecodeError, encoding: str) -> str:
    """Return which byte is no text."""
    return f"byte {error.start + 1:,} (0x{error.object[error.start]:02x}) is no {encoding}"


def _mostly_utf8(data: bytes) -> bool:
    """Whether characters of several bytes outnumber bad bytes ten to one, as in UTF-8 alone."""
    text = data.decode(errors="replace")
    bad = text.count("\ufffd")
    wide_bytes = len(text.encode()) - len(text)
    return wide_bytes - 2 * bad > 10 * bad


def _looks(data: bytes) -> str:
    """Return the encoding that bytes look like; raises UndecodableError where it is none."""
    if b"\0" in data:
        raise UndecodableError(f"no text: byte {data.index(0) + 1:,} is NUL; is it a binary file?")
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_LOOK]).best()
    if best is None:
        raise UndecodableError("no text in any encoding known; if you know it, set `encoding`")
    return _BROWSERS.get(codecs.lookup(best.encoding).name, best.encoding)
