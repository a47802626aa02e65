"""The authors of an HTML page, from its markup and from its text.

Markup that means the author comes first: JSON-LD, meta tags, then elements marked as author or
byline near the headline. A person goes before an organisation, and a full name before the name of
an account ("jdoe"). So a byline in the text goes before "Harbour Post" in JSON-LD, but if nobody
else is named, the Harbour Post is the author.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from corpus.articles.blocks.marked_elements import MarkedElement
from corpus.articles.blocks.markup import Markup
from corpus.articles.metadata.authors import (
    MAX_AUTHORS,
    SEPARATOR,
    is_person,
    parse_byline,
    without_by,
)
from corpus.articles.metadata.linked_data import LinkedData

AUTHOR_METAS = (
    "author", "article:author", "parsely-author", "dc.creator", "dcterms.creator", "dc.author",
    "sailthru.author", "byl", "citation_author", "article:author_name", "creator", "authors",
    "article.author", "cxenseparse:author", "news_author",
)  # fmt: skip
BLOCKS_BEFORE_START, BLOCKS_AFTER_END = 45, 25
"""Bylines that are not near the headline have to be so near the main content: a portrait of the
author may be below it. They are the last resort."""
MAX_FAR_NAMES = 4
"""Maximum number of different bylines that are not near the headline."""
POSTS = ("DiscussionForumPosting", "SocialMediaPosting", "Question")
"""Types of which the author is an account as a rule."""
MAX_NAME_CHARACTERS = 60
MAX_BYLINE_LINES = 4
"""Lines of a marked element that are read: a byline may follow a picture or a label."""


class Place(NamedTuple):
    """Where on a page its main content is, as numbers of blocks; -1 where there is none."""

    headline: int
    first: int
    last: int


def is_near(block: int, place: Place, *, before: int = 8, after: int = 12) -> bool:
    """Return whether a block is near the headline or the start of the main content.

    It is at most `before` blocks before the headline, or `after` blocks after the start.
    """
    if place.first < 0:
        return False
    start = place.headline if 0 <= place.headline <= place.first else place.first
    return start - before <= block <= place.first + after


class Found(NamedTuple):
    """Names that markup gives, people before others."""

    people: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Organisations and accounts."""


class MarkupAuthors(NamedTuple):
    """Whom markup names, in the order in which it is believed."""

    data: Found
    """In JSON-LD and meta tags."""
    near: Found
    """In marked elements near the headline."""
    far: Found
    """In other marked elements, such as a portrait below the article."""


def authors_in_markup(
    markup: Markup, linked: LinkedData, publisher: str, place: Place
) -> MarkupAuthors:
    """Return the authors that the markup of a page names."""
    metas = [_meta_values(markup, name) for name in AUTHOR_METAS]
    organisations = Found((), tuple(filter(_is_somebody, linked.organisations)))
    data = _first([_names(linked.authors), organisations, *map(_names, metas)])
    if linked.type in POSTS and (data.people or data.others):
        return MarkupAuthors(Found((*data.people, *data.others)), Found(), Found())
    elements = [element for element in markup.marked if _is_author(element)]
    near = [element for element in elements if is_near(element.block, place)]
    far = [element for element in elements if _is_far(element, place)]
    return MarkupAuthors(
        _publisher_last(data, publisher),
        _publisher_last(_first_byline(near), publisher),
        _publisher_last(_first_byline(_of_page(far, place)), publisher),
    )


def _meta_values(markup: Markup, name: str) -> list[str]:
    """Return the contents of the meta tags of a name; "Lee, Ann" is Ann Lee in citations."""
    values = [content for own, content in markup.metas if own == name]
    if name != "citation_author":
        return values
    return [" ".join(reversed(value.split(", "))) if value.count(", ") == 1 else value
            for value in values]  # fmt: skip


def _first(found: Iterable[Found]) -> Found:
    """Return the first names of people, and the first of others."""
    people: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    for one in found:
        people, others = people or one.people, others or one.others
    return Found(people, others)


def _publisher_last(found: Found, publisher: str) -> Found:
    """Return the names, and the publisher's only if nobody else is named."""
    names = {_key(publisher), _key(publisher.rpartition(".")[0])}
    people = tuple(name for name in found.people if _key(name) not in names)
    return found if people == found.people else Found(people, found.others or found.people)


def names_more(near: Sequence[str], data: Sequence[str]) -> bool:
    """Return whether a byline names everybody whom data for machines names, and others."""
    keys = [_key(name) for name in near]
    return len(near) > len(data) and all(any(_key(name) in key for key in keys) for name in data)


def _names(values: Iterable[str]) -> Found:
    """Return the names in values that are meant to have names."""
    people: dict[str, None] = {}
    others: dict[str, None] = {}
    for value in values:
        for name in _split(value):
            (people if is_person(name) else others)[name] = None
    return Found(tuple(people)[:MAX_AUTHORS], tuple(others)[:MAX_AUTHORS])


def _split(value: str) -> Iterator[str]:
    """Yield the names in a value; one that is no list of names is a name as a whole."""
    value = (_MAIL.sub(" ", value).strip(" ()<>,;|-") or value).strip()
    if not value or _ADDRESS.search(value) or not _is_somebody(value):
        return
    byline = parse_byline(value, follows_by=True)
    names = byline.authors.split(SEPARATOR) if byline else []
    has_more = len(value.split()) > 1
    is_cut = not names or (has_more and len(names) == 1 and " " not in names[0])
    if is_cut and len(value) <= MAX_NAME_CHARACTERS and _WHOLE.fullmatch(without_by(value)):
        names = [without_by(value)]
    yield from filter(_is_somebody, names)


def _is_somebody(name: str) -> bool:
    """Return whether a name is one, and not a role or an initial."""
    return len(name) > 1 and not _NOBODY.match(name) and not name.isdecimal()


def _byline(element: MarkedElement) -> Found:
    """Return the names in the first line of an element that has any, after labels and initials."""
    for line in element.text.split("\n")[:MAX_BYLINE_LINES]:
        if len(line) > 1 and not _LABEL.fullmatch(line):
            return _names([line])
    return Found()


def _first_byline(elements: Iterable[MarkedElement]) -> Found:
    """Return the names in the first of the best marked elements that has any."""
    found = (_byline(element) for element in sorted(elements, key=_kind))
    return next((one for one in found if one.people or one.others), Found())


def _kind(element: MarkedElement) -> int:
    """Return how well an element is marked, the best first."""
    return _KINDS.index(element.names.partition(" ")[0])


def _is_author(element: MarkedElement) -> bool:
    """Return whether an element is marked as the author of something that may be the page."""
    kind, _, names = element.names.partition(" ")
    if kind in ("itemprop", "rel"):
        return any(name in ("author", "creator") for name in names.split())
    return any(_AUTHOR.search(name) and not _BESIDE.search(name) for name in names.split())


def _is_far(element: MarkedElement, place: Place) -> bool:
    """Return whether an element is farther from the main content, but may still be about it."""
    start, end = place.first - BLOCKS_BEFORE_START, place.last + BLOCKS_AFTER_END
    return place.first >= 0 and start <= element.block <= end


def _of_page(far: Sequence[MarkedElement], place: Place) -> Sequence[MarkedElement]:
    """Return the elements that are not of teasers and comments, which are many.

    In a thread, the author of the first post is marked by microdata, within the main content.
    """
    if len({element.text for element in far}) <= MAX_FAR_NAMES:
        return far
    return [each for each in far if _kind(each) == 0 and place.first <= each.block <= place.last]


def _key(text: str) -> str:
    """Return the letters and digits of a text, for comparison."""
    return "".join(filter(str.isalnum, text.casefold()))


_KINDS = ("itemprop", "rel", "class", "id")
_NOBODY = re.compile(
    r"^(?:admin\w*|administrator|editor(?:ial)?(?: team| staff)?|staff(?: writer| reporter)?|"
    r"web ?master|root|user|guest|author|unknown|anonymous|none|null|undefined|team|redaktion|"
    r"redazione|redacción|newsroom|news desk|contributor|wordpress|superadmin|support|default|"
    r"[A-Z]{1,2}|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|"
    r"(?:medically )?(?:reviewed|edited|fact.checked|photographs?|illustrated) by .*)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?:|www\.|^@|/")
_MAIL = re.compile(r"(?<!\S)\S+@\S+")
_WHOLE = re.compile(r"[\w.@&'’()| -]+")  # noqa: RUF001
_AUTHOR = re.compile(r"author|byline|autor|auteur|writer|contributor|creator|username")
_BESIDE = re.compile(
    r"comment|avatar|image|img|photo|pic|bio|about|related|social|role|title|desc|count|quote"
    r"|testimonial|review|date|time|has-|widget|sidebar|more|follow|recommend|teaser|card"
)
"""In the class of an element beside an author's name, or of the author of something else."""
_LABEL = re.compile(
    r"\W*(?:(?:\w+ )?(?:by|von|par|por|di|av|from)|(?:about )?(?:the )?authors?|autor(?:in|en)?"
    r"|auteurs?|post|author spotlight|contributors?)?\W*",
    re.IGNORECASE,
)
"""Text before a name that is not one."""
