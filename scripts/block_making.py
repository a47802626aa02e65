"""Make small synthetic pages, only for training, from articles and posts that are known.

Real pages have much of everything, so a model can do well without learning what one element means.
On a small page, or in an unusual container, it then keeps the comments and the cookie notice. These
pages have one article each, in containers of many kinds, with the boilerplate that people dislike
most: comments, subscriptions, consent, related stories. Tables, lists and code belong to the
article. Articles and posts are of one fold, so no
page is scored by a model that has seen its text.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from article_pages import digest_of
from block_pages import BlockPage, page_of
from block_snippets import (
    CELLS,
    CODE,
    COLUMNS,
    COMMENT_BODIES,
    COMMENT_BYLINES,
    COMMENT_HEADS,
    COMMENT_LISTS,
    COMMENTS,
    CONSENT,
    CONSENT_BOXES,
    CONSENT_BUTTONS,
    CONSENT_HEADS,
    CONTAINERS,
    FOOTERS,
    MENU,
    NAMES,
    PAYWALL,
    PAYWALL_BOXES,
    PAYWALL_BUTTONS,
    PAYWALL_HEADS,
    RELATED,
    RELATED_HEADS,
    SUBSCRIBE,
)

COPIES = 2
"""Synthetic pages of one article."""
WEIGHT = 0.25
"""Weight of a synthetic page."""
EMPTY_SHARE = 0.1
"""Share of pages without an article: menus, notices and links alone."""
PARAGRAPH_FORMS = (
    "<p>{}</p>", "<p>{}</p>", "<p>{}</p>", "<div>{}</div>", "{}<br><br>",
    "<span class=x><div>{}</div></span>", "<p class='MsoNormal'>{}</p>",
)  # fmt: skip
MAX_SHORT_WORDS = 14
"""Maximum number of words of an item of a list."""
MIN_PARAGRAPH_WORDS, MIN_POST_WORDS, MAX_POST_WORDS = 12, 6, 60


class Maker:
    """Makes pages with the draws of one random number generator."""

    def __init__(
        self, seed: int, *, posts: Sequence[str], titles: Sequence[str], short: Sequence[str]
    ) -> None:
        self.draws = np.random.default_rng(seed)
        self.posts, self.titles, self.short = posts, titles, short

    def one(self, choices: Sequence[Any]) -> Any:
        """Return one of several things."""
        return choices[int(self.draws.integers(len(choices)))]

    def happens(self, share: float) -> bool:
        """Return true in a share of cases."""
        return bool(self.draws.random() < share)

    def wrapped(self, inner: str, container: str) -> str:
        """Return markup in an element that may have attributes."""
        return f"<{container}>{inner}</{container.split(maxsplit=1)[0]}>"

    def menu(self) -> str:
        """Return a menu of links."""
        items = "".join(f"<li><a href='/{x}'>{x}</a></li>" for x in MENU[: self.one(range(2, 9))])
        forms = ("<nav><ul>{}</ul></nav>", "<header><ul>{}</ul></header>",
                 "<div class='top'><ul>{}</ul></div>")  # fmt: skip
        form: str = self.one(forms)
        return form.format(items)

    def comments(self) -> str:
        """Return readers' comments."""
        around, each = self.one(COMMENTS)
        body = self.one(COMMENT_BODIES)
        items = []
        for _ in range(self.one(range(1, 7))):
            name = self.one(NAMES)
            post = " ".join(self.one(self.posts) for _ in range(self.one((1, 1, 1, 3))))
            head = self.one(COMMENT_BYLINES).format(name)
            foot = self.one(("", "", "<a href='#'>Reply</a>", "<button>Like</button>"))
            items.append(self.wrapped(f"{head}{body.format(html.escape(post))}{foot}", each))
        heading = self.one(("<h2>{}</h2>", "<h3>{}</h3>", "<div>{}</div>", ""))
        inner = self.one(COMMENT_LISTS).format("".join(items))
        return self.wrapped(heading.format(self.one(COMMENT_HEADS)) + inner, around)

    def offer(self, offers: Sequence[tuple[str, str, str, str]]) -> str:
        """Return a box that asks for a subscription."""
        name, head, text, button = self.one(offers)
        button = self.one(
            (f"<button>{button}</button>", f"<a href='/s'>{button}</a>", f"<a>{button}</a>")
        )
        inner = f"<h3>{head}</h3><p>{text}</p>{button}"
        return self.wrapped(
            inner, self.one((f"div class='{name}'", f"section class='{name}'", "aside"))
        )

    def paywall(self) -> str:
        """Return the offer that stands in for the rest of an article."""
        text = " ".join(self.one(PAYWALL) for _ in range(self.one((1, 1, 2))))
        head = f"<h3>{self.one(PAYWALL_HEADS)}</h3>" if self.happens(0.6) else ""
        form = self.one(("<button>{}</button>", "<a href='/s'>{}</a>", "<a>{}</a>"))
        inner = f"{head}<p>{text}</p>{form.format(self.one(PAYWALL_BUTTONS))}"
        return self.wrapped(inner, self.one(PAYWALL_BOXES))

    def consent(self) -> str:
        """Return a notice about cookies."""
        paragraphs = [
            " ".join(self.one(CONSENT) for _ in range(self.one((1, 2, 3))))
            for _ in range(self.one((1, 1, 2, 3)))
        ]
        inner = f"<h2>{self.one(CONSENT_HEADS)}</h2>" if self.happens(0.6) else ""
        inner += "".join(f"<p>{text}</p>" for text in paragraphs)
        inner += "".join(
            f"<button>{self.one(CONSENT_BUTTONS)}</button>" for _ in range(self.one((1, 1, 2)))
        )
        return self.wrapped(inner, self.one(CONSENT_BOXES))

    def related(self) -> str:
        """Return links to other stories."""
        links = "".join(f"<li><a href='/{i}'>{html.escape(self.one(self.titles))}</a></li>"
                        for i in range(self.one(range(1, 5))))  # fmt: skip
        head = self.one(("<h4>{}</h4>", "<p>{}</p>", "<b>{}:</b>")).format(self.one(RELATED_HEADS))
        return self.wrapped(f"{head}<ul>{links}</ul>", self.one(RELATED))

    def element(self) -> tuple[str, list[str]]:
        """Return a list, table, listing, quote or heading of an article, and its lines."""
        kind = self.one(("list", "list", "table", "table", "code", "quote", "heading", "terms"))
        if kind == "table":
            names = self.one(COLUMNS)
            rows = [list(names)] + [
                [
                    self.one(CELLS) if self.happens(0.4) else str(self.one(range(2000)))
                    for _ in names
                ]
                for _ in range(self.one(range(2, 11)))
            ]
            cells = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in rows)
            return f"<table>{cells}</table>", [" | ".join(row) for row in rows]
        if kind == "code":
            code = list(self.one(CODE))
            text = html.escape("\n".join(code))
            return self.one(("<pre>{}</pre>", "<pre><code>{}</code></pre>")).format(text), code
        lines = [self.one(self.short) for _ in range(self.one(range(2, 9)))]
        if kind == "quote":
            quote = html.escape(lines[0])
            form = self.one(("{}", "<p>{}</p>"))
            return f"<blockquote>{form.format(quote)}</blockquote>", lines[:1]
        if kind == "heading":
            return f"<h2>{html.escape(lines[0])}</h2>", lines[:1]
        if kind == "terms":
            lines = lines[: len(lines) // 2 * 2]
            pairs = zip(lines[::2], lines[1::2], strict=True)
            return "".join(
                ("<dl>", *(f"<dt>{html.escape(a)}<dd>{html.escape(b)}" for a, b in pairs), "</dl>")
            ), lines
        form = self.one(("<li>{}</li>", "<li>{}</li>", "<li><p>{}</p></li>", "<li><span>{}</span>"))
        items = "".join(form.format(html.escape(line)) for line in lines)
        return self.one(("<ul>{}</ul>", "<ol>{}</ol>")).format(items), lines

    def article(self, title: str, paragraphs: Sequence[str]) -> tuple[str, list[str]]:
        """Return an article in one or several containers, and its lines.

        It has boilerplate and elements of its own between its paragraphs.
        """
        form = self.one(PARAGRAPH_FORMS)
        parts, lines = [form.format(html.escape(text)) for text in paragraphs], [*paragraphs]
        for _ in range(self.one((0, 0, 1, 1, 2, 3))):
            markup, own = self.element()
            parts.insert(self.one(range(1, len(parts) + 1)), markup)
            lines += own
        for make, share in ((self.related, 0.3), (lambda: self.offer(SUBSCRIBE), 0.25)):
            if len(parts) > 2 and self.happens(share):
                parts.insert(self.one(range(1, len(parts))), make())
        if self.happens(0.25):
            parts.append(self.paywall())
        if self.happens(0.3):
            parts.append(self.comments())
        container, head = self.one(CONTAINERS), f"<h1>{html.escape(title)}</h1>"
        if self.happens(0.3) and len(parts) > 3:
            cuts = sorted({self.one(range(1, len(parts))) for _ in range(self.one((1, 2, 3)))})
            groups = [parts[a:b] for a, b in zip([0, *cuts], [*cuts, len(parts)], strict=True)]
            inner = "".join(self.wrapped("".join(group), container) for group in groups)
            inner = self.wrapped(inner, "div class='wrap'") if self.happens(0.5) else inner
            return head + inner, lines
        return self.wrapped(head + "".join(parts), container), lines

    def page(self, title: str, paragraphs: Sequence[str]) -> tuple[str, list[str]]:
        """Return a whole page and the lines of its article, if there are paragraphs for one."""
        parts = [self.menu() if self.happens(0.8) else "<div>The Daily Example</div>"]
        lines: list[str] = []
        if paragraphs:
            article, lines = self.article(title, paragraphs)
            parts.append(article)
        for make, share in ((self.comments, 0.3 if paragraphs else 0), (self.related, 0.3),
                            (self.consent, 0.45)):  # fmt: skip
            if self.happens(share):
                parts.insert(self.one((len(parts), len(parts), 0)), make())
        if self.happens(0.8):
            foot = "".join(f"<p>{self.one(FOOTERS)}</p>" for _ in range(self.one((1, 2, 3))))
            parts.append(self.wrapped(foot, self.one(("footer", "div class='foot'"))))
        head = f"<head><title>{html.escape(title)} - The Daily Example</title></head>"
        return f"<html>{head}<body>{''.join(parts)}</body></html>", lines


def make_pages(pages: Sequence[BlockPage]) -> Iterator[BlockPage]:
    """Yield synthetic pages for each article that is long enough."""
    posts: dict[int, list[str]] = {}
    for page in pages:
        for text in page.body.split("\n") if page.kind == "forum" else ():
            if MIN_POST_WORDS <= len(text.split()) <= MAX_POST_WORDS:
                posts.setdefault(page.fold, []).append(text.strip())
    articles = [page for page in pages if page.source == "news" or page.kind == "article"]
    titles: dict[int, list[str]] = {}
    short: dict[int, list[str]] = {}
    for page in articles:
        titles.setdefault(page.fold, []).append(page.title or "Storks return to the old chimney")
        lines = [line.strip() for line in page.body.split("\n") if page.source == "wcxb"]
        own = [line for line in lines if 2 <= len(line.split()) <= MAX_SHORT_WORDS]
        short.setdefault(page.fold, []).extend(own)
    for page in articles:
        texts = [text.strip() for text in page.body.split("\n")]
        texts = [text for text in texts if len(text.split()) >= MIN_PARAGRAPH_WORDS]
        if len(texts) < 2 or not posts.get(page.fold) or not short.get(page.fold):
            continue
        fold = page.fold
        for copy in range(COPIES):
            seed = digest_of(f"{page.id} {copy}") % 2**32
            maker = Maker(seed, posts=posts[fold], titles=titles[fold], short=short[fold])
            some = [] if maker.happens(EMPTY_SHARE) else texts[: maker.one(range(1, 13))]
            title = page.title or "The bridge is closed again"
            markup, lines = maker.page(title, some)
            row = {"id": f"made-{copy}-{page.id}", "site": page.site, "title": title}
            made = page_of(row | {"body": "\n".join(lines)}, "made", "made", markup)
            made.weight = WEIGHT
            yield made
