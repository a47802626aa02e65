"""Boilerplate for synthetic pages: menus, comments, notices, offers, links to other stories."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, NamedTuple

import block_containers as containers
import numpy as np
from block_forms import sentences_of
from block_texts import TEXTS

NAMELESS_SHARE = 0.25
"""Share of containers whose class name says nothing."""
OWN_LANGUAGE_SHARE = 0.6
"""Share of boilerplate in the language of the article; the rest is in English or in any."""
HELD_OUT_STEP = 4
"""Every fourth container and text can be held out, to measure what the model does on new ones."""


class Stock(NamedTuple):
    """What the pages of one fold and language are made of."""

    titles: list[str]
    openings: list[str]
    """The first sentences of articles, for teasers."""
    short: list[str]
    """Short lines of articles, for lists."""
    posts: list[str]
    """Posts of forums, as comments."""


class Maker:
    """Makes pages with the draws of one random number generator.

    `part` selects the containers and boilerplate to use: "all", or "seen" or "held out".
    """

    def __init__(self, seed: int, stock: Stock, *, language: str = "en", part: str = "all") -> None:
        self.draws = np.random.default_rng(seed)
        self.stock, self.language, self.part = stock, language, part

    def one(self, choices: Sequence[Any]) -> Any:
        """Return one of several things."""
        return choices[int(self.draws.integers(len(choices)))]

    def some(self, choices: Sequence[Any]) -> Any:
        """Return one of the containers or texts that this maker may use."""
        if self.part != "all" and len(choices) >= HELD_OUT_STEP:
            held_out = choices[HELD_OUT_STEP - 1 :: HELD_OUT_STEP]
            return self.one(
                held_out
                if self.part == "held out"
                else [x for i, x in enumerate(choices) if (i + 1) % HELD_OUT_STEP]
            )
        return self.one(choices)

    def happens(self, share: float) -> bool:
        """Return true in a share of cases."""
        return bool(self.draws.random() < share)

    def text(self, kind: str) -> str:
        """Return a text of boilerplate, as markup."""
        language = self.language if self.language in TEXTS else "en"
        if not self.happens(OWN_LANGUAGE_SHARE):
            language = self.one(("en", "en", *TEXTS))
        return html.escape(self.some(TEXTS[language][kind]), quote=False)

    def texts(self, kind: str, most: int) -> str:
        """Return one or several different texts of boilerplate, in a row."""
        chosen: list[str] = []
        for _ in range(self.one(range(1, most + 1))):
            text = self.text(kind)
            chosen += [] if text in chosen else [text]
        return " ".join(chosen)

    def name(self) -> str:
        """Return a class name that says nothing, as build tools make them."""
        letters = "".join(self.one("abcdefghijklmnopqrstuvwxyzXYZ0123456789") for _ in range(6))
        return str(
            self.one((f"css-{letters}", f"sc-{letters}", letters, f"_{letters}", "mt-4 flex"))
        )

    def wrapped(self, inner: str, container: str) -> str:
        """Return markup in an element that may have attributes."""
        tag = container.split(maxsplit=1)[0]
        if "=" in container and self.happens(NAMELESS_SHARE):
            container = f"{tag} class='{self.name()}'"
        return f"<{container}>{inner}</{tag}>"

    def button(self) -> str:
        """Return a button, or a link that looks like one."""
        form: str = self.one(("<button>{}</button>", "<a href='/s'>{}</a>", "<a>{}</a>"))
        return form.format(self.text("button"))

    def menu(self) -> str:
        """Return a menu of links."""
        names = [self.text("menu") for _ in range(self.one(range(2, 9)))]
        items = "".join(f"<li><a href='/{i}'>{name}</a></li>" for i, name in enumerate(names))
        forms = ("<nav><ul>{}</ul></nav>", "<header><ul>{}</ul></header>",
                 "<div class='top'><ul>{}</ul></div>")  # fmt: skip
        form: str = self.one(forms)
        return form.format(items)

    def post(self) -> str:
        """Return a post of a forum, or in other languages than English a sentence of an article."""
        if self.language == "en" or self.happens(0.3):
            return str(self.one(self.stock.posts))
        return sentences_of(self.one(self.stock.openings))[0]

    def comments(self) -> str:
        """Return readers' comments."""
        around, each = self.some(containers.COMMENTS)
        body, byline = self.some(containers.COMMENT_BODIES), self.some(containers.COMMENT_BYLINES)
        items = []
        for _ in range(self.one(range(1, 9))):
            post = " ".join(self.post() for _ in range(self.one((1, 1, 1, 3))))
            head = byline.format(self.some(containers.NAMES))
            foot = self.some(containers.COMMENT_FEET)
            items.append(self.wrapped(f"{head}{body.format(html.escape(post))}{foot}", each))
        heading = self.one(("<h2>{}</h2>", "<h3>{}</h3>", "<div>{}</div>", "<h3>{} (12)</h3>", ""))
        inner = self.some(containers.COMMENT_LISTS).format("".join(items))
        return self.wrapped(heading.format(self.text("comments")) + inner, around)

    def notice(self, kind: str, boxes: Sequence[str], *, most: int = 1) -> str:
        """Return a box with a notice or an offer: a heading, sentences, and buttons."""
        head = self.one(("<h2>{}</h2>", "<h3>{}</h3>", "<p><b>{}</b></p>", "", ""))
        form = self.one(("<p>{}</p>", "<p>{}</p>", "<div>{}</div>", "<span>{}</span>"))
        texts = [self.texts(kind, 3) for _ in range(self.one(range(1, most + 1)))]
        inner = head.format(self.text("heading")) + "".join(form.format(text) for text in texts)
        buttons = "".join(self.button() for _ in range(self.one((0, 1, 1, 2))))
        return self.wrapped(inner + buttons, self.some(boxes))

    def subscribe(self) -> str:
        """Return an offer of a newsletter or an app."""
        return self.notice("subscribe", containers.SUBSCRIBE_BOXES)

    def paywall(self) -> str:
        """Return the offer that stands in for the rest of an article."""
        return self.notice("paywall", containers.PAYWALL_BOXES)

    def consent(self) -> str:
        """Return a notice about cookies."""
        return self.notice("consent", containers.CONSENT_BOXES, most=4)

    def related(self) -> str:
        """Return links to other stories in a box."""
        links = self.related_links()
        return self.wrapped(links, self.some(containers.RELATED_BOXES))

    def related_links(self) -> str:
        """Return links to other stories, some with their first sentences."""
        summary = self.one(("", "", " <span>{}</span>", "<p>{}</p>", "<div class='dek'>{}</div>"))
        title = self.one(("{}", "{}", "<h3>{}</h3>", "<b>{}</b>"))
        links = []
        for i in range(self.one(range(1, 6))):
            own = title.format(html.escape(self.one(self.stock.titles)))
            opening = summary.format(html.escape(self.one(self.stock.openings)))
            links.append(f"<li><a href='/{i}'>{own}</a>{opening}</li>")
        heads = ("<h2>{}</h2>", "<h4>{}</h4>", "<p>{}</p>", "<b>{}:</b>", "")
        head = self.one(heads).format(self.text("related"))
        return f"{head}<ul>{''.join(links)}</ul>"

    def read_also(self) -> str:
        """Return a line with a link to another story, to stand between paragraphs."""
        form: str = self.some(containers.READ_ALSO)
        return form.format(
            head=self.text("related"), title=html.escape(self.one(self.stock.titles))
        )

    def byline(self) -> str:
        """Return the author and perhaps a date."""
        date = self.one(("", "", " | 14.3.2024", ", 2 May 2023", " · 2024-01-30 09:12"))
        text = f"{self.text('byline')} {self.some(containers.NAMES)}{date}"
        return str(self.some(containers.BYLINES).format(text))
