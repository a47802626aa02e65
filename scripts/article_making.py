"""Pages that are made up from those whose article is known; to train on, never to measure on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from article_pages import Page, digest_of, fold_of, label, rows
from article_scores import words_of

FEWEST_TEASERS = 3
FEWEST_WORDS = 12
"""Words of a line that a paywall may leave."""
_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]+\W*")  # noqa: RUF001


def read_clean(path: Path) -> Iterator[Page]:
    """Yield the articles alone: a page that is clean already has to come through whole."""
    for row in rows(path):
        if row["body"].strip():
            yield Page(row["id"], row["site"], "clean", "page_text", row["body"], row["body"])


def read_with_teasers(path: Path) -> Iterator[Page]:
    """Yield the pages once more: with teasers of other articles below, and cropped.

    Sentences that are well written and no part of the article are the hardest lines there are, and
    too few pages have them. A teaser is a headline and the first sentences of an article of the
    same language and fold: so no page is judged by a model that knows one of its teasers.
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
        choice = np.random.default_rng(int(digest_of(row["id"]) % 2**32))
        text = with_teasers(row["page_text"], row["body"], pool, choice)
        if len(pool) >= FEWEST_TEASERS and text:
            yield Page(row["id"], row["site"], "teasers", "page_text", text, row["body"])
        page = text if text and choice.random() < 0.5 else row["page_text"]
        yield Page(
            row["id"],
            row["site"],
            "crop",
            "page_text",
            cropped(page, row["body"], choice),
            row["body"],
        )


def cropped(text: str, body: str, choice: np.random.Generator) -> str:
    """Return the article with a few lines of what stands before and after it.

    Pages without menus and footers, of twenty lines or so, are common in what people bring, and
    rare among those that are known.
    """
    page = text.split("\n")
    kept = np.flatnonzero(label(page, body))
    first, last = (int(kept[0]), int(kept[-1])) if len(kept) else (0, len(page))
    start = max(0, first - int(choice.integers(0, 7)))
    return "\n".join(page[start : last + 1 + int(choice.integers(2, 25))])


def with_teasers(
    text: str, body: str, pool: Sequence[tuple[str, str]], choice: np.random.Generator
) -> str | None:
    """Return the page with teasers some lines below its article; None where it has none."""
    page = text.split("\n")
    kept = np.flatnonzero(label(page, body))
    others = [teaser for teaser in pool if teaser[1] not in body]
    if not len(kept) or len(others) < FEWEST_TEASERS:
        return None
    place = min(int(kept[-1]) + 1 + int(choice.integers(0, 8)), len(page))
    picked = [others[i] for i in choice.choice(len(others), min(len(others), 6), replace=False)]
    apart = [""] * int(choice.integers(0, 2))
    block = [line for teaser in picked for line in (teaser[0], *apart, teaser[1], *apart)]
    if choice.random() < 0.5:
        block += [line for title, _ in picked for line in (title, f"{choice.integers(1, 20)} h")]
    return "\n".join([*page[:place], "", *block, "", *page[place:]])


def read_cut(path: Path) -> Iterator[Page]:
    """Yield the pages with no more of their articles than a paywall leaves.

    Next to a paragraph or two there is so little to keep that keeping all may look as good.
    """
    for row in rows(path):
        choice = np.random.default_rng(digest_of(row["id"] + "cut") % 2**32)
        for view in ("page_text", "page_rmain"):
            page = row[view].split("\n")
            kept = np.flatnonzero(label(page, row["body"]))
            long = [i for i in kept.tolist() if len(words_of(page[i])) >= FEWEST_WORDS]
            shown = set(long[: int(choice.integers(1, 3))])
            gone = set(kept.tolist()) - shown
            text = "\n".join(line for i, line in enumerate(page) if i not in gone)
            body = "\n".join(page[i] for i in sorted(shown))
            if shown:
                yield Page(row["id"], row["site"], "cut", view, text, body)


def read_parts(path: Path) -> Iterator[Page]:
    """Yield pieces of articles, and pieces of boilerplate: short texts of either kind.

    Without them a page of one line looks like nothing that was learned.
    """
    for row in rows(path):
        choice = np.random.default_rng(digest_of(row["id"]) % 2**32)
        body = [line for line in row["body"].split("\n") if line.strip()]
        for _ in range(3 if body else 0):
            start = 0 if choice.random() < 0.7 else int(choice.integers(0, len(body)))
            text = "\n\n".join(body[start : start + int(choice.integers(1, 7))])
            yield Page(row["id"], row["site"], "part", "page_text", text, text)
        for view in ("page_text", "page_rmain"):
            page = [line for line in row[view].split("\n") if line.strip()]
            labels = label(page, row["body"])
            outside = np.flatnonzero(labels == 0)
            for start in choice.choice(outside, min(2, len(outside)), replace=False).tolist():
                stop = start + int(choice.integers(1, 9))
                after = np.flatnonzero(labels[start:stop])
                stop = start + int(after[0]) if len(after) else stop
                text = "\n".join(page[start:stop])
                yield Page(row["id"], row["site"], "part", "page_text", text, "")
