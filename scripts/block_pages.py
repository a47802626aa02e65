"""Read pages whose main content is known, cut them into blocks, and label the blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from article_pages import CHARACTER_TABLES, digest_of, fold_of, html_of, rows
from article_scores import words_of

from corpus.articles.blocks.extraction import page_bytes
from corpus.articles.blocks.features import ReadPage, read_page
from corpus.articles.lines.counters import WORDS

MAX_SAMPLE = 60
"""Blocks of one page and label to train on, drawn at random: those of a long page are alike."""
MAX_WORDS = 150.0
"""Maximum number of words of one block that count for its weight."""
MIN_ORACLE_F1 = 0.5
"""A page is trained on if its labelled blocks reach this: other golds are not on the page."""
_WORD = re.compile(r"\w+")
NEAR = 3
"""A short block counts if a labelled block is this near on both sides."""


@dataclass
class BlockPage:
    """One page, cut into blocks, with their labels."""

    id: str
    site: str
    source: str
    kind: str
    body: str
    page: ReadPage
    texts: list[str]
    title: str = ""
    weight: float = 1.0
    """Weight in the training data."""
    labels: Any = field(init=False)
    oracle_f1: float = field(init=False)

    def __post_init__(self) -> None:
        self.labels = label_blocks(self.texts, self.body)
        kept = "\n".join(t for t, kept in zip(self.texts, self.labels, strict=True) if kept)
        self.oracle_f1 = word_score(self.body, kept)[2]

    @property
    def fold(self) -> int:
        """The cross-validation fold of its site."""
        return fold_of(self.site)

    @property
    def language(self) -> str:
        """The language that the page says it has; English if it says none."""
        return self.page.markup.language[:2].lower() or "en"

    @property
    def words(self) -> Any:
        """The number of words of each block."""
        return self.page.table[:, WORDS]

    @property
    def is_trained_on(self) -> bool:
        """Whether the gold is on the page."""
        return self.oracle_f1 > MIN_ORACLE_F1 or self.source == "made"

    def sampled(self) -> tuple[Any, Any]:
        """Return the blocks to train on, and the weight of each: all pages weigh the same."""
        weights = np.sqrt(np.minimum(self.words, MAX_WORDS) + 2).astype(np.float64)
        weights *= 100 * self.weight / weights.sum()
        draws = np.random.default_rng(digest_of(self.id) % 2**32).random(len(self.texts))
        chosen = np.ones(len(self.texts), np.bool_)
        for label in (False, True):
            own = self.labels == label
            share = min(1.0, MAX_SAMPLE / max(1, int(own.sum())))
            chosen &= ~own | (draws < share)
            weights[own] /= share
        rows = np.flatnonzero(chosen)
        return rows, weights[rows]


def word_score(gold: str, text: str) -> tuple[float, float, float]:
    """Return precision, recall and F1 over bags of words, as WCXB measures."""
    expected, actual = bag(gold), bag(text)
    shared = (expected & actual).total()
    if not shared:
        return 0.0, 0.0, 0.0
    precision, recall = shared / actual.total(), shared / expected.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def bag(text: str) -> Counter[str]:
    """Return the counts of the words of a text, as WCXB defines a word."""
    return Counter(_WORD.findall(text.lower()))


def label_blocks(texts: Sequence[str], body: str) -> Any:
    """Return which blocks are main content (bool[n_blocks]).

    A block is if it is a line of the gold, or if the gold has half of its 4-grams. A shorter block
    is if the gold has its words in a row and labelled blocks are near on both sides. Of equal
    blocks, only as many are as the gold has: those nearest to the rest.
    """
    gold = [word.lower() for word in words_of(body)]
    ngrams = {n: {tuple(gold[i : i + n]) for i in range(len(gold) - n + 1)} for n in (1, 2, 3, 4)}
    lines = {" ".join(words_of(line)).lower() for line in body.split("\n")}
    own = [[word.lower() for word in words_of(text)] for text in texts]
    labels, short = np.zeros(len(texts), np.bool_), []
    for i, words in enumerate(own):
        n = len(words) - 3
        if not words:
            continue
        if " ".join(words) in lines:
            labels[i] = True
        elif n > 0:
            labels[i] = 2 * sum(tuple(words[j : j + 4]) in ngrams[4] for j in range(n)) >= n
        elif tuple(words) in ngrams[len(words)]:
            short.append(i)
    sure = labels.copy()
    for i in short:
        labels[i] = sure[max(0, i - NEAR) : i].any() and sure[i + 1 : i + 1 + NEAR].any()
    _drop_copies(labels, own, " ".join(gold))
    return labels


def _drop_copies(labels: Any, own: Sequence[Sequence[str]], gold: str) -> None:
    """Unlabel the copies of a block that are more than the gold has."""
    weights = labels * np.minimum([len(words) for words in own], 80)
    if not weights.any():
        return
    middle = float((np.arange(len(own)) * weights).sum() / weights.sum())
    places: dict[str, list[int]] = {}
    for i in np.flatnonzero(labels).tolist():
        places.setdefault(" ".join(own[i]), []).append(i)
    for words, copies in places.items():
        if len(copies) > 1:
            n = max(1, f" {gold} ".count(f" {words} "))
            copies.sort(key=lambda i: abs(i - middle))
            labels[copies[n:]] = False


def read_wcxb(path: Path) -> Iterator[BlockPage]:
    """Yield the pages of WCXB."""
    for row in rows(path):
        yield page_of(row, "wcxb", row["type"], row["html"])


def read_news(path: Path, folder: Path) -> Iterator[BlockPage]:
    """Yield the news pages whose article was labelled by hand."""
    for row in rows(path):
        if row["body"].strip():
            yield page_of(row, "news", row["source"], html_of(row, folder))


def page_of(row: dict[str, Any], source: str, kind: str, html: str) -> BlockPage:
    """Return one page, cut and labelled."""
    page = read_page(page_bytes(html), CHARACTER_TABLES)
    raw = page.blocks.text.tobytes()
    texts = [raw[start:stop].decode() for start, stop in page.blocks.spans.tolist()]
    title = str(row.get("title") or "")
    return BlockPage(row["id"], row["site"], source, kind, row["body"], page, texts, title)
