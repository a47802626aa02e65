"""Read an article's metadata from JSON-LD, the form in which pages describe themselves to machines.

A page often describes several things: itself, its site, its author, the article. The article is
the thing with the most specific type: a `NewsArticle` before a `WebPage`.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

TYPES = (
    "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle",
    "BackgroundNewsArticle", "ReviewNewsArticle", "LiveBlogPosting", "BlogPosting",
    "ScholarlyArticle", "TechArticle", "Report", "Article", "DiscussionForumPosting",
    "SocialMediaPosting", "Question", "Recipe", "HowTo", "Review", "Product", "Course",
    "CreativeWork", "QAPage", "AboutPage", "ItemPage", "CollectionPage", "WebPage",
)  # fmt: skip
"""Types of things that may be the main content, the most specific first."""
_PARTS = frozenset(["Question", "Recipe", "HowTo", "Review", "Product", "Course", "CreativeWork"])
"""Types of which a page may have several, each a part of it."""
_PAGES = frozenset(["AboutPage", "ItemPage", "QAPage", "CollectionPage", "WebPage"])
"""Types of the page itself: it says what the article in it leaves open."""
_RANKS = {name: rank for rank, name in enumerate(TYPES)}
_INSIDE = ("@graph", "mainEntity", "mainEntityOfPage")
"""Where the article may be within another thing; what a list refers to are other pages."""
MAX_THINGS = 2000
"""Maximum number of things of one page that are looked at."""
_COMMENT = re.compile(r"^\s*(?://\s*)?<!(?:--|\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*$")


class LinkedData(NamedTuple):
    """What JSON-LD says about the main content of a page; empty where it says nothing."""

    title: str = ""
    authors: tuple[str, ...] = ()
    """Names of people."""
    organisations: tuple[str, ...] = ()
    """Names of organisations that are said to be authors."""
    publisher: str = ""
    published: tuple[str, ...] = ()
    """When it was published, then when it was created."""
    url: str = ""
    type: str = ""


def read_linked_data(scripts: Iterable[str]) -> LinkedData:
    """Return what the scripts of a page say about its main content."""
    things = list(_things(scripts))
    by_id = {thing["@id"]: thing for thing in reversed(things) if _is_full(thing)}
    site = next((_text(t.get("name")) for t in things if "WebSite" in _types(t)), "")
    ranked = _main_things(things)
    if not ranked:
        return LinkedData(publisher=site)
    rank, thing = ranked[0]
    about = [thing, *(other for other_rank, other in ranked[1:] if TYPES[other_rank] in _PAGES)]
    authors = _first(about, "author", by_id)
    publishers = _first(about, "publisher", by_id)
    dates = (
        next(filter(None, (_text(one.get(name)) for one in about)), "")
        for name in ("datePublished", "dateCreated")
    )
    return LinkedData(
        _text(thing.get("headline")) or (_text(thing.get("name")) if rank else ""),
        _names(author for author in authors if not _is_organisation(author)),
        _names(author for author in authors if _is_organisation(author)),
        next(iter(_names(publishers)), "") or site,
        tuple(date for date in dates if date),
        _url(thing),
        TYPES[rank],
    )


def _main_things(things: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Return the things that may be the main content with the rank of their type, best first.

    Of several products, questions or reviews, none is the page.
    """
    ranked = [(rank, thing) for thing in things if (rank := _rank(thing)) < len(TYPES)]
    counts = Counter(rank for rank, _ in ranked)
    own = [pair for pair in ranked if counts[pair[0]] == 1 or TYPES[pair[0]] not in _PARTS]
    return sorted(own, key=lambda pair: pair[0])


def _first(
    things: Iterable[dict[str, Any]], name: str, by_id: dict[str, dict[str, Any]]
) -> list[Any]:
    """Return the values of a property of the first thing that has any."""
    for thing in things:
        values = [_resolved(value, by_id) for value in _listed(thing.get(name))]
        if _names(values):
            return values
    return []


def _names(values: Iterable[Any]) -> tuple[str, ...]:
    """Return the names of people or organisations, each once."""
    return tuple(dict.fromkeys(name for value in values if (name := _name(value))))


def _things(scripts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the things that scripts describe, in their order."""
    queue: list[Any] = [value for script in scripts for value in _parsed(script)]
    queue.reverse()
    for _ in range(MAX_THINGS):
        if not queue:
            return
        value = queue.pop()
        if isinstance(value, list):
            queue.extend(reversed(value[:MAX_THINGS]))
        elif isinstance(value, dict):
            yield value
            if "FAQPage" not in _types(value):  # its questions are parts of the page, not the page
                queue.extend(value[name] for name in reversed(_INSIDE) if name in value)


def _parsed(script: str) -> Iterator[Any]:
    """Yield the JSON of a script, unless it is damaged beyond what people often write."""
    script = script.lstrip("\ufeff")
    try:
        yield orjson.loads(script.encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        try:
            yield json.loads(_COMMENT.sub("", script).strip().rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            return


def _types(thing: dict[str, Any]) -> list[str]:
    """Return the types of a thing without their address."""
    listed = _listed(thing.get("@type"))
    return [name.rpartition("/")[2] for name in listed if isinstance(name, str)]


def _rank(thing: dict[str, Any]) -> int:
    """Return how specific the type of a thing is; `len(TYPES)` if it is not the main content."""
    return min((_RANKS.get(name, len(TYPES)) for name in _types(thing)), default=len(TYPES))


def _listed(value: Any) -> list[Any]:
    """Return a value as a list of at most 50."""
    return value[:50] if isinstance(value, list) else [] if value is None else [value]


def _is_full(thing: dict[str, Any]) -> bool:
    """Return whether a thing says more than its identifier."""
    return isinstance(thing.get("@id"), str) and "name" in thing


def _resolved(value: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    """Return the thing that a reference refers to."""
    if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
        return by_id.get(value["@id"], value)
    return value


def _is_organisation(value: Any) -> bool:
    """Return whether an author is not a person."""
    names = _types(value) if isinstance(value, dict) else []
    return any("Organization" in name or name == "Corporation" for name in names)


def _name(value: Any) -> str:
    """Return the name of a person or an organisation."""
    if isinstance(value, dict):
        listed = _listed(value.get("name"))
        return _text(listed[0]) if listed else ""
    return _text(value)


def _text(value: Any) -> str:
    """Return a text without entities and superfluous spaces; empty for anything else."""
    if not isinstance(value, str) or len(value) > 2000:
        return ""
    try:
        # some sites escape twice: "&amp;#8230;"
        return " ".join(html.unescape(html.unescape(value)).split())
    except ValueError:  # a numeric entity of more digits than Python reads
        return ""


def _url(thing: dict[str, Any]) -> str:
    """Return the address of a thing."""
    page = thing.get("mainEntityOfPage")
    named = page.get("@id") if isinstance(page, dict) else page
    return _text(thing.get("url")) or _text(named)
