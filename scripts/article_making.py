"""Make synthetic pages, only for training, from pages with a known article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from article_pages import Page, digest_of, fold_of, label, rows
from article_scores import words_of

MIN_TEASERS = 3
MIN_PARAGRAPH_WORDS = 12
"""Minimum number of words of a line that may remain in front of a paywall."""
_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]+\W*")  # noqa: RUF001


def read_clean(path: Path) -> Iterator[Page]:
    """Yield the articles without their pages: a page that is already clean must be kept whole."""
    for row in rows(path):
        if row["body"].strip():
            yield Page(row["id"], row["site"], "clean", "page_text", row["body"], row["body"])


def read_with_teasers(path: Path) -> Iterator[Page]:
    """Yield each page with teasers of other articles below its article, and cropped.

    Well-written sentences that are not part of the article are the hardest lines, and too few pages
    have them. A teaser is a headline and the first sentences of an article in the same language and
    fold, so no page is scored by a model that was trained on one of its teasers.
    """
    records = [row for row in rows(path) if row["page_text"].strip()]
    teasers: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for row in records:
        paragraphs = [text for text in row["body"].split("\n") if len(words_of(text)) >= 20]
        if paragraphs:
            title = row["title"] or " ".join(paragraphs[-1].split()[:9])
            opening = "".join(_SENTENCE.findall(paragraphs[0])[:2])[:300]
            teasers.setdefault((row["lang"], fold_of(row["site"])), []).append((title, opening))
    for row in records:
        pool = teasers.get((row["lang"], fold_of(row["site"])), [])
        draws = np.random.default_rng(int(digest_of(row["id"]) % 2**32))
        text = with_teasers(row["page_text"], row["body"], pool, draws)
        if len(pool) >= MIN_TEASERS and text:
            yield Page(row["id"], row["site"], "teasers", "page_text", text, row["body"])
        page = text if text and draws.random() < 0.5 else row["page_text"]
        yield Page(
            row["id"],
            row["site"],
            "crop",
            "page_text",
            cropped(page, row["body"], draws),
            row["body"],
        )


def cropped(text: str, body: str, draws: np.random.Generator) -> str:
    """Return the article with a few of the lines before and after it.

    Pages of about twenty lines, without menus and footers, are common in practice and rare in the
    labelled data.
    """
    page = text.split("\n")
    kept = np.flatnonzero(label(page, body))
    first, last = (int(kept[0]), int(kept[-1])) if len(kept) else (0, len(page))
    start = max(0, first - int(draws.integers(0, 7)))
    return "\n".join(page[start : last + 1 + int(draws.integers(2, 25))])


def with_teasers(
    text: str, body: str, pool: Sequence[tuple[str, str]], draws: np.random.Generator
) -> str | None:
    """Return the page with teasers below its article; None without an article or teasers."""
    page = text.split("\n")
    kept = np.flatnonzero(label(page, body))
    others = [teaser for teaser in pool if teaser[1] not in body]
    if not len(kept) or len(others) < MIN_TEASERS:
        return None
    row = min(int(kept[-1]) + 1 + int(draws.integers(0, 8)), len(page))
    picked = [others[i] for i in draws.choice(len(others), min(len(others), 6), replace=False)]
    blank = [""] * int(draws.integers(0, 2))
    block = [line for teaser in picked for line in (teaser[0], *blank, teaser[1], *blank)]
    if draws.random() < 0.5:
        block += [line for title, _ in picked for line in (title, f"{draws.integers(1, 20)} h")]
    return "\n".join([*page[:row], "", *block, "", *page[row:]])


def read_cut(path: Path) -> Iterator[Page]:
    """Yield the pages with only the paragraphs of their articles that a paywall shows.

    With only a paragraph or two to keep, keeping the whole page may look equally good.
    """
    for row in rows(path):
        draws = np.random.default_rng(digest_of(row["id"] + "cut") % 2**32)
        for view in ("page_text", "page_rmain"):
            page = row[view].split("\n")
            kept = np.flatnonzero(label(page, row["body"]))
            long = [i for i in kept.tolist() if len(words_of(page[i])) >= MIN_PARAGRAPH_WORDS]
            shown = set(long[: int(draws.integers(1, 3))])
            hidden = set(kept.tolist()) - shown
            text = "\n".join(line for i, line in enumerate(page) if i not in hidden)
            body = "\n".join(page[i] for i in sorted(shown))
            if shown:
                yield Page(row["id"], row["site"], "cut", view, text, body)


def read_parts(path: Path) -> Iterator[Page]:
    """Yield pieces of articles and pieces of boilerplate, as short texts.

    Without them, a page of one line resembles nothing in the training data.
    """
    for row in rows(path):
        draws = np.random.default_rng(digest_of(row["id"]) % 2**32)
        body = [line for line in row["body"].split("\n") if line.strip()]
        for _ in range(3 if body else 0):
            start = 0 if draws.random() < 0.7 else int(draws.integers(0, len(body)))
            text = "\n\n".join(body[start : start + int(draws.integers(1, 7))])
            yield Page(row["id"], row["site"], "part", "page_text", text, text)
        for view in ("page_text", "page_rmain"):
            page = [line for line in row[view].split("\n") if line.strip()]
            labels = label(page, row["body"])
            outside = np.flatnonzero(labels == 0)
            for start in draws.choice(outside, min(2, len(outside)), replace=False).tolist():
                stop = start + int(draws.integers(1, 9))
                after = np.flatnonzero(labels[start:stop])
                stop = start + int(after[0]) if len(after) else stop
                text = "\n".join(page[start:stop])
                yield Page(row["id"], row["site"], "part", "page_text", text, "")
