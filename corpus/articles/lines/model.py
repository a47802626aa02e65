"""The trained model: arrays that ship with the package, and the probability of each line of a page.

`model.npz` contains only arrays: no pickles, no code. `model.md` describes its training data and
its quality. `scripts/train_article_model.py` makes both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Numbers, Offsets, Words
from corpus.articles.characters import CharacterTables
from corpus.articles.content_kind.description import PageDescriptions
from corpus.articles.content_kind.text_page import describe_texts
from corpus.articles.lines.counters import WORDS
from corpus.articles.lines.features import features_of_pages
from corpus.articles.lines.lexicon import Lexicon, cue_scores
from corpus.articles.lines.scan import count_lines, scan_pages
from corpus.articles.lines.second_pass import NAMES as SECOND_PASS_NAMES
from corpus.articles.lines.second_pass import fill_second_pass, second_pass_table
from corpus.articles.lines.whole_page import (
    MAX_SHORT_PAGE_LINES,
    SHORT_PAGE_LOG_ODDS,
    raise_on_pages,
)
from corpus.articles.lines.whole_page import features_of_pages as features_of_whole_pages
from corpus.kernels import njit, njit_without_allocation
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


class DescribedPages(NamedTuple):
    """Several pages before they are scored, one page after the other."""

    counters: Numbers
    cues: Numbers
    table: Numbers
    """The features of each line, and empty columns for those of the second pass."""
    spans: Offsets
    line_offsets: Offsets
    """Where the lines of each page start (int64[n_pages + 1])."""
    descriptions: PageDescriptions
    """What the kind of each page is read from."""


class ScoredPages(NamedTuple):
    """The lines of several pages that are not blank, and their probabilities."""

    probabilities: Numbers
    """The probability that a line is part of the article: float32[n_lines]."""
    counts: Numbers
    """Words of each line: float32[n_lines]."""
    spans: Offsets
    """Where a line starts and stops, in bytes: int64[n_lines, 2]."""
    line_offsets: Offsets
    """Where the lines of each page start (int64[n_pages + 1])."""
    descriptions: PageDescriptions
    """What the kind of each page is read from."""


def score_pages(data: Bytes, bounds: Offsets, model: Model) -> Iterator[ScoredPages]:
    """Yield the lines of the pages with their probabilities, a batch of pages at a time.

    `bounds` is where each page starts and stops, in bytes (int64[n_pages, 2]). Pages are scored in
    batches, because each call has a fixed cost. Takes about 2 kB of memory per line of a batch.
    """
    counts = np.empty(len(bounds), np.int64)
    count_lines(data, bounds, counts)
    first, n_lines = 0, 0
    for page, n in enumerate(counts.tolist()):
        if page > first and n_lines + n > BATCH_LINES:
            yield _score_batch(describe_pages(data, bounds[first:page], model), model)
            first, n_lines = page, 0
        n_lines += n
    if first < len(bounds):
        yield _score_batch(describe_pages(data, bounds[first:], model), model)


def describe_pages(data: Bytes, bounds: Offsets, model: Model) -> DescribedPages:
    """Return the features of the lines of the pages."""
    pages = scan_pages(data, bounds, model.characters)
    descriptions = describe_texts(pages)
    cues = line_cues(pages.words, pages.word_offsets, model.lexicon)
    table = features_of_pages(pages, cues, n_more=len(SECOND_PASS_NAMES))
    return DescribedPages(
        pages.counters, cues, table, pages.spans, pages.line_offsets, descriptions
    )


def line_cues(words: Words, word_offsets: Offsets, lexicon: Lexicon) -> Numbers:
    """Return the log-odds of each line by its words."""
    return np.clip(cue_scores(words, word_offsets, lexicon), -MAX_SCORE, MAX_SCORE)


def _score_batch(pages: DescribedPages, model: Model) -> ScoredPages:
    """Return the scored pages: each line is scored twice, then each page as a whole."""
    wide, line_offsets = pages.table, pages.line_offsets
    # the columns of the second pass stay empty in the first, which does not compare them
    first = predict(wide, model.first_pass)
    fill_second_pass(wide, first, probabilities_of(first, model.probabilities), line_offsets)
    probabilities = probabilities_of(predict(wide, model.second_pass), model.probabilities)
    whole = features_of_whole_pages(pages.counters, pages.cues, probabilities, line_offsets)
    log_odds = predict(whole, model.whole_page)
    log_odds[np.diff(line_offsets) <= MAX_SHORT_PAGE_LINES] += SHORT_PAGE_LOG_ODDS
    page_probabilities = probabilities_of(log_odds, model.probabilities)
    raise_on_pages(probabilities, page_probabilities, line_offsets)
    counts = pages.counters[:, WORDS].copy()
    return ScoredPages(probabilities, counts, pages.spans, line_offsets, pages.descriptions)


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


@njit
def probability_of(score: np.float32, table: Numbers) -> np.float32:
    """Return the probability of a score, interpolated in the table."""
    if score <= -MAX_SCORE:
        return table[0]
    if score >= MAX_SCORE:
        return table[-1]
    place = (score + MAX_SCORE) * ((table.size - 1) / (2 * MAX_SCORE))
    low = np.int64(place)
    return np.float32(table[low] + (table[low + 1] - table[low]) * (place - low))


@njit_without_allocation
def _probabilities_of(scores: Numbers, table: Numbers, probabilities: Numbers) -> None:
    """Fill in what `probabilities_of` returns."""
    for i in range(scores.size):
        probabilities[i] = probability_of(scores[i], table)


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
