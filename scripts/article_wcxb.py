"""Read the pages of WCXB as text, dump synthetic pages, and put tables into articles.

WCXB (Web Content eXtraction Benchmark, by Murrough Foley, CC BY 4.0) has pages of seven kinds with
the main content reviewed by people. Its HTML is dumped to text by resiliparse, with its default
settings, as the news pages are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from article_pages import Page, digest_of, fold_of, label, rows
from block_making import make_markup
from block_pages import MIN_ORACLE_F1, label_blocks, word_score

COPIES = ("made-0-", "made-1-")
"""Identifiers of the synthetic pages that are used begin with one of these."""
MIN_PARAGRAPHS = 4
"""Minimum number of lines of an article that receives a table."""
MIN_PARAGRAPH_WORDS = 12
MAX_TABLE_ROWS, MAX_TABLE_COLUMNS = 12, 5


def read_wcxb(path: Path) -> Iterator[Page]:
    """Yield each page as text with and without its navigation, and its main content alone.

    A page is left out if its text has less than half of its gold.
    """
    from resiliparse.extract.html2text import extract_plain_text

    for row in rows(path):
        for view, without_navigation in (("page_text", False), ("page_rmain", True)):
            text = extract_plain_text(row["html"], main_content=without_navigation)
            page = Page(row["id"], row["site"], "wcxb", view, text, row["body"], row["type"])
            page.labels = label_blocks(page.texts, row["body"]).astype(np.int8)
            selected = [text for text, kept in zip(page.texts, page.labels, strict=True) if kept]
            page.is_trained_on = word_score(row["body"], "\n".join(selected))[2] > MIN_ORACLE_F1
            yield page
        if row["body"].strip():
            body = row["body"]
            yield Page(row["id"], row["site"], "clean_wcxb", "page_text", body, body, row["type"])


@dataclass
class Known:
    """What synthetic pages are made of: the main content of a page."""

    id: str
    site: str
    source: str
    kind: str
    title: str
    body: str
    language: str

    @property
    def fold(self) -> int:
        """The cross-validation fold of its site."""
        return fold_of(self.site)


def read_known(wcxb: Path, news: Path) -> Iterator[Known]:
    """Yield the main content of all pages. WCXB does not name languages, but is mostly English."""
    for path, source in ((wcxb, "wcxb"), (news, "news")):
        for row in rows(path):
            kind, language = row.get("type", source), row.get("lang", "en")
            title = str(row.get("title") or "")
            yield Known(row["id"], row["site"], source, kind, title, row["body"], language)


def read_made(wcxb: Path, news: Path) -> Iterator[Page]:
    """Yield the synthetic pages that the block model is trained on, as text, two of each article.

    They have comments, consent notices, offers and related stories, some in the middle of the
    article, and articles with lists, tables, code, in several containers, or none at all.
    """
    from resiliparse.extract.html2text import extract_plain_text

    for row, markup in make_markup(list(read_known(wcxb, news))):
        if row["id"].startswith(COPIES):
            text = extract_plain_text(markup)
            page = Page(row["id"], row["site"], "made", "page_text", text, row["body"])
            page.labels = label_blocks(page.texts, row["body"]).astype(np.int8)
            yield page


def read_with_tables(path: Path) -> Iterator[Page]:
    """Yield each news page with a table between two paragraphs of its article.

    The cells are words of the article and numbers. They are a line each, as most dumps write them,
    or a row is a line.
    """
    for row in rows(path):
        draws = np.random.default_rng(digest_of(row["id"] + "table") % 2**32)
        page = row["page_text"].split("\n")
        kept = np.flatnonzero(label(page, row["body"]))
        long = [i for i in kept.tolist() if len(page[i].split()) >= MIN_PARAGRAPH_WORDS]
        if len(long) >= MIN_PARAGRAPHS:
            place = long[int(draws.integers(1, len(long)))]
            table = table_lines(" ".join(page[i] for i in long).split(), draws)
            blank = [""] * int(draws.integers(0, 2))
            text = "\n".join([*page[:place], *blank, *table, *blank, *page[place:]])
            made = Page(row["id"], row["site"], "table", "page_text", text, row["body"])
            cells = set(table)
            for i, line in enumerate(made.texts):
                made.labels[i] |= line in cells
            yield made


def table_lines(words: list[str], draws: np.random.Generator) -> list[str]:
    """Return the lines of a table: names in the first column, numbers in the others."""
    n_rows = int(draws.integers(1, MAX_TABLE_ROWS))
    n_columns = int(draws.integers(2, MAX_TABLE_COLUMNS + 1))
    cells: list[list[Any]] = []
    highest = 10 ** int(draws.integers(1, 6))
    for number in range(n_rows + 1):
        picked = draws.integers(0, len(words), n_columns).tolist()
        names = [words[i].strip(".,:;\"'()").capitalize() for i in picked]
        numbers = [str(draws.integers(0, highest)) for _ in range(n_columns - 1)]
        cells.append(names if number == 0 else [names[0], *numbers])
    separator = ("\n", "\n", "\t", " ", " | ")[int(draws.integers(0, 5))]
    lines = [separator.join(row) for row in cells[int(draws.integers(0, 2)) :]]
    return "\n".join(lines).split("\n")
