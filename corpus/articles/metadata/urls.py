"""The address of a page, where its text says it: a permalink, or one that spells the title.

Pages are full of addresses of other pages. So one counts only where its line says that it is the
page's own ("Permalink: https://..."), or where its path has the words of the title, as addresses of
news pages do. "Source: https://..." may be where a story was found, so it has to spell the title
too. A line of the article is never asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 500
"""Characters of an address; what is longer is a tracker's."""
MOST_BYTES = 600
"""Bytes of a line that is read."""
MOST_ASKED = 50
"""Lines with an address that are looked at: a page may have thousands."""
LEAST_SHARED = 3
"""Words of the title that an address has in its path."""
LONGEST_LABEL = 30
"""Characters before an address in a line that is about it."""


def believed(address: str | None) -> str | None:
    """Return an address if it is one of the web, and whole; a path alone or a script is none.

    What may not stand in a path is percent-encoded, as a browser would; markup and marks that
    nobody sees, which hide where an address leads, are refused, and so is one with somebody's name
    before the host, which may have a password behind it.
    """
    address = (address or "").strip().translate(_ENCODED)
    return address if len(address) <= LONGEST and _ADDRESS.fullmatch(address) else None


def own_address(line: str, title: str | None) -> str | None:
    """Return the address that a line says is the page's own, or that spells the title; or None."""
    begins = _BEGINS.search(line)
    if begins is None or begins.start() > LONGEST_LABEL:
        return None
    start = begins.start()
    first, *rest = line[start:].split()
    if any(map(str.isalnum, "".join(rest))):
        return None
    address = believed(first.rstrip(".,;:)]}|`"))
    if address and (_OWN.fullmatch(line[:start]) or _spells(address, title or "")):
        return address
    return None


def _spells(address: str, title: str) -> bool:
    """Return whether half of the words of an address's longest step are the title's, and three."""
    path = _QUERY.split(address.partition("://")[2])[0].split("/")[1:]
    words = set(_WORDS.findall(max(path, key=len, default="").casefold()))
    shared = words.intersection(_WORDS.findall(title.casefold()))
    return len(shared) >= LEAST_SHARED and 2 * len(shared) >= len(words)


def places(page: bytes) -> Iterator[int]:
    """Yield where in a page's bytes the first address of a line is, for some lines."""
    at = 0
    for _ in range(MOST_ASKED):
        at = page.find(b"://", at)
        if at < 0:
            return
        yield at
        at = page.find(b"\n", at)
        if at < 0:
            return


_BEGINS = re.compile("http", re.IGNORECASE | re.ASCII)
"""Searched in the line itself: lowered, "İ" is two characters, and what follows lies elsewhere."""
_ADDRESS = re.compile(
    r"[Hh][Tt]{2}[Pp][Ss]?://[\w-]+(?:\.[\w-]+)+\.?(?::\d{1,5})?"
    r"(?:[/?#][^\s<>\"\\\x00-\x20\x7f-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*)?"
)
_ENCODED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in " ^`{|}"})
_QUERY = re.compile(r"[?#]")
_OWN = re.compile(
    r"\W*(?:perma\W?link|permanent link|short ?link|canonical(?: url| link)?|(?:page |article )?url"
    r"|link zum artikel|artikel-?link)\W*",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]{3,}")
