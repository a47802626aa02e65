"""Title, author, publisher, date and URL of an HTML page, from its markup and from its text.

Markup comes first where it is specific: JSON-LD, then meta tags, then `time` elements. Where it is
silent or names nobody ("admin", the paper itself), the reader for pages of text is asked, which
reads bylines and date lines as people do. Publication always goes before modification.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache

from corpus.articles.blocks.markup import Markup
from corpus.articles.html.headline import headline
from corpus.articles.html.markup_authors import Place, authors_in_markup, names_more
from corpus.articles.html.markup_dates import publication
from corpus.articles.metadata.authors import SEPARATOR, is_list_of_names
from corpus.articles.metadata.linked_data import LinkedData, read_linked_data
from corpus.articles.metadata.metadata import ArticleMetadata, MetadataResult
from corpus.articles.metadata.urls import valid_url

PUBLISHER_METAS = ("og:site_name", "application-name", "dc.publisher", "publisher")


def markup_metadata(
    markup: Markup,
    headings: Sequence[str],
    place: Place,
    read_text: Callable[[], MetadataResult],
    *,
    is_article: Callable[[], bool] = lambda: True,
    below_headline: Sequence[str] = (),
    as_of: date | None,
) -> ArticleMetadata:
    """Return the metadata of a page.

    `headings` are the texts of its first-level headings, `place` is where its main content is,
    `below_headline` are the texts of the few blocks below the headline.
    `read_text` returns what its text says, and `is_article` whether it is one; they are called if
    the markup leaves something open.
    """
    from_text, is_article = cache(read_text), cache(is_article)
    linked = read_linked_data(markup.scripts)
    publisher = markup.meta(*PUBLISHER_METAS) or linked.publisher
    url = _url(markup, linked)
    title = headline(
        markup,
        linked,
        headings,
        publisher,
        url or "",
        is_article=is_article,
        title_in_text=lambda: from_text().metadata.title,
    )
    return ArticleMetadata(
        title=title or from_text().metadata.title,
        author=_author(markup, linked, publisher, place, from_text, is_article, below_headline),
        publisher=publisher or from_text().metadata.publisher,
        date=publication(
            markup,
            linked,
            place,
            below_headline,
            lambda: from_text().metadata.date,
            as_of=as_of,
        ),
        url=url or from_text().metadata.url,
    )


def _author(
    markup: Markup,
    linked: LinkedData,
    publisher: str,
    place: Place,
    from_text: Callable[[], MetadataResult],
    is_article: Callable[[], bool],
    below_headline: Sequence[str],
) -> str | None:
    """Return the authors: people in markup, then in the text, then organisations and accounts.

    A name in the text that is not sure to be the author's counts only on articles. So does a name
    below the headline that nothing introduces.
    """
    data, near, far = authors_in_markup(markup, linked, publisher, place)
    if data.people or near.people:
        people = near.people if names_more(near.people, data.people) else data.people
        return SEPARATOR.join(people)
    if near.others and not data.others:
        return SEPARATOR.join(near.others)
    text = from_text()
    by_text = text.metadata.author if text.is_sure_author else None
    named = by_text or SEPARATOR.join(data.others or far.people or far.others)
    if named or not is_article():
        return named or None
    return text.metadata.author or next(filter(is_list_of_names, below_headline), None)


def _url(markup: Markup, linked: LinkedData) -> str | None:
    """Return the page's own address."""
    for text in (markup.canonical, markup.meta("og:url"), linked.url):
        url = valid_url(text or None)
        if url:
            return url
    return None
