"""Make small pages of text, only for training, many of them without an article.

Labelled pages have hundreds of lines and an article. Small pages in practice often have neither:
section fronts, missing pages, an article that a paywall cuts after its first paragraph. The same
few blocks stand on most of them: headlines with their age, numbered lists of headlines, buttons,
offers, a request to log in and comment. These pages have such blocks in the language of the page.

As in the labels of news by hand, title, byline and date are not part of the article.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from pathlib import Path

from article_pages import Page, digest_of
from article_scores import words_of
from article_wcxb import Known, read_known, table_lines
from block_boilerplate import Maker, Stock
from block_containers import NAMES
from block_making import MIN_PARAGRAPH_WORDS, stocks

COPIES = {"news": 3, "wcxb": 1}
"""Pages of each article of a source."""
EMPTY_SHARE, CUT_SHARE = 0.4, 0.2
"""Share of pages without an article, and of those with only its first paragraph or two."""
MIN_TITLES, MAX_TITLES = 4, 9
"""Headlines on a page. Several lists have the same ones."""
AGES = {
    "en": ("{} minutes ago", "{} hours ago", "{}h", "{} days ago"),
    "de": ("vor {} Minuten", "vor {} Std.", "vor {} Tagen"),
    "fr": ("il y a {} heures", "il y a {} min", "Il y a {} jours"),
    "es": ("hace {} horas", "Hace {} min", "hace {} días"),
    "it": ("{} ore fa", "{} minuti fa"),
    "pt": ("há {} horas", "há {} minutos"),
    "nl": ("{} uur geleden", "{} minuten geleden"),
    "pl": ("{} godz. temu", "{} minut temu"),
    "ru": ("{} минут назад", "{} часов назад"),
    "tr": ("{} saat önce", "{} dakika önce"),
    "ar": ("قبل {} ساعات", "منذ {} دقائق"),
    "zh": ("{}小时前", "{}分钟前"),
    "ja": ("{}時間前", "{}分前"),
    "ko": ("{}시간 전", "{}분 전"),
}
"""How old a story is, by language; in other languages the time of day is used."""
FIRST_NAMES = ("Anna", "Marek", "Giulia", "Pedro", "Olga", "Jonas", "Amina", "Claire", "Tom")
LAST_NAMES = (
    "Lindqvist",
    "Okafor",
    "Moreau",
    "Whitfield",
    "Petrova",
    "Keller",
    "Santos",
    "Ayd\u0131n",
)
MONTHS = ("January", "March", "April", "June", "July", "September", "November")
TABLE_SHARE, PRINT_SHARE = 0.3, 0.15
"""Share of articles with a table, and of those with nothing below them, as a print version."""
CLOCK = ("{:02}:15", "{:02}:40", "{:02}.05")


class SmallPage:
    """Makes the blocks of one page, each a list of lines."""

    def __init__(self, maker: Maker, title: str) -> None:
        self.maker, self.title = maker, title
        n_titles = maker.one(range(MIN_TITLES, MAX_TITLES + 1))
        self.titles = [str(maker.one(maker.stock.titles)).strip() for _ in range(n_titles)]
        self.blocks: tuple[Callable[[], list[str]], ...] = (
            self.share, self.comments, self.related, self.latest, self.numbered, self.offer,
            self.more,
        )  # fmt: skip

    def text(self, kind: str) -> str:
        """Return a text of boilerplate."""
        return html.unescape(self.maker.text(kind))

    def in_a_row(self, kind: str, most: int) -> list[str]:
        """Return short texts, a line each or in one line."""
        texts = [self.text(kind) for _ in range(self.maker.one(range(1, most + 1)))]
        separator: str = self.maker.one(("\n", "  ", "  ", " | ", " "))
        return separator.join(dict.fromkeys(texts)).split("\n")

    def age(self) -> str:
        """Return how long ago a story appeared."""
        forms = AGES.get(self.maker.language, CLOCK)
        return str(self.maker.one(forms)).format(self.maker.one(range(2, 24)))

    def share(self) -> list[str]:
        """Return the buttons below an article."""
        networks = ("Facebook", "WhatsApp", "E-Mail", "X", "Telegram", "LinkedIn")
        picked = dict.fromkeys(self.maker.one(networks) for _ in range(4))
        return [*self.in_a_row("button", 2), self.maker.one(("\n", "  ", " ")).join(picked)]

    def more(self) -> list[str]:
        """Return a button or two."""
        return [self.text("button") for _ in range(self.maker.one((1, 1, 2)))]

    def comments(self) -> list[str]:
        """Return the heading of the comments with their number, and none or some of them."""
        count = self.maker.one(("", " (3)", " (14)", ": 27"))
        lines = [self.text("comments") + count]
        for _ in range(self.maker.one((0, 0, 1, 2, 4))):
            lines += [self.maker.one(NAMES), self.age(), self.maker.post()]
            lines += self.more() if self.maker.happens(0.5) else []
        return lines if len(lines) > 1 else [*lines, *self.more()]

    def related(self) -> list[str]:
        """Return headlines of other stories with their first sentences."""
        blank = [""] if self.maker.happens(0.5) else []
        lines = [self.text("related"), *blank]
        for title in self.titles[: self.maker.one(range(1, 5))]:
            opening = str(self.maker.one(self.maker.stock.openings))
            lines += [title, *blank, opening[: self.maker.one((80, 120, 250))], *blank]
        return lines

    def latest(self) -> list[str]:
        """Return headlines, each with its age."""
        lines = [self.text("related")] if self.maker.happens(0.6) else []
        is_first = self.maker.happens(0.3)
        for title in self.titles[: self.maker.one(range(1, MAX_TITLES))]:
            lines += [self.age(), title] if is_first else [title, self.age()]
        return lines

    def numbered(self) -> list[str]:
        """Return a numbered list of headlines."""
        form: str = self.maker.one(("{}. {}", "{}. {}", "  {}. {}", "{}\n{}", "{} {}", "• {1}"))
        has_ages = self.maker.happens(0.3)
        lines = [self.text("related")]
        for number, title in enumerate(reversed(self.titles), 1):
            lines += form.format(number, title).split("\n") + [self.age()] * has_ages
        return lines

    def offer(self) -> list[str]:
        """Return an offer of a newsletter, or a subscription."""
        kind = self.maker.one(("subscribe", "subscribe", "paywall"))
        lines = [self.text("heading")] if self.maker.happens(0.4) else []
        lines += [self.text(kind) for _ in range(self.maker.one((1, 1, 2)))]
        return lines + (self.more() if self.maker.happens(0.7) else [])

    def top(self, title: str) -> list[str]:
        """Return a menu and the title of the page."""
        lines = self.in_a_row("menu", 6) if self.maker.happens(0.6) else []
        lines += [""] * bool(lines) + [title]
        return lines if self.maker.happens(0.9) else lines[:-1]

    def byline(self) -> list[str]:
        """Return author and date, each in a line, in one line, or not at all."""
        name = f"{self.maker.one(FIRST_NAMES)} {self.maker.one(LAST_NAMES)}"
        day, year = self.maker.one(range(1, 29)), self.maker.one(range(2010, 2026))
        month = self.maker.one(range(1, len(MONTHS) + 1))
        form = self.maker.one(("{0}.{1}.{2}", "{0:02}.{1:02}.{2}", "{2}-{1:02}-{0:02}",
                               "{0} {3} {2}", "{3} {0}, {2}"))  # fmt: skip
        parts = [self.maker.one(("{0} {1}", "{0} {1}", "{1}")).format(self.text("byline"), name),
                 form.format(day, month, year, MONTHS[month - 1])]  # fmt: skip
        parts = parts[self.maker.one((0, 0, 1, 2)) :]
        return self.maker.one(("\n", " ", " | ")).join(parts).split("\n") if parts else []

    def footer(self) -> list[str]:
        """Return the last lines of a page."""
        lines = [f"© {self.maker.one((2019, 2023, 2025, ''))} {self.text('menu')}"]
        lines += self.in_a_row("footer", 4)
        return lines if self.maker.happens(0.7) else lines[1:]


def make_page(page: SmallPage, paragraphs: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines of a page, and those of its article."""
    maker = page.maker
    chance = maker.draws.random()
    n_paragraphs = 0
    if chance >= EMPTY_SHARE:
        n_paragraphs = maker.one((1, 1, 2))
        if chance >= EMPTY_SHARE + CUT_SHARE:
            n_paragraphs = maker.one(range(2, 13))
    article = paragraphs[:n_paragraphs]
    blank = [""] if maker.happens(0.6) else []
    lines = page.top(page.title if article else page.text("menu"))
    lines += page.byline() if article else []
    if len(article) > 1 and maker.happens(TABLE_SHARE):
        table = table_lines(" ".join(article).split(), maker.draws)
        place = maker.one(range(1, len(article)))
        article = [*article[:place], *table, *article[place:]]
    for paragraph in article:
        lines += [*blank, paragraph]
    if len(article) > 1 and maker.happens(PRINT_SHARE):
        return lines, article
    order = maker.draws.permutation(len(page.blocks))[: maker.one(range(len(page.blocks)))]
    if article and chance < EMPTY_SHARE + CUT_SHARE:
        offer = [page.text("heading")] if maker.happens(0.5) else []
        offer += [page.text("paywall") for _ in range(maker.one((1, 1, 2)))]
        lines += ["", *offer, *page.more()]
    for number in order.tolist():
        lines += ["", *page.blocks[number]()]
    has_footer = maker.happens(0.6)
    return lines + (["", *page.footer()] if has_footer else []), article


def read_small(wcxb: Path, news: Path) -> Iterator[Page]:
    """Yield small pages made of each article, in the article's language and from its fold."""
    known = list(read_known(wcxb, news))
    made = stocks(known)
    for row in known:
        if row.source == "news" or row.kind == "article":
            for copy in range(COPIES[row.source]):
                yield from _pages_of(row, copy, made)


def _pages_of(row: Known, copy: int, made: dict[tuple[int, str], Stock]) -> Iterator[Page]:
    """Yield a page made of an article, or none if there is too little to make it of."""
    texts = [text.strip() for text in row.body.split("\n")]
    texts = [text for text in texts if len(words_of(text)) >= MIN_PARAGRAPH_WORDS]
    stock = made.get((row.fold, row.language))
    if stock is None or len(stock.titles) < MIN_TITLES or len(stock.openings) < MIN_TITLES:
        stock = made[row.fold, "any"]
    stock = stock._replace(openings=[text for text in stock.openings if text not in row.body])
    maker = Maker(digest_of(f"small {row.id} {copy}") % 2**32, stock, language=row.language)
    if texts and stock.posts and stock.openings:
        page = SmallPage(maker, row.title or str(maker.one(stock.titles)))
        lines, article = make_page(page, texts)
        body, text = "\n".join(article), "\n".join(lines)
        yield Page(f"{row.id}-{copy}", row.site, "small", "page_text", text, body)
