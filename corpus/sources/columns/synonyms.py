"""Names that other people give to our columns, to propose a setting `columns`.

A crawler calls the text `body`, a search API `content`, a news dump `maintext`. A proposal is only
ever shown, or written into a config that a person can read: reading itself never guesses.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from corpus.documents import AUTHOR, DATE, ID, PUBLISHER, TEXT, TITLE, URL
from corpus.markup import yaml_scalar

SYNONYMS: dict[str, tuple[str, ...]] = {
    TEXT: (
        "text", "body", "content", "article", "maintext", "main_text", "article_text",
        "article_body", "text_content", "body_text", "full_text", "raw_text", "plain_text",
        "clean_text", "content_text", "page_content", "story", "news", "document", "doc",
        "page_text", "paragraphs", "markdown", "article_content", "html", "raw_html",
        "html_content", "body_html", "page", "description", "abstract", "summary",
    ),
    TITLE: (
        "title", "headline", "head_line", "heading", "article_title", "page_title", "news_title",
        "web_title", "header",
    ),
    AUTHOR: ("author", "authors", "byline", "creator", "writer", "author_name", "reporter"),
    PUBLISHER: (
        "publisher", "publication", "publisher_name", "sitename", "site_name", "source_name",
        "source_hostname", "outlet", "newspaper", "site", "media", "source", "source_domain",
        "domain", "hostname",
    ),
    DATE: (
        "date", "published_at", "published", "date_publish", "date_published", "published_date",
        "publish_date", "publication_date", "pub_date", "publication_time", "published_time",
        "publish_time", "published_on", "datetime", "created_at", "created", "timestamp", "time",
        "posted", "year_month_day",
    ),
    URL: (
        "url", "link", "article_url", "web_url", "page_url", "source_url", "canonical_url", "uri",
        "permalink", "href", "source",
    ),
    ID: ("id", "_id", "uuid", "guid", "article_id", "doc_id", "document_id", "identifier", "uid"),
}  # fmt: skip
"""Names of each column, the most likely first, as `normalised` writes them."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^a-z0-9]+")


def normalised(name: str) -> str:
    """Return a name in lower case, its words joined with `_`; a nested name without its parents.

    "datePublished" -> "date_published", "meta.Pub-Date" -> "pub_date"
    """
    last = name.rpartition(".")[2] or name
    words = _OTHER.sub("_", _CAMEL.sub("_", last).lower()).strip("_")
    return f"_{words}" if last.startswith("_") and words == "id" else words


def candidates(column: str, names: Iterable[str]) -> list[str]:
    """Return the names that may mean our column, the most likely first, then in their order."""
    synonyms = {synonym.replace("_", ""): i for i, synonym in reversed([*enumerate(_of(column))])}
    ranked = [
        (min(ranks), name.count("."), position, name)
        for position, name in enumerate(names)
        if (ranks := [synonyms[key] for key in _keys(name) if key in synonyms])
    ]
    return [name for *_, name in sorted(ranked)]


def _keys(name: str) -> list[str]:
    """Return the forms of a name that may be a synonym: `source.name` is `name`, `sourcename`."""
    forms = dict.fromkeys((name, name.replace(".", "_")))
    return [normalised(form).replace("_", "") for form in forms]


def columns_setting(columns: Mapping[str, str]) -> str:
    """Return the setting `columns` as one would write it in a config: `columns: {text: body}`."""
    entries = (f"{yaml_scalar(ours)}: {yaml_scalar(theirs)}" for ours, theirs in columns.items())
    return f"columns: {{{', '.join(entries)}}}"


def _of(column: str) -> tuple[str, ...]:
    return SYNONYMS.get(column, (column,))


def nearest(column: str, wanted: str, names: Iterable[str]) -> str | None:
    """Return the name that was probably meant: spelled like `wanted`, or a synonym of `column`."""
    names = list(names)
    folded = {name.casefold(): name for name in reversed(names)}
    near = difflib.get_close_matches(wanted.casefold(), folded, n=1, cutoff=0.6)
    if near:
        return folded[near[0]]
    if known := candidates(column, names):
        return known[0]
    misspelled = (
        name
        for name in names
        if difflib.get_close_matches(normalised(name), _of(column), cutoff=0.8)
    )
    return next(misspelled, None)
