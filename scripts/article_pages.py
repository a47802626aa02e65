"""Pages whose article is known: read, and labelled line by line; to train and measure on.

A line belongs to the article if at least half of its 4-grams of words do; a line of fewer than
four words, if the article has such a line.
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

from corpus.articles import characters
from corpus.articles.lines import features, lexicon, scan
from corpus.articles.lines.page_context import BOILERPLATE_WORDS, core
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

FOLDS = 5
THIN = 80
"""Lines of boilerplate of one page that are learned from, drawn from all: they are much alike."""
VIEWS = {"page_text": 1.0, "page_rmain": 1.0, "page_lxml": 0.5}
"""Ways to dump a page to text, and what a page dumped so weighs."""
TRUST = {
    "readability": 0.5,
    "goose3": 0.5,
    "weak": 0.5,
    "teasers": 0.5,
    "clean": 0.6,
    "part": 0.5,
    "crop": 0.5,
    "cut": 0.5,
}
"""What pages of a source weigh, where it is not one: their gold is less exact."""
MADE = ("weak", "teasers", "clean", "part", "crop", "cut")
"""Sources that nobody labelled by hand: they are trained on, never measured on."""
TITLED = ("magic",)
"""Sources whose gold starts with title and date: those lines are neither right nor wrong."""
BOILERPLATE = 0.01
"""A page with a smaller share of its words in boilerplate counts as an article alone."""
KINDS, FALLS = characters.tables()


@dataclass
class Page:
    """One page, dumped to text in one way, with its labels."""

    id: str
    site: str
    source: str
    view: str
    text: str
    body: str
    counters: Any = field(init=False)
    words: Any = field(init=False)
    firsts: Any = field(init=False)
    slots: Any = field(init=False)
    labels: Any = field(init=False)
    weights: Any = field(init=False)

    def __post_init__(self) -> None:
        column = normalise(pa.array([self.text], pa.large_string()), steps=EVERY_STEP & ~LAYOUT)
        raw = np.frombuffer(column[0].as_py().encode(), np.uint8)
        found = scan.scan(raw, 0, raw.size, KINDS, FALLS)
        self.counters, self.words, self.firsts, spans = found
        self.slots = lexicon.slot_matrix(self.words, self.firsts)
        texts = [raw[a:b].tobytes().decode() for a, b in spans]
        self.labels = label(texts, self.body)
        self.weights = self._weights()

    @property
    def fold(self) -> int:
        """The fold of its site."""
        return fold_of(self.site)

    def _weights(self) -> Any:
        """Every page weighs the same, and in it a line weighs the square root of its words."""
        counts = np.diff(self.firsts).astype(np.float64)
        weights = np.sqrt(np.minimum(counts, features.MOST_COUNTED) + 4)
        if self.source in TITLED:
            start = np.flatnonzero((self.labels == 1) & (counts >= 25))
            head = slice(0, start[0] if len(start) else 0)
            weights[head][self.labels[head] == 1] = 0
        worth = VIEWS[self.view] * TRUST.get(self.source, 1.0)
        return weights / max(weights.sum(), 1e-6) * 100 * worth

    @property
    def drawn(self) -> tuple[Any, Any]:
        """The lines that are learned from, and what they weigh: not all boilerplate of long pages."""
        share = min(1.0, THIN / max(1, int((self.labels == 0).sum())))
        draws = np.random.default_rng(digest_of(self.id + self.view) % 2**32)
        rows = np.flatnonzero((self.labels == 1) | (draws.random(len(self.labels)) < share))
        return rows, np.where(self.labels == 1, 1.0, 1 / share)[rows] * self.weights[rows]

    @property
    def alone(self) -> bool:
        """Whether the page is an article and next to nothing else."""
        counts = np.diff(self.firsts)
        return bool(counts[self.labels == 0].sum() < BOILERPLATE * counts.sum())

    def table(self, cues: Any) -> tuple[Any, Any]:
        """Return the features of its lines, with the cues of a lexicon, and their counters."""
        counters = self.counters.copy()
        return features.features(counters, self.words, self.firsts, cues), counters


def digest_of(text: str) -> int:
    """Return a number that is the same on every machine."""
    return int(hashlib.md5(text.encode()).hexdigest(), 16)  # noqa: S324


def fold_of(site: str) -> int:
    """Return the fold of a site."""
    return digest_of(site) % FOLDS


def key_of(line: str) -> str:
    """Return what makes two lines the same line."""
    return " ".join(words_of(line)).lower()


def label(texts: Sequence[str], body: str) -> Any:
    """Return which lines are part of the article (int8[n_lines]).

    Of a line that stands several times on the page, as many copies as the article has, nearest to
    it.
    """
    found = words_of(body)
    grams = {tuple(found[i : i + 4]) for i in range(len(found) - 3)}
    copies = Counter(key_of(line) for line in body.split("\n"))
    labels = np.zeros(len(texts), np.int8)
    for i, line in enumerate(texts):
        own = words_of(line)
        if not own:
            continue
        if key_of(line) in copies:
            labels[i] = 1
        elif len(own) >= 4:
            held = sum(tuple(own[j : j + 4]) in grams for j in range(len(own) - 3))
            labels[i] = held >= 0.5 * (len(own) - 3)
    if not labels.any():
        return labels
    counts = np.array([len(words_of(line)) for line in texts], np.float64)
    first, stop = core(np.minimum(counts * labels, 80) - BOILERPLATE_WORDS)
    places: dict[str, list[int]] = {}
    for i in np.flatnonzero(labels).tolist():
        places.setdefault(key_of(texts[i]), []).append(i)
    for key, rows in places.items():
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
    """Yield the pages with an article made by hand."""
    for row in rows(path):
        for view in VIEWS:
            if row.get(view, "").strip():
                yield Page(row["id"], row["site"], row["source"], view, row[view], row["body"])


def read_weak(path: Path) -> Iterator[Page]:
    """Yield the pages whose extracted article agrees with what it must and must not hold."""
    for row in rows(path):
        body = row["trafilatura"] or ""
        wanted, unwanted = row["with"] or [], row["without"] or []
        if body and all(x in body for x in wanted) and not any(x in body for x in unwanted):
            yield Page(row["id"], row["site"], "weak", "page_text", row["page_text"], body)
