"""Make small synthetic pages, only for training, from articles and posts that are known.

Real pages have much of everything, so a model can do well without learning what one element means.
On a small page, or in an unusual container, it then keeps the comments and the cookie notice. These
pages have one article each, in containers of many kinds, with the boilerplate that people dislike
most: comments, subscriptions, consent, related stories. Tables, lists and code belong to the
article; some articles are interviews, poems, live blogs, recipes or captions (`block_forms`).

Articles, posts and teasers of a page are of one fold, so no page is scored by a model that has seen
its text.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

import block_containers as containers
from article_pages import digest_of
from article_scores import words_of
from block_boilerplate import HELD_OUT_STEP, Maker, Stock
from block_forms import FORMS, Article, sentences_of
from block_pages import BlockPage, page_of

MIN_COPIES, MAX_COPIES, PAGES_OF_LANGUAGE = 2, 12, 60
"""Synthetic pages of one article: more in a language with few, until it has so many pages."""
LINKED_SHARE = 0.04
"""Share of paragraphs that are a link as a whole."""
WEIGHT = 0.1
"""Weight of a synthetic page."""
EMPTY_SHARE = 0.1
"""Share of pages without an article: menus, notices and links alone."""
FORM_SHARE = 0.3
"""Share of articles in a form of `block_forms`."""
MIN_PARAGRAPH_WORDS, MIN_POST_WORDS, MAX_POST_WORDS = 12, 6, 60
MAX_SHORT_WORDS = 14
"""Maximum number of words of an item of a list."""
PARAGRAPHS = (
    "<p>{}</p>", "<p>{}</p>", "<p>{}</p>", "<div>{}</div>", "{}<br><br>",
    "<span class=x><div>{}</div></span>", "<p class='MsoNormal'>{}</p>",
)  # fmt: skip


def element(maker: Maker) -> tuple[str, list[str]]:
    """Return a list, table, listing, quote or heading of an article, and its lines."""
    kind = maker.one(("list", "list", "table", "table", "code", "quote", "heading", "terms"))
    if kind == "table":
        names = maker.one(containers.COLUMNS)
        rows = [list(names)] + [
            [
                maker.one(containers.CELLS) if maker.happens(0.4) else str(maker.one(range(2000)))
                for _ in names
            ]
            for _ in range(maker.one(range(2, 11)))
        ]
        cells = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in rows)
        return f"<table>{cells}</table>", [" | ".join(row) for row in rows]
    if kind == "code":
        code = list(maker.one(containers.CODE))
        text = html.escape("\n".join(code))
        return maker.one(("<pre>{}</pre>", "<pre><code>{}</code></pre>")).format(text), code
    lines = [maker.one(maker.stock.short) for _ in range(maker.one(range(2, 9)))]
    if kind == "quote":
        form = maker.one(("{}", "<p>{}</p>"))
        return f"<blockquote>{form.format(html.escape(lines[0]))}</blockquote>", lines[:1]
    if kind == "heading":
        return f"<h2>{html.escape(lines[0])}</h2>", lines[:1]
    if kind == "terms":
        lines = lines[: len(lines) // 2 * 2]
        pairs = zip(lines[::2], lines[1::2], strict=True)
        inner = "".join(f"<dt>{html.escape(a)}<dd>{html.escape(b)}" for a, b in pairs)
        return f"<dl>{inner}</dl>", lines
    form = maker.one(("<li>{}</li>", "<li>{}</li>", "<li><p>{}</p></li>", "<li><span>{}</span>"))
    items = "".join(form.format(html.escape(line)) for line in lines)
    return maker.one(("<ul>{}</ul>", "<ol>{}</ol>")).format(items), lines


def elements(maker: Maker, lines: list[str]) -> list[str]:
    """Return lists, tables, listings or quotes of an article; add their lines."""
    made = []
    for _ in range(maker.one((0, 0, 1, 1, 2, 3))):
        markup, own = element(maker)
        made.append(markup)
        lines += own
    return made


def make_article(maker: Maker, title: str, paragraphs: Sequence[str]) -> tuple[str, list[str]]:
    """Return an article in one or several containers, and its lines.

    It has boilerplate and elements of its own between its paragraphs.
    """
    if maker.happens(FORM_SHARE):
        parts, lines = maker.one(FORMS)(maker, Article(title, paragraphs))
    else:
        form = maker.one(PARAGRAPHS)
        parts, lines = [], [*paragraphs]
        for text in paragraphs:
            is_link = maker.happens(LINKED_SHARE)
            inner = f"<a href='/x'>{html.escape(text)}</a>" if is_link else html.escape(text)
            parts.append(form.format(inner))
        for markup in elements(maker, lines):
            parts.insert(maker.one(range(1, len(parts) + 1)), markup)
    for make, share in ((maker.related, 0.2), (maker.subscribe, 0.25), (maker.read_also, 0.3)):
        if len(parts) > 1 and maker.happens(share):
            parts.insert(maker.one(range(1, len(parts) + 1)), make())
    for make, share in ((maker.paywall, 0.25), (maker.subscribe, 0.1), (maker.comments, 0.25)):
        if maker.happens(share):
            parts.append(make())
    container, head = maker.some(containers.CONTAINERS), f"<h1>{html.escape(title)}</h1>"
    for make, share in ((maker.byline, 0.4), (lambda: maker.one(containers.SHARE), 0.2)):
        head += make() if maker.happens(share) else ""
    if maker.happens(0.3) and len(parts) > 3:
        cuts = sorted({maker.one(range(1, len(parts))) for _ in range(maker.one((1, 2, 3)))})
        groups = [parts[a:b] for a, b in zip([0, *cuts], [*cuts, len(parts)], strict=True)]
        inner = "".join(maker.wrapped("".join(group), container) for group in groups)
        inner = maker.wrapped(inner, "div class='wrap'") if maker.happens(0.5) else inner
        return head + inner, lines
    return maker.wrapped(head + "".join(parts), container), lines


def make_page(maker: Maker, title: str, paragraphs: Sequence[str]) -> tuple[str, list[str]]:
    """Return a whole page and the lines of its article, if there are paragraphs for one."""
    site = maker.one(containers.SITES)
    parts = [maker.menu() if maker.happens(0.8) else f"<div>{site}</div>"]
    lines: list[str] = []
    if paragraphs:
        article, lines = make_article(maker, title, paragraphs)
        parts.append(article)
    for make, share in ((maker.comments, 0.3 if paragraphs else 0), (maker.related, 0.3),
                        (maker.consent, 0.45)):  # fmt: skip
        if maker.happens(share):
            parts.insert(maker.one((len(parts), len(parts), 0)), make())
    if maker.happens(0.8):
        foot = "".join(f"<p>{maker.text('footer')}</p>" for _ in range(maker.one((1, 2, 3))))
        parts.append(maker.wrapped(foot, maker.one(("footer", "div class='foot'"))))
    head = f"<head><title>{html.escape(title)} - {site}</title></head>"
    direction = " dir='rtl'" if maker.language in ("ar", "fa", "ur") else ""
    return f"<html{direction}>{head}<body>{''.join(parts)}</body></html>", lines


class KnownPage(Protocol):
    """A page whose main content is known."""

    id: str
    site: str
    source: str
    kind: str
    title: str
    body: str

    @property
    def fold(self) -> int:
        """The cross-validation fold of its site."""

    @property
    def language(self) -> str:
        """Its language, as a key of `TEXTS`; English if it is unknown."""


def stocks(pages: Sequence[KnownPage]) -> dict[tuple[int, str], Stock]:
    """Return what synthetic pages of each fold and language are made of.

    Posts of forums are English, and are shared by all languages.
    """
    made: dict[tuple[int, str], Stock] = {}
    posts: dict[int, list[str]] = {}
    for page in pages:
        for text in page.body.split("\n") if page.kind == "forum" else ():
            if MIN_POST_WORDS <= len(text.split()) <= MAX_POST_WORDS:
                posts.setdefault(page.fold, []).append(text.strip())
    for page in pages:
        if page.source != "news" and page.kind != "article":
            continue
        language, lines = page.language, [line.strip() for line in page.body.split("\n")]
        for key in {language, "any"}:
            stock = made.setdefault((page.fold, key), Stock([], [], [], posts.get(page.fold, [])))
            stock.titles.extend([page.title] if page.title else [])
            long = [line for line in lines if len(words_of(line)) >= MIN_PARAGRAPH_WORDS]
            stock.openings.extend("".join(sentences_of(line)[:2])[:250] for line in long[:1])
            own = [line for line in lines if 2 <= len(words_of(line)) <= MAX_SHORT_WORDS]
            stock.short.extend(own)
    return made


def make_pages(pages: Sequence[BlockPage], *, part: str = "all") -> Iterator[BlockPage]:
    """Yield synthetic pages for each article that is long enough."""
    for row, markup in make_markup(pages, part=part):
        page = page_of(row, "made", "made", markup)
        page.weight = WEIGHT
        yield page


def make_markup(
    pages: Sequence[KnownPage], *, part: str = "all"
) -> Iterator[tuple[dict[str, str], str]]:
    """Yield id, site, title and body of each synthetic page, and its markup."""
    made = stocks(pages)
    n_articles = Counter(page.language for page in pages)
    for page in pages:
        texts = [text.strip() for text in page.body.split("\n")]
        texts = [text for text in texts if len(words_of(text)) >= MIN_PARAGRAPH_WORDS]
        language = page.language
        stock = made.get((page.fold, language))
        if len(texts) < 2 or stock is None or (page.source != "news" and page.kind != "article"):
            continue
        if not stock.posts:
            continue
        if len(stock.short) < MIN_PARAGRAPH_WORDS or len(stock.titles) < HELD_OUT_STEP:
            stock = made[page.fold, "any"]
        wanted = PAGES_OF_LANGUAGE // n_articles[language]
        for copy in range(min(MAX_COPIES, max(MIN_COPIES, wanted))):
            seed = digest_of(f"{page.id} {copy}") % 2**32
            maker = Maker(seed, stock, language=language, part=part)
            some = [] if maker.happens(EMPTY_SHARE) else texts[: maker.one(range(1, 13))]
            title = page.title or "The bridge is closed again"
            markup, lines = make_page(maker, title, some)
            row = {"id": f"made-{copy}-{page.id}", "site": page.site, "title": title}
            yield row | {"body": "\n".join(lines)}, markup
