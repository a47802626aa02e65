"""The headline of an HTML page: its first-level heading or what markup calls it, without the site.

The title of a document, `og:title` and JSON-LD are often written for search engines and social
networks ("Best hotels 2024 | Our guide | Post"), while the heading is what readers see. But a
first-level heading may also be the name of the site, of a section, a slogan or a teaser. So:

1. The front page of a site has the title of the document, with the name of the site.
2. On news (`NewsArticle`), JSON-LD has the publisher's own headline, without the kicker above it.
3. A heading is the headline if it agrees with what markup says. On a page that is not an article,
   it has to agree more: "Win more customers" heads a page called "Email marketing | Post".
4. On an article, so is a heading that the text reader takes for the title.
5. Else markup has the headline.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from corpus.articles.blocks.markup import Markup
from corpus.articles.metadata.linked_data import LinkedData

TITLE_METAS = (
    "og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title", "parsely-title",
    "sailthru.title", "headline",
)  # fmt: skip
MIN_AGREEMENT = 0.4
"""Minimum share of its words that a heading has in common with a title in markup."""
MIN_AGREEMENT_ELSEWHERE = 0.7
"""The same for a page that is not an article."""
MIN_TITLE_WORDS = 4
"""A shorter title of the document may be the name of the site: an only heading goes before it."""
MIN_HEADING_LETTERS = 3
_SEPARATORS = re.compile(r"(?<!\s)\s+[|\-–—·•»:~⋅]+\s+|(?:(?<!\s)\s+)?[|»]\s*")  # noqa: RUF001
_UNSPACED = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
"""A word; of scripts without spaces, each character."""


def headline(
    markup: Markup,
    linked: LinkedData,
    headings: Sequence[str],
    publisher: str,
    url: str = "",
    *,
    is_article: Callable[[], bool] = lambda: True,
    title_in_text: Callable[[], str | None] = lambda: None,
) -> str:
    """Return the headline of a page, or an empty text.

    `headings` are the texts of its first-level headings; `url` is its own address. `is_article`
    says whether it is an article, and `title_in_text` what the text reader takes for its title;
    they are called if the headings leave it open.
    """
    address = urlsplit(url)
    host, social = address.hostname or "", markup.meta(*TITLE_METAS)
    if host and address.path in ("", "/") and not address.query and not is_article():
        return markup.title or social or next(iter(headings), "")
    site_names = {_key(publisher), _key(_brand(markup.title)), *_host_names(host)} - {""}
    linked_title, social, document_title = (
        "" if _key(text) in site_names else _without_site(text, publisher, host)
        for text in (linked.title, social, markup.title)
    )
    own = [text for text in headings if _is_heading(text, site_names)]
    agreement, agreed = _agreed(own, (linked_title, social, document_title))
    if linked_title and linked.type.endswith("NewsArticle"):
        return agreed if _adds_to(linked_title, agreed) else linked_title
    if agreement >= MIN_AGREEMENT_ELSEWHERE or (agreed and is_article()):
        return _without_site(agreed, publisher, host)
    if own and is_article() and (title := _same(title_in_text(), own)):
        return title
    if len(document_title.split()) < MIN_TITLE_WORDS and len(own) == 1:
        document_title = own[0]
    return linked_title or social or document_title or next(iter(own), "")


def _agreed(headings: Sequence[str], named: Sequence[str]) -> tuple[float, str]:
    """Return the heading that agrees most with titles in markup, if it does, and how much."""
    parts = [part for text in named for part in (text, *_SEPARATORS.split(text)) if part]
    agreement, place = max(
        ((_agreement(text, parts), -place) for place, text in enumerate(headings)),
        default=(0.0, 0),
    )
    return agreement, headings[-place] if agreement >= MIN_AGREEMENT else ""


def _adds_to(title: str, heading: str) -> bool:
    """Return whether a title is a heading with a name of the site or section behind it."""
    rest = title[len(heading) :]
    return bool(heading) and title.startswith(heading) and _SEPARATORS.match(rest) is not None


def _same(title: str | None, headings: Sequence[str]) -> str:
    """Return the heading that a title equals, or an empty text."""
    key = _key(title or "")
    return next((text for text in headings if key and _key(text) == key), "")


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
