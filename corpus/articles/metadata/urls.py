"""The URL of a page, if its text shows it: a permalink, or a URL that spells the title.

Most URLs on a page belong to other pages. A URL counts only if its line labels it as the page's own
("Permalink: https://..."), or if its path has the words of the title, as the URLs of news pages do.
"Source: https://..." may be where the story comes from, so such a URL has to spell the title, too.
Lines of the article are never searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_URL_CHARACTERS = 500
"""Longer URLs belong to trackers."""
MAX_LINE_BYTES = 600
"""Longer lines are not searched for a URL."""
MAX_LINES_WITH_URL = 50
"""Maximum number of lines with a URL that are examined; a page may have thousands."""
MIN_SHARED_WORDS = 3
"""Minimum number of words that the path of a URL shares with the title."""
MAX_LABEL_CHARACTERS = 30
"""Maximum length of the text before a URL that may be its label."""


def valid_url(url: str | None) -> str | None:
    """Return the URL if it is a complete HTTP(S) URL, else None (a path, a script, markup).

    Characters that a path may not contain are percent-encoded, as in a browser. Markup is refused.
    So are invisible characters, which hide where a URL leads, and a user name before the host,
    which may come with a password.
    """
    url = (url or "").strip().translate(_PERCENT_ENCODED)
    return url if len(url) <= MAX_URL_CHARACTERS and _URL.fullmatch(url) else None


def own_url(line: str, title: str | None) -> str | None:
    """Return the URL in a line if a label says it is the page's own, or if it spells the title."""
    match = _URL_START.search(line)
    if match is None or match.start() > MAX_LABEL_CHARACTERS:
        return None
    start = match.start()
    first, *rest = line[start:].split()
    if any(map(str.isalnum, "".join(rest))):
        return None
    url = valid_url(first.rstrip(".,;:)]}|`"))
    if url and (_OWN_URL_LABEL.fullmatch(line[:start]) or _spells_title(url, title or "")):
        return url
    return None


def _spells_title(url: str, title: str) -> bool:
    """Return whether the longest path segment of a URL shares enough words with the title.

    At least three words, and at least half of the segment's.
    """
    segments = _QUERY.split(url.partition("://")[2])[0].split("/")[1:]
    words = set(_WORDS.findall(max(segments, key=len, default="").casefold()))
    shared = words.intersection(_WORDS.findall(title.casefold()))
    return len(shared) >= MIN_SHARED_WORDS and 2 * len(shared) >= len(words)


def url_positions(page: bytes) -> Iterator[int]:
    """Yield the byte position of the first URL in each line that has one, for a limited number."""
    at = 0
    for _ in range(MAX_LINES_WITH_URL):
        at = page.find(b"://", at)
        if at < 0:
            return
        yield at
        at = page.find(b"\n", at)
        if at < 0:
            return


_URL_START = re.compile("http", re.IGNORECASE | re.ASCII)
"""Searched in the line itself. In lower case, "İ" becomes two characters and positions shift."""
_URL = re.compile(
    r"[Hh][Tt]{2}[Pp][Ss]?://[\w-]+(?:\.[\w-]+)+\.?(?::\d{1,5})?"
    r"(?:[/?#][^\s<>\"\\\x00-\x20\x7f-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*)?"
)
_PERCENT_ENCODED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in " ^`{|}"})
_QUERY = re.compile(r"[?#]")
_OWN_URL_LABEL = re.compile(
    r"\W*(?:perma\W?link|permanent link|short ?link|canonical(?: url| link)?|(?:page |article )?url"
    r"|link zum artikel|artikel-?link)\W*",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]{3,}")
