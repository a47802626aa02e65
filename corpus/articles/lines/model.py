"""The trained model: arrays that ship with the package, and the probability of each line of a page.

`model.npz` contains only arrays: no pickles, no code. `model.md` describes its training data and
its quality. `scripts/train_article_model.py` makes both.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Numbers, Offsets, Words
from corpus.articles.characters import CharacterTables
from corpus.articles.content_kind.description import PageDescription
from corpus.articles.content_kind.text_page import describe_text
from corpus.articles.lines.counters import WORDS
from corpus.articles.lines.features import features
from corpus.articles.lines.lexicon import Lexicon, cue_scores
from corpus.articles.lines.scan import scan
from corpus.articles.lines.second_pass import NAMES as SECOND_PASS_NAMES
from corpus.articles.lines.second_pass import fill_second_pass, second_pass_table
from corpus.articles.lines.whole_page import (
    MAX_SHORT_PAGE_LINES,
    SHORT_PAGE_LOG_ODDS,
    page_features,
    raise_probabilities,
)
from corpus.kernels import njit_without_allocation
from corpus.shipped_models import read_shipped_model
from corpus.trees import Forest, pack_forest, predict, unpack_forest

PATH = Path(__file__).with_name("model.npz")

MAX_SCORE = 8.0
"""Scores (log-odds) are clipped to this; the table of probabilities ends there."""
BATCH_LINES = 1 << 12
"""Pages are scored together until they have this many lines."""


class Model(NamedTuple):
    """The arrays of a trained model."""

    characters: CharacterTables
    lexicon: Lexicon
    """Scores a line by its words."""
    first_pass: Forest
    """Scores a line by its features."""
    second_pass: Forest
    """Scores a line by its features and by the first scores of the lines of the page."""
    whole_page: Forest
    """Scores a page: is it better kept whole? See `whole_page.page_features`."""
    probabilities: NDArray[np.float32]
    """The probability for evenly spaced scores from -MAX_SCORE to MAX_SCORE. It is a table so that
    every machine computes the same bits."""


_CHARACTERS, _LEXICON = ("classes", "lowercase_offsets"), ("weights", "scale", "bias")
_FORESTS, _PROBABILITIES = ("first", "second", "whole"), "probabilities"
"""Names of the arrays in `model.npz`, in the order of the fields of each part."""


def pack(model: Model) -> dict[str, NDArray[np.generic]]:
    """Return the model as named arrays, ready to save."""
    packed: dict[str, NDArray[np.generic]] = {_PROBABILITIES: model.probabilities}
    forests = (model.first_pass, model.second_pass, model.whole_page)
    for name, forest in zip(_FORESTS, forests, strict=True):
        packed |= pack_forest(forest, name)
    parts = ((model.characters, _CHARACTERS), (model.lexicon, _LEXICON))
    for part, names in parts:
        packed |= {name: np.asarray(x) for name, x in zip(names, part, strict=True)}
    return packed


def unpack(arrays: Mapping[str, NDArray[Any]]) -> Model:
    """Return the model that `pack` turned into arrays."""
    weights, scale, bias = (arrays[name] for name in _LEXICON)
    first, second, whole_page = (unpack_forest(arrays, name) for name in _FORESTS)
    return Model(
        CharacterTables(*(arrays[name] for name in _CHARACTERS)),
        Lexicon(weights, np.float32(scale), np.float32(bias)),
        first,
        second,
        whole_page,
        arrays[_PROBABILITIES],
    )


@cache
def load() -> Model:
    """Return the model that ships with the package."""
    return read_shipped_model(PATH, unpack)


class DescribedPage(NamedTuple):
    """A page before it is scored."""

    counters: Numbers
    cues: Numbers
    table: Numbers
    """The features of each line: float32[n_lines, n_features]."""
    spans: Offsets
    description: PageDescription
    """What the kind of the page is read from."""


class ScoredPage(NamedTuple):
    """The lines of a page that are not blank, and their probabilities."""

    probabilities: Numbers
    """The probability that a line is part of the article: float32[n_lines]."""
    counts: Numbers
    """Words of each line: float32[n_lines]."""
    spans: Offsets
    """Where a line starts and stops, in bytes: int64[n_lines, 2]."""
    description: PageDescription
    """What the kind of the page is read from."""


def score_pages(
    data: Bytes, bounds: Iterable[tuple[int, int]], model: Model
) -> Iterator[ScoredPage]:
    """Yield the lines of each page with their probabilities.

    `bounds` is where each page starts and stops, in bytes. Pages are scored in batches, because
    each call of a forest has a fixed cost. Takes about 2 kB of memory per line of a batch.
    """
    batch: list[DescribedPage] = []
    n_lines = 0
    for start, stop in bounds:
        page = describe_page(data, start, stop, model)
        batch.append(page)
        n_lines += len(page.cues)
        if n_lines >= BATCH_LINES:
            yield from _score_batch(batch, model)
            batch, n_lines = [], 0
    if batch:
        yield from _score_batch(batch, model)


def describe_page(data: Bytes, start: int, stop: int, model: Model) -> DescribedPage:
    """Return the features of the lines of the page `data[start:stop]`."""
    page = scan(data, start, stop, model.characters)
    description = describe_text(page.counters, page.words, page.word_offsets)
    cues = line_cues(page.words, page.word_offsets, model.lexicon)
    table = features(page.counters, page.words, page.word_offsets, cues)
    return DescribedPage(page.counters, cues, table, page.spans, description)


def line_cues(words: Words, word_offsets: Offsets, lexicon: Lexicon) -> Numbers:
    """Return the log-odds of each line by its words."""
    return np.clip(cue_scores(words, word_offsets, lexicon), -MAX_SCORE, MAX_SCORE)


def _score_batch(pages: Sequence[DescribedPage], model: Model) -> Iterator[ScoredPage]:
    """Yield the scored pages: each line is scored twice, then each page as a whole."""
    stops = list(itertools.accumulate(len(page.table) for page in pages))
    rows = [slice(stop - len(page.table), stop) for page, stop in zip(pages, stops, strict=True)]
    n_features = pages[0].table.shape[1]
    # the columns of the second pass stay empty in the first, which does not compare them
    wide = np.zeros((stops[-1], n_features + len(SECOND_PASS_NAMES)), np.float32)
    for page, place in zip(pages, rows, strict=True):
        wide[place, :n_features] = page.table
    first = predict(wide, model.first_pass)
    probable = probabilities_of(first, model.probabilities)
    for place in rows:
        fill_second_pass(wide[place], first[place], probable[place])
    second = probabilities_of(predict(wide, model.second_pass), model.probabilities)
    by_line = [second[place] for place in rows]
    tables = [
        page_features(page.counters, page.cues, probabilities)
        for page, probabilities in zip(pages, by_line, strict=True)
    ]
    log_odds = predict(np.concatenate(tables), model.whole_page)
    log_odds[[len(page.cues) <= MAX_SHORT_PAGE_LINES for page in pages]] += SHORT_PAGE_LOG_ODDS
    page_probability = probabilities_of(log_odds, model.probabilities)
    for i, page in enumerate(pages):
        counts = page.counters[:, WORDS].copy()
        probabilities = raise_probabilities(by_line[i], page_probability[i])
        yield ScoredPage(probabilities, counts, page.spans, page.description)


def second_table(table: Numbers, scores: Numbers, probabilities: Numbers) -> Numbers:
    """Return the features of the second pass, given the scores of the first.

    `probabilities` is `Model.probabilities`.
    """
    return second_pass_table(table, scores, probabilities_of(scores, probabilities))


def probabilities_of(scores: Numbers, table: Numbers) -> Numbers:
    """Return the probability of each score, interpolated in the table (`Model.probabilities`)."""
    probabilities = np.empty(scores.size, np.float32)
    _probabilities_of(scores, table, probabilities)
    return probabilities


@njit_without_allocation
def _probabilities_of(scores: Numbers, table: Numbers, probabilities: Numbers) -> None:
    """Fill in what `probabilities_of` returns."""
    for i in range(scores.size):
        score = scores[i]
        if score <= -MAX_SCORE:
            probabilities[i] = table[0]
        elif score >= MAX_SCORE:
            probabilities[i] = table[-1]
        else:
            place = (score + MAX_SCORE) * ((table.size - 1) / (2 * MAX_SCORE))
            low = np.int64(place)
            probabilities[i] = table[low] + (table[low + 1] - table[low]) * (place - low)


@njit_without_allocation
def score_of(probability: float, table: Numbers) -> float:
    """Return the score that has a probability, interpolated in the table."""
    low, high = 0, table.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle] < probability:
            low = middle
        else:
            high = middle
    share = (probability - table[low]) / (table[high] - table[low])
    return -MAX_SCORE + (low + share) * (2 * MAX_SCORE / (table.size - 1))
