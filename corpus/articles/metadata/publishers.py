"""The publisher of a page, from the lines that claim its copyright."""

# ruff: noqa: RUF001  (the dashes of many languages)

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from corpus.array_types import Bytes
from corpus.kernels import njit_without_allocation

MAX_LINE_CHARACTERS = 300
"""Longer lines are running text, and are not searched."""


@njit_without_allocation
def last_copyright_sign(data: Bytes, start: int, stop: int) -> int:
    """Return the position of the last copyright sign in `data[start:stop]`, or -1.

    A sign is `©`, `(c)` or "copyright", in any case. The search runs backwards, because the footer
    is at the end of a page. `bytes.rfind` would read the whole page for each sign it does not have.
    """
    for at in range(stop - 2, start - 1, -1):
        byte = data[at]
        if byte == _SIGN[0]:
            if data[at + 1] == _SIGN[1]:
                return at
        elif byte == _OPEN:
            if at + 2 < stop and data[at + 1] | 0x20 == _C and data[at + 2] == _CLOSE:
                return at
        elif byte | 0x20 == _WORD[0] and at + len(_WORD) <= stop:
            matched = 1
            while matched < len(_WORD) and data[at + matched] | 0x20 == _WORD[matched]:
                matched += 1
            if matched == len(_WORD):
                return at
    return -1


_SIGN = tuple("©".encode())
_WORD = tuple(b"opyright")
_OPEN, _C, _CLOSE = b"(c)"


def copyright_lines(page: bytes, after: int = 0) -> Iterator[tuple[int, str]]:
    """Yield the lines that claim a copyright, from the last one back to byte `after`.

    Each comes with the position of its copyright sign.
    """
    if len(page) - after < len(_SIGN):
        return
    data, stop = np.frombuffer(page, np.uint8), len(page)
    while (at := last_copyright_sign(data, after, stop)) >= 0:
        stop = max(page.rfind(b"\n", after, at) + 1, after)
        end = page.find(b"\n", at)
        line = page[stop : min(end if end >= 0 else len(page), stop + 4 * MAX_LINE_CHARACTERS)]
        yield at, line.decode("utf-8", "replace").strip()


def copyright_holder(line: str) -> str | None:
    """Return the publisher in a line such as "© 2023 Morning Post Ltd. All rights reserved"."""
    match = _COPYRIGHT.search(line) if len(line) <= MAX_LINE_CHARACTERS else None
    if match is None:
        return None
    name = _RIGHTS.split(match[1], maxsplit=1)[0].strip(" \t-–—|·•,;:/()©.")
    name = _without_quotes(_LEGAL_FORM.sub("", name))
    words = name.split()
    if not 1 <= len(words) <= 6 or not 2 <= len(name) <= 60 or not any(c.isupper() for c in name):
        return name if words and 2 <= len(name) <= 20 and _CASELESS.fullmatch(name) else None
    return None if _NOT_A_HOLDER.search(name) else name


def _without_quotes(name: str) -> str:
    """Return a name without the quotation marks around it."""
    if len(name) > 2 and name[0] in _QUOTES and name[-1] == _QUOTES[name[0]]:
        return name[1:-1].strip()
    return name


_QUOTES = {"«": "»", "»": "«", "“": "”", "„": "“", '"': '"', "'": "'", "《": "》", "「": "」"}
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*+(?:©|\(c\))?\s*+"
    r"(?:(?:19|20)\d\d(?:\s*+[-–]\s*+(?:(?:19|20)\d\d|\d\d)?)?)?[\s,:.]*+"
    r"(?:by\s+|copyright\s+|©\s*|all\s+rights\s+reserved\W*)*(.+)$",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"(?<![.\s]\w)(?<!\w\.\w)\.(?=\s+\w{3})|(?:(?<!\s)\s+)?[|•·]|,\s|;\s|\s[-–—]\s"
    r"|(?<!\s)\s+(?:all|alle|tous|todos|tutti|все|wszelkie|alla|semua|tüm"
    r"|rights|and/or|or its|or their)\b"
    r"|(?:(?<!\s)\s+)?[(]?(?:19|20)\d\d|。|版权|版權|保留|(?:(?<!\s)\s+)?جميع",
    re.IGNORECASE,
)
_LEGAL_FORM = re.compile(
    r"(?>(?:,|(?<!\s))\s++"
    r"(?:verlags?(?:[\s-]?gesellschaft)?(?:-?(?:gmbh|ag|mbh))?"
    r"|(?:g?mbh|ag)(?:\s*&\s*co\.?\s*(?:kga?a?)?)?|kg|se"
    r"|ltd|limited|inc|incorporated|llc|llp|plc|co|corp|pty|s\.?\s?l|s\.?\s?a|s\.?\s?p\.?\s?a|s\.?\s?r\.?\s?l|n\.?v|b\.?v|ab"
    r"|as|a/s|oyj?|aps|s\.r\.o|a\.s|sp\.\s?z\s?o\.\s?o|株式会社)\.?(?=,?\s|$))+$",
    re.IGNORECASE,
)
"""The legal forms of a company, which are not part of the name that people use.

Each form is atomic: "Verlag AG" can be one or two, and a line may have many of them.
"""
_CASELESS = re.compile(r"[\u0600-\u06ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a4\s]+")
"""Names in Arabic, Chinese, Japanese and Korean letters, which have no upper case."""
_NOT_A_HOLDER = re.compile(
    r"\b(?:policy|notice|infringement|reserved|reservad[oa]s?|riservat[aie]|vorbehalten|rights|terms|privacy|contact|sitemap"
    r"|cookies?|act|law|image|photo|foto|getty|hakları|saklıdır|licensing|rettigheter|about|info)\b",
    re.IGNORECASE,
)
