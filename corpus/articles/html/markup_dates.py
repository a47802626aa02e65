"""When an HTML page was published, from its markup, its text and its address.

Data for machines comes first: JSON-LD, meta tags, microdata. Then what is near the headline: time
elements, elements marked as a date, and the date line that the text has. The address of the page
and other time elements are the last resort. A date of modification never counts as publication,
except for a visible "updated on" where the page has no other date.

Some sites give machines the day of the last change, or of a move to a new server, as that of
publication. So an earlier date that is printed below the headline goes before the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from corpus.articles.blocks.marked_elements import MarkedElement
from corpus.articles.blocks.markup import Markup
from corpus.articles.html.markup_authors import Place, is_near
from corpus.articles.metadata.dates import find_date, find_dates
from corpus.articles.metadata.linked_data import LinkedData
from corpus.articles.metadata.timestamps import (
    UPDATE_LABEL,
    midnight_utc,
    parse_timestamp,
    plausible_date,
    publication_date,
)

LATEST_DATE = date(2050, 1, 1)
"""No article is from later. A build does not depend on the clock, so this is a fixed bound."""
PLACEHOLDER_DATE = date(1970, 1, 2)
"""The first days of Unix time, and the years before in markup, are values that nobody set."""
MAX_CHARACTERS_BESIDES_DATE = 60
"""Maximum number of characters besides the date in a line below the headline: a byline, a place."""
MAX_ZONE = timedelta(hours=36)
"""From the start of a day in UTC to its end in the westernmost time zone."""
DATE_METAS = (
    "article:published_time", "og:published_time", "article:published", "datepublished",
    "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish-date", "publish_date",
    "og:publish_date", "published_time", "article.published", "dc.date.issued", "dcterms.issued",
    "dc.date.created", "dcterms.created", "dc.date", "dcterms.date", "date", "datecreated",
    "citation_publication_date", "citation_online_date", "citation_date", "article_date_original",
    "originalpublicationdate", "cxenseparse:recs:publishtime", "rnews:datepublished",
    "created", "publication_date", "publicationdate", "pub_date", "displaydate",
)  # fmt: skip


def publication(
    markup: Markup,
    linked: LinkedData,
    place: Place,
    below_headline: Sequence[str],
    from_text: Callable[[], datetime | None],
    *,
    as_of: date | None,
) -> datetime | None:
    """Return when a page was published: the first plausible of what it says.

    `below_headline` are the texts of the few blocks below the headline.
    """
    latest = min(as_of or LATEST_DATE, LATEST_DATE)
    for text in _data(markup, linked):
        published = plausible_date(_parsed(text), as_of=latest)
        if published is not None and published.date() >= PLACEHOLDER_DATE:
            printed = plausible_date(printed_date(below_headline), as_of=latest)
            return printed if printed and printed < published - MAX_ZONE else published
    for candidate in _visible(markup, place, from_text):
        published = plausible_date(candidate, as_of=latest)
        if published is not None:
            return published
    return None


def printed_date(blocks: Sequence[str]) -> datetime | None:
    """Return the date in the first line that consists of little else, unless it is of an update."""
    label = ""
    for line in (line for block in blocks for line in block.split("\n")):
        mentions = find_dates(line)[:1]
        if mentions:
            n_others = len(line) - (mentions[0].end - mentions[0].start)
            is_update = UPDATE_LABEL.search(label + line)
            if n_others > MAX_CHARACTERS_BESIDES_DATE or is_update:
                return None
            return publication_date(line, mentions, as_of=None)
        label = line[-MAX_CHARACTERS_BESIDES_DATE:]
    return None


def _data(markup: Markup, linked: LinkedData) -> Iterator[str]:
    """Yield the dates of publication that markup has for machines."""
    yield from linked.published
    for name in DATE_METAS:
        yield from (content for own, content in markup.metas if own == name)
    yield from (content for own, content in markup.metas if _PUBLISHED.search(own))
    for time in markup.times:
        if _PUBLISHED.search(time.itemprop.lower()):
            yield time.datetime
    for element in markup.marked:
        if element.names.startswith("itemprop ") and _PUBLISHED.search(element.names):
            yield element.value or element.text


def _visible(
    markup: Markup, place: Place, from_text: Callable[[], datetime | None]
) -> Iterator[datetime | None]:
    """Yield the dates that people see, from the surest to the least sure."""
    dates = [element for element in markup.marked if _is_date(element)]
    updates = {element.value for element in markup.marked if _UPDATED.search(element.names)}
    times = [time for time in markup.times if time.datetime not in updates]
    near = [element for element in dates if is_near(element.block, place, before=4, after=6)]
    yield from (
        _parsed(time.datetime) for time in times if is_near(time.block, place, before=4, after=6)
    )
    yield from (_marked(element) for element in near)
    yield from_text()
    yield _in_address(markup)
    yield from (_parsed(time.datetime) for time in markup.times[:1])
    yield from (_marked(element) for element in dates if element not in near)


def _is_date(element: MarkedElement) -> bool:
    """Return whether an element is marked as the date of publication of something."""
    kind, _, names = element.names.partition(" ")
    return kind in ("class", "id") and any(
        _DATE.search(name) and not _BESIDE.search(name) for name in names.split()
    )


def _marked(element: MarkedElement) -> datetime | None:
    """Return the date of publication in a marked element; None if it has another or none."""
    for line in (element.value, *element.text.split("\n")):
        timestamp = parse_timestamp(line)
        if timestamp is not None:
            return timestamp
        published = publication_date(line, find_dates(line), as_of=None)
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


def _in_address(markup: Markup) -> datetime | None:
    """Return the date in the address of the page, if there is such a day."""
    match = _URL_DATE.search(f"{markup.canonical or markup.meta('og:url')}/")
    try:
        return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC) if match else None
    except ValueError:
        return None


_PUBLISHED = re.compile(r"publish|datecreated|pubdate|pubtime")
_UPDATED = re.compile(r"updat|modif|edit")
_DATE = re.compile(r"publish|date|posted|pubtime")
_BESIDE = re.compile(
    r"updat|modif|edit|comment|related|teaser|card|event|sidebar|widget|recommend|author|type-"
    r"|status-|publisher|candidate"
)
"""In the class of an element with another date, or with no date."""
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)")
