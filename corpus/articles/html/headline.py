"""The headline of an HTML page: its first-level heading or what markup calls it, without the site.

The title of a document, `og:title` and JSON-LD are often written for search engines and social
networks ("Best hotels 2024 | Our guide | Post"), while the heading is what readers see. But a
first-level heading may also be the name of the site, of a section, or a teaser. So a heading is the
headline if it agrees with what markup says, or if it is the only one and is not the site's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.articles.blocks.markup import Markup
from corpus.articles.metadata.linked_data import LinkedData

TITLE_METAS = (
    "og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title", "parsely-title",
    "sailthru.title", "headline",
)  # fmt: skip
MIN_AGREEMENT = 0.4
"""Minimum share of its words that a heading has in common with a title in markup."""
MIN_TITLE_WORDS = 4
"""A shorter title of the document may be the name of the site: an only heading goes before it."""
MIN_HEADING_LETTERS = 3
_SEPARATORS = re.compile(r"\s+[|\-–—·•»:~⋅]+\s+|\s*[|»]\s*")  # noqa: RUF001
_UNSPACED = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
"""A word; of scripts without spaces, each character."""


def headline(
    markup: Markup, linked: LinkedData, headings: Sequence[str], publisher: str, host: str = ""
) -> str:
    """Return the headline of a page, or an empty text.

    `headings` are the texts of its first-level headings; `host` is the name of its server.
    """
    social = markup.meta(*TITLE_METAS)
    site_names = {_key(publisher), _key(_brand(markup.title)), *_host_names(host)} - {""}
    linked_title, social, document_title = (
        "" if _key(text) in site_names else _without_site(text, publisher, host)
        for text in (linked.title, social, markup.title)
    )
    named = (linked_title, social, document_title)
    parts = [part for text in named for part in (text, *_SEPARATORS.split(text)) if part]
    own = [text for text in headings if _is_heading(text, site_names)]
    agreed = [(_agreement(text, parts), -place) for place, text in enumerate(own)]
    if agreed and max(agreed)[0] >= MIN_AGREEMENT:
        return _without_site(own[-max(agreed)[1]], publisher, host)
    only = own[0] if len(own) == 1 else ""
    if len(document_title.split()) < MIN_TITLE_WORDS and only:
        document_title = only
    return linked_title or social or document_title or (own[0] if own else "")


def _key(text: str) -> str:
    """Return the words of a text for comparison."""
    return " ".join(_WORD.findall(text.casefold()))


def _brand(title: str) -> str:
    """Return the last part of a title, which is often the name of the site."""
    parts = _SEPARATORS.split(title)
    return parts[-1] if len(parts) > 1 else ""


def _host_names(host: str) -> set[str]:
    """Return the keys of a host as people write it as a name: `post.example`, `post`."""
    name = host.removeprefix("www.")
    return {_key(name), _key(name.rpartition(".")[0]), _key(name.partition(".")[0])}


def _is_heading(text: str, sites: set[str]) -> bool:
    """Return whether a heading may be the headline."""
    key = _key(text)
    return len(key) >= MIN_HEADING_LETTERS and key not in sites


def _agreement(heading: str, named: Sequence[str]) -> float:
    """Return the highest share of words that a heading has in common with a title in markup."""
    own = set(_key(heading).split())
    shares = (_shared(own, set(_key(title).split())) for title in named)
    return max(shares, default=0.0)


def _shared(words: set[str], others: set[str]) -> float:
    """Return the share of words that two titles have in common (Dice)."""
    total = len(words) + len(others)
    return 2 * len(words & others) / total if total else 0.0


def _without_site(title: str, publisher: str, host: str) -> str:
    """Return a title without the name of the site before or behind it."""
    parts = list(_SEPARATORS.finditer(title))
    if not parts:
        return title
    sites = {_key(publisher), *_host_names(host)} - {""}
    first, last = _key(title[: parts[0].start()]), _key(title[parts[-1].end() :])
    if last in sites or (last and last in _key(publisher)):
        return title[: parts[-1].start()].strip()
    if first in sites:
        return title[parts[0].end() :].strip()
    return title
