"""Read pages whose article is known, and label their lines, to train and to measure on.

A line belongs to the article if at least half of its 4-grams of words do. A line of fewer than four
words belongs to it if the article has the same line.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from article_scores import words_of

from corpus.articles.characters import character_tables
from corpus.articles.lines import lexicon, scan
from corpus.articles.lines.features import features
from corpus.articles.lines.page_context import MIN_CORE_LINE_WORDS, core
from corpus.articles.lines.windows import MAX_SUMMED_WORDS
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

FOLDS = 5
MAX_SAMPLE = 80
"""Lines of one page and label to train on, drawn at random."""
VIEWS = {"page_text": 1.0, "page_rmain": 1.0, "page_lxml": 0.8}
"""Ways to turn a page into text, and the weight of a page in each."""
SOURCE_WEIGHTS = {
    "readability": 0.5,
    "goose3": 0.5,
    "weak": 0.5,
    "teasers": 0.5,
    "clean": 0.6,
    "part": 0.5,
    "crop": 0.5,
    "cut": 0.5,
    "table": 0.25,
    "made": 0.15,
    "small": 0.1,
    "wcxb": 0.4,
    "clean_wcxb": 0.5,
}
"""Weight of the pages of a source, if not 1: their labels are less exact."""
SYNTHETIC = (
    "weak", "teasers", "clean", "clean_wcxb", "part", "crop", "cut", "table", "made", "small",
)  # fmt: skip
"""Sources without labels by hand: only for training, never for measuring."""
TITLE_IN_GOLD = ("magic",)
"""Sources whose gold starts with title and date: those lines have no weight."""
CHARACTER_TABLES = character_tables()


@dataclass
class Page:
    """One page, turned into text in one way, with its labels."""

    id: str
    site: str
    source: str
    view: str
    text: str
    body: str
    kind: str = "news"
    is_trained_on: bool = True
    texts: list[str] = field(init=False)
    counters: Any = field(init=False)
    words: Any = field(init=False)
    word_offsets: Any = field(init=False)
    slots: Any = field(init=False)
    labels: Any = field(init=False)

    def __post_init__(self) -> None:
        column = normalise(pa.array([self.text], pa.large_string()), steps=EVERY_STEP & ~LAYOUT)
        raw = np.frombuffer(column[0].as_py().encode(), np.uint8)
        scanned = scan.scan(raw, 0, raw.size, CHARACTER_TABLES)
        self.counters, self.words, self.word_offsets, spans = scanned
        self.slots = lexicon.slot_matrix(self.words, self.word_offsets)
        self.texts = [raw[a:b].tobytes().decode() for a, b in spans.tolist()]
        self.labels = label(self.texts, self.body)

    @property
    def fold(self) -> int:
        """The cross-validation fold of its site."""
        return fold_of(self.site)

    @property
    def sampled(self) -> tuple[Any, Any]:
        """The lines to train on, and the weight of each.

        Pages of a source and view weigh the same, and a line the square root of its words. Of a
        long page, a sample of the lines of either label: they are much alike.
        """
        counts = np.diff(self.word_offsets).astype(np.float64)
        weights = np.sqrt(np.minimum(counts, MAX_SUMMED_WORDS) + 3)
        page_weight = VIEWS[self.view] * SOURCE_WEIGHTS.get(self.source, 1.0)
        weights *= 100 * page_weight / weights.sum()
        draws = np.random.default_rng(digest_of(self.id + self.view + self.source) % 2**32)
        numbers, chosen = draws.random(len(weights)), np.ones(len(weights), np.bool_)
        for label in (0, 1):
            own = self.labels == label
            share = min(1.0, MAX_SAMPLE / max(1, int(own.sum())))
            chosen &= ~own | (numbers < share)
            weights[own] /= share
        if self.source in TITLE_IN_GOLD:
            start = np.flatnonzero((self.labels == 1) & (counts >= 25))
            head = slice(0, start[0] if len(start) else 0)
            weights[head][self.labels[head] == 1] = 0
        rows = np.flatnonzero(chosen)
        return rows, weights[rows]

    def table(self, cues: Any) -> tuple[Any, Any]:
        """Return the features of its lines, given the cues of a lexicon, and their counters."""
        counters = self.counters.copy()
        return features(counters, self.words, self.word_offsets, cues), counters


def digest_of(text: str) -> int:
    """Return a hash of a text that is the same on every machine."""
    return int(hashlib.md5(text.encode()).hexdigest(), 16)  # noqa: S324


def fold_of(site: str) -> int:
    """Return the cross-validation fold of a site."""
    return digest_of(site) % FOLDS


def key_of(line: str) -> str:
    """Return the words of a line in lower case: two lines with the same key are equal."""
    return " ".join(words_of(line)).lower()


def label(texts: Sequence[str], body: str) -> Any:
    """Return which lines are part of the article (int8[n_lines]).

    If a line occurs several times on the page, only as many copies are as the article has: those
    nearest to it.
    """
    article = words_of(body)
    ngrams = {tuple(article[i : i + 4]) for i in range(len(article) - 3)}
    copies = Counter(key_of(line) for line in body.split("\n"))
    labels = np.zeros(len(texts), np.int8)
    for i, line in enumerate(texts):
        own = words_of(line)
        if not own:
            continue
        if key_of(line) in copies:
            labels[i] = 1
        elif len(own) >= 4:
            shared = sum(tuple(own[j : j + 4]) in ngrams for j in range(len(own) - 3))
            labels[i] = shared >= 0.5 * (len(own) - 3)
    if not labels.any():
        return labels
    counts = np.array([len(words_of(line)) for line in texts], np.float64)
    first, stop = core(np.minimum(counts * labels, 80) - MIN_CORE_LINE_WORDS)
    rows_of_key: dict[str, list[int]] = {}
    for i in np.flatnonzero(labels).tolist():
        rows_of_key.setdefault(key_of(texts[i]), []).append(i)
    for key, rows in rows_of_key.items():
        rows.sort(key=lambda i: 0 if first <= i < stop else min(abs(i - first), abs(i - stop)))
        labels[rows[max(1, copies[key]) :]] = 0
    return labels


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a JSONL file, compressed or not."""
    with pa.input_stream(str(path), compression="detect") as stream:
        yield from (json.loads(line) for line in stream.read().split(b"\n") if line.strip())


def html_of(row: dict[str, Any], folder: Path) -> str:
    """Return the HTML of a page."""
    raw = (folder / row["html_path"]).read_bytes()
    raw = gzip.decompress(raw) if row["html_path"].endswith(".gz") else raw
    return raw.decode("utf-8", "replace")


def read_gold(path: Path) -> Iterator[Page]:
    """Yield the pages whose article was labelled by hand, in each way to turn them into text."""
    for row in rows(path):
        for view in VIEWS:
            if row.get(view, "").strip():
                yield Page(row["id"], row["site"], row["source"], view, row[view], row["body"])


def read_weak(path: Path) -> Iterator[Page]:
    """Yield the pages whose extracted article has all required segments and no forbidden one."""
    for row in rows(path):
        body = row["trafilatura"] or ""
        required, forbidden = row["with"] or [], row["without"] or []
        if body and all(x in body for x in required) and not any(x in body for x in forbidden):
            yield Page(row["id"], row["site"], "weak", "page_text", row["page_text"], body)
