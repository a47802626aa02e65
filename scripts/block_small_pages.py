"""Make small pages with little but a short article and boilerplate beside it, only for training.

On a page of a few blocks each block is a large part of the evidence. A short note with comments
that are longer than itself, an article in an element that is meant for something else, a notice in
a container whose class name is new: such pages are rare among those that people labelled, and a
model that has not seen them decides by chance. These pages have few paragraphs, often no menu and
no footer, and containers whose names are composed, so that hardly two are equal. Some are small
threads of a forum, where the posts are the content.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Sequence

import block_containers as containers
from article_pages import digest_of
from article_scores import words_of
from block_boilerplate import Maker
from block_forms import FORMS, Article, captions
from block_making import LINKED_SHARE, MIN_PARAGRAPH_WORDS, PARAGRAPHS, element, stocks
from block_pages import BlockPage, page_of
from block_phrases import sentence
from block_small_containers import (
    COMPOSED_SHARE,
    FIRST_NAMES,
    LAST_NAMES,
    ODD_CONTAINERS,
    POSTS,
    READERS,
    box,
    composed,
)

MIN_COPIES, MAX_COPIES, PAGES_OF_LANGUAGE = 4, 24, 120
"""Pages of one article: more in a language with few, until it has so many pages."""
WEIGHT = 0.1
"""Weight of a page."""
FORUM_SHARE, EMPTY_SHARE = 0.12, 0.08
"""Shares of pages that are a thread of a forum, and of those without any content."""
SIZES = (1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 7)
"""Numbers of paragraphs, one of them for each page."""
EXTRAS = (("consent", 0.35), ("comments", 0.4), ("paywall", 0.3), ("subscribe", 0.3),
          ("related", 0.3))  # fmt: skip
"""Boilerplate and the share of pages that have it."""
BYLINE_SHARE, READ_ALSO_SHARE = 0.5, 0.25
CAPTION_SHARE = 0.08
"""Share of articles that are captions of pictures and nothing else."""
ODD_SHARE = 0.25
"""Share of articles in a container that is meant for something else."""
MAX_POST_PARTS = 4
Part = tuple[str, list[str]]
"""Markup, and the lines of it that are content."""


def notice_text(maker: Maker, kind: str) -> str:
    """Return a sentence of a notice or an offer."""
    made = sentence(maker, maker.language, kind) if maker.happens(0.5) else ""
    return html.escape(made, quote=False) if made else maker.text(kind)


def notice(maker: Maker, kind: str) -> str:
    """Return a notice or an offer in a box."""
    known = {"consent": containers.CONSENT_BOXES, "paywall": containers.PAYWALL_BOXES,
             "subscribe": containers.SUBSCRIBE_BOXES}[kind]  # fmt: skip
    form = maker.one(("<p>{}</p>", "<p>{}</p>", "<div>{}</div>", "<span>{}</span>", "{}"))
    most = 3 if kind == "consent" else 1
    inner = "".join(
        form.format(" ".join(notice_text(maker, kind) for _ in range(maker.one((1, 1, 2)))))
        for _ in range(maker.one(range(1, most + 1)))
    )
    head = maker.one(("<h2>{}</h2>", "<h3>{}</h3>", "<b>{}</b>", "", "")).format(
        maker.text("heading")
    )
    buttons = "".join(maker.button() for _ in range(maker.one((0, 1, 1, 2))))
    buttons += "<input type='email'>" if kind == "subscribe" and maker.happens(0.4) else ""
    return box(maker, kind, known, head + inner + buttons)


def post_text(maker: Maker) -> str:
    """Return what a reader or a member of a forum writes."""
    parts = [maker.post().strip() for _ in range(maker.one(range(1, MAX_POST_PARTS + 1)))]
    return " ".join(parts)


def posts(maker: Maker, size: int) -> Part:
    """Return posts that are built alike, and their texts."""
    form = maker.some(POSTS)
    each = maker.one(("div", "div", "li", "article", "section"))
    each += maker.one(("", "", f" {composed(maker, 'post').partition(' ')[2]}"))
    foot = maker.one(("", "", *containers.COMMENT_FEET))
    texts = [post_text(maker) for _ in range(size)]
    items = [
        form.format(name=f"{maker.one(READERS)}{maker.one(range(99))}", text=html.escape(text))
        for text in texts
    ]
    inner = "".join(f"<{each}>{item}{foot}</{each.split()[0]}>" for item in items)
    return (f"<ul>{inner}</ul>" if each.startswith("li") else inner), texts


def comments(maker: Maker) -> str:
    """Return readers' comments; together they may be longer than the article."""
    inner, texts = posts(maker, maker.one((1, 2, 2, 3, 4, 6, 9)))
    title = maker.one((maker.text("comments"), f"{len(texts)} {maker.text('comments')}"))
    if maker.happens(0.1):
        return f"<details><summary>{title}</summary>{inner}</details>"
    head = maker.one(("<h2>{}</h2>", "<h3>{}</h3>", "<b>{}</b>", "", "", "")).format(title)
    known = [around for around, _ in containers.COMMENTS]
    return box(maker, "comments", known, head + inner)


def extra(maker: Maker, kind: str) -> str:
    """Return boilerplate of a kind."""
    if kind == "comments":
        return comments(maker)
    if kind != "related":
        return notice(maker, kind)
    return box(maker, "related", containers.RELATED_BOXES, maker.related_links())


def byline(maker: Maker) -> str:
    """Return the writer of an article, and perhaps a date."""
    date = maker.one(("", "", "", ", 9 June 2023", " - 12/03/2024", " | 08:30"))
    name = f"{maker.one(FIRST_NAMES)} {maker.one(LAST_NAMES)}"
    text = f"{maker.text('byline')} {name}{date}"
    if maker.happens(COMPOSED_SHARE):
        tag = maker.one(("p", "p", "div", "span"))
        return f"<{tag} {composed(maker, 'byline').partition(' ')[2]}>{text}</{tag}>"
    return str(maker.some(containers.BYLINES).format(text))


def article(maker: Maker, title: str, paragraphs: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the parts of a short article, and its lines."""
    if maker.happens(CAPTION_SHARE):
        return captions(maker, Article(title, paragraphs))
    if maker.happens(0.15):
        made: tuple[list[str], list[str]] = maker.one(FORMS)(maker, Article(title, paragraphs))
        return made
    form, lines = maker.one(PARAGRAPHS), [*paragraphs]
    parts = []
    for text in paragraphs:
        is_link = maker.happens(LINKED_SHARE)
        inner = f"<a href='/x'>{html.escape(text)}</a>" if is_link else html.escape(text)
        parts.append(form.format(inner))
    if maker.happens(0.3):
        markup, own = element(maker)
        parts.insert(maker.one(range(len(parts) + 1)), markup)
        lines += own
    return parts, lines


def contained(maker: Maker, head: str, parts: list[str]) -> str:
    """Return the parts of an article in one container, or in several with offers between them."""
    if maker.happens(ODD_SHARE):
        container = maker.some(ODD_CONTAINERS)
    else:
        container = maker.one((composed(maker, "article"), maker.some(containers.CONTAINERS)))
    tag = container.split()[0]
    if len(parts) > 1 and maker.happens(0.2):
        cut = maker.one(range(1, len(parts)))
        groups = [parts[:cut], parts[cut:]]
        between = extra(maker, maker.one(("subscribe", "related"))) if maker.happens(0.4) else ""
        return head + between.join(f"<{container}>{''.join(x)}</{tag}>" for x in groups)
    inner = f"<{container}>{head}{''.join(parts)}</{tag}>"
    around = {"td": "<table><tr>{}</tr></table>", "li": "<ul>{}</ul>", "dd": "<dl>{}</dl>"}
    return around.get(tag, "{}").format(inner)


def framed(maker: Maker, title: str, parts: Sequence[str]) -> str:
    """Return a whole page; it may have no menu and no footer."""
    site = maker.one(containers.SITES)
    before = maker.menu() if maker.happens(0.55) else maker.one(("", f"<div>{site}</div>"))
    after = ""
    if maker.happens(0.55):
        foot = "".join(f"<p>{maker.text('footer')}</p>" for _ in range(maker.one((1, 2))))
        after = maker.wrapped(foot, maker.one(("footer", "div class='foot'")))
    direction = " dir='rtl'" if maker.language in ("ar", "fa", "he", "ur") else ""
    head = f"<head><title>{html.escape(title)} - {site}</title></head>"
    return (
        f"<html lang='{maker.language}'{direction}>{head}<body>{before}{''.join(parts)}{after}"
        "</body></html>"
    )


def article_page(maker: Maker, title: str, paragraphs: Sequence[str]) -> Part:
    """Return a page with a short article and boilerplate inside of it, before it and after it."""
    parts, lines = article(maker, title, paragraphs[: maker.one(SIZES)])
    head = f"<h1>{html.escape(title)}</h1>" if maker.happens(0.9) else ""
    head += byline(maker) if maker.happens(BYLINE_SHARE) else ""
    if len(parts) > 1 and maker.happens(READ_ALSO_SHARE):
        parts.insert(maker.one(range(1, len(parts))), maker.read_also())
    before, after = [], []
    for kind, share in EXTRAS:
        if not maker.happens(share):
            continue
        made = extra(maker, kind)
        if maker.happens(0.45):
            after.append(made)
        elif kind == "consent":
            before.append(made)
        elif kind in ("related", "subscribe") and len(parts) > 1 and maker.happens(0.5):
            parts.insert(maker.one(range(1, len(parts))), made)
        else:
            parts.append(made)
    return framed(maker, title, [*before, contained(maker, head, parts), *after]), lines


def forum_page(maker: Maker, title: str) -> Part:
    """Return a thread: its posts are the content, in containers like those of comments."""
    inner, texts = posts(maker, maker.one((2, 3, 4, 6, 9)))
    head = f"<h1>{html.escape(title)}</h1>"
    body = head + box(maker, "comments", ("div", "main", "div class='topic'"), inner)
    extras = [notice(maker, "consent")] if maker.happens(0.3) else []
    return framed(maker, title, [body, *extras]), texts


def empty_page(maker: Maker, title: str) -> Part:
    """Return a page of notices, offers and links alone."""
    kinds = [kind for kind, _ in EXTRAS if kind != "comments" and maker.happens(0.5)]
    head = f"<h1>{html.escape(title)}</h1>" if maker.happens(0.3) else ""
    return framed(maker, title, [head, *(extra(maker, kind) for kind in kinds)]), []


def make_small_pages(pages: Sequence[BlockPage], *, part: str = "all") -> Iterator[BlockPage]:
    """Yield small pages for each article that is long enough."""
    made = stocks(pages)
    n_articles = Counter(page.language for page in pages)
    for page in pages:
        texts = [text.strip() for text in page.body.split("\n")]
        texts = [text for text in texts if len(words_of(text)) >= MIN_PARAGRAPH_WORDS]
        stock = made.get((page.fold, page.language))
        is_article = page.source == "news" or page.kind == "article"
        if not texts or not is_article or stock is None or not stock.posts:
            continue
        if len(stock.short) < MIN_PARAGRAPH_WORDS or len(stock.titles) < len(containers.SITES):
            stock = made[page.fold, "any"]
        wanted = PAGES_OF_LANGUAGE // n_articles[page.language]
        for copy in range(min(MAX_COPIES, max(MIN_COPIES, wanted))):
            seed = digest_of(f"small {page.id} {copy}") % 2**32
            maker = Maker(seed, stock, language=page.language, part=part)
            title = page.title or maker.one(stock.titles)
            if maker.happens(FORUM_SHARE):
                markup, lines = forum_page(maker, maker.one(stock.titles))
            elif maker.happens(EMPTY_SHARE):
                markup, lines = empty_page(maker, title)
            else:
                markup, lines = article_page(maker, title, texts)
            row = {"id": f"small-{copy}-{page.id}", "site": page.site, "title": title}
            row["body"] = "\n".join(lines)
            small = page_of(row, "made", "small", markup)
            small.weight = WEIGHT
            yield small
