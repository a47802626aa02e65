"""Title, author, publisher, date and URL of an HTML page, from its markup and from its text.

Markup comes first where it is specific: JSON-LD, then meta tags, then `time` elements. Where it is
silent or names nobody ("admin", the paper itself), the reader for pages of text is asked, which
reads bylines and date lines as people do. Publication always goes before modification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache

from corpus.articles.blocks.markup import Markup
from corpus.articles.metadata.authors import SEPARATOR, parse_byline
from corpus.articles.metadata.dates import find_date
from corpus.articles.metadata.linked_data import LinkedData, read_linked_data
from corpus.articles.metadata.metadata import ArticleMetadata
from corpus.articles.metadata.timestamps import midnight_utc, parse_timestamp, plausible_date
from corpus.articles.metadata.urls import valid_url

LATEST_DATE = date(2050, 1, 1)
"""No article is from later. A build does not depend on the clock, so this is a fixed bound."""
PLACEHOLDER_DATE = date(1970, 1, 2)
"""The first days of Unix time, and the years before in markup, are values that nobody set."""

TITLE_METAS = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
AUTHOR_METAS = (
    "author", "article:author", "parsely-author", "dc.creator", "dcterms.creator",
    "sailthru.author", "byl", "citation_author", "article:author_name", "twitter:data1",
    "creator", "authors",
)  # fmt: skip
PUBLISHER_METAS = ("og:site_name", "application-name", "dc.publisher", "publisher")
DATE_METAS = (
    "article:published_time", "og:published_time", "article:published", "datepublished",
    "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish-date", "publish_date",
    "published_time", "article.published", "dc.date.issued", "dcterms.issued", "dcterms.created",
    "dc.date", "dcterms.date", "date", "citation_publication_date", "article_date_original",
    "originalpublicationdate", "cxenseparse:recs:publishtime", "rnews:datepublished",
)  # fmt: skip
_NOBODY = re.compile(
    r"^(?:admin\w*|administrator|editor(?:ial)?(?: team| staff)?|staff(?: writer| reporter)?|"
    r"web ?master|root|user|guest|author|unknown|anonymous|none|null|undefined|team|redaktion|"
    r"redazione|redacción|newsroom|news desk|contributor|wordpress|superadmin|support|default)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://|www\.|^@|/")
_MAIL = re.compile(r"\S+@\S+")
_SEPARATORS = re.compile(r"\s+[|\-–—·•»:]\s+|\s*[|»]\s*")  # noqa: RUF001
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)")


def markup_metadata(
    markup: Markup,
    headings: Sequence[str],
    read_text: Callable[[], ArticleMetadata],
    *,
    as_of: date | None,
) -> ArticleMetadata:
    """Return the metadata of a page.

    `headings` are the texts of its first-level headings. `read_text` returns what its text says; it
    is called if the markup leaves something open.
    """
    from_text = cache(read_text)
    linked = read_linked_data(markup.scripts)
    publisher = markup.meta(*PUBLISHER_METAS) or linked.publisher
    title = _title(markup, linked, headings, publisher) or from_text().title
    return ArticleMetadata(
        title=title or None,
        author=_author(markup, linked, publisher) or from_text().author,
        publisher=publisher or from_text().publisher,
        date=_date(markup, linked, from_text, as_of),
        url=_url(markup, linked) or from_text().url,
    )


def _key(text: str) -> str:
    """Return a text for comparison."""
    return " ".join(text.casefold().split())


def _title(markup: Markup, linked: LinkedData, headings: Sequence[str], publisher: str) -> str:
    """Return the headline: the heading that the page's title repeats, else what markup calls it."""
    whole, site = _key(markup.title), _key(publisher)
    social = markup.meta(*TITLE_METAS)
    parts = _SEPARATORS.split(markup.title)
    brand = _key(parts[-1]) if len(parts) > 1 else ""
    own = [text for text in headings if text and _key(text) not in (site, brand)]
    for text in own:
        if _key(text) in (whole, _key(social), _key(linked.title)):
            return text
    for text in sorted(own, key=len, reverse=True):
        if len(text.split()) > 1 and _key(text) in whole:
            return text
    for text in (linked.title if linked.type != "WebPage" else "", social):
        if text:
            return _without_site(text, publisher)
    if len(own) == 1:
        return own[0]
    return _without_site(markup.title, publisher)


def _without_site(title: str, publisher: str) -> str:
    """Return a title without the name of the site before or behind it."""
    parts = list(_SEPARATORS.finditer(title))
    if not parts or not publisher:
        return title
    site = _key(publisher)
    first, last = title[: parts[0].start()], title[parts[-1].end() :]
    if _key(last) == site or (_key(last) and _key(last) in site):
        return title[: parts[-1].start()].strip()
    if _key(first) == site:
        return title[parts[0].end() :].strip()
    return title


def _author(markup: Markup, linked: LinkedData, publisher: str) -> str:
    """Return the names of people that markup gives, joined."""
    contents = [[content for own, content in markup.metas if own == name] for name in AUTHOR_METAS]
    for values in (linked.authors, *contents, markup.authors):
        names = [name for value in values for name in _people(value, publisher)]
        if names:
            return SEPARATOR.join(dict.fromkeys(names))
    return ""


def _people(value: str, publisher: str) -> Iterator[str]:
    """Yield the names in a value that is meant to have names."""
    value = _MAIL.sub(" ", value).strip(" ()<>,;")
    if (
        not value
        or _ADDRESS.search(value)
        or _NOBODY.match(value)
        or _key(value) == _key(publisher)
    ):
        return
    byline = parse_byline(value, follows_by=True)
    for name in byline.authors.split(SEPARATOR) if byline else ():
        if not _NOBODY.match(name) and _key(name) != _key(publisher):
            yield name


def _date(
    markup: Markup,
    linked: LinkedData,
    from_text: Callable[[], ArticleMetadata],
    as_of: date | None,
) -> datetime | None:
    """Return when the page was published: the first plausible of what markup, text and URL say."""
    latest = min(as_of or LATEST_DATE, LATEST_DATE)
    marked = [time.datetime for time in markup.times if "datepublished" in time.itemprop.lower()]
    metas = [content for name in DATE_METAS for own, content in markup.metas if own == name]
    for text in (*linked.published, *metas, *marked):
        published = plausible_date(_parsed(text), as_of=latest)
        if published is not None and published.date() >= PLACEHOLDER_DATE:
            return published
    first_times = [time.datetime for time in markup.times[:1]]
    from_url = _URL_DATE.search(f"{markup.canonical or markup.meta('og:url')}/")
    candidates = (
        from_text().date,
        *(_parsed(text) for text in first_times),
        _calendar(from_url) if from_url else None,
    )
    for candidate in candidates:
        published = plausible_date(candidate, as_of=latest)
        if published is not None:
            return published
    return None


def _parsed(text: str) -> datetime | None:
    """Return a timestamp or a date in words."""
    timestamp = parse_timestamp(text)
    if timestamp is not None:
        return timestamp
    mention = find_date(text)
    return midnight_utc(mention.day) if mention else None


def _calendar(match: re.Match[str]) -> datetime | None:
    """Return the date in an address, if there is such a day."""
    try:
        return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC)
    except ValueError:
        return None


def _url(markup: Markup, linked: LinkedData) -> str | None:
    """Return the page's own address."""
    for text in (markup.canonical, markup.meta("og:url"), linked.url):
        url = valid_url(text or None)
        if url:
            return url
    return None
