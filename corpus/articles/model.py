"""The trained model: arrays that ship with the package, and the probability of each line of a page.

`model.npz` holds nothing but arrays (no pickles, no code); `model.md` says what it was trained on
and how well it does. `scripts/train_article_model.py` makes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.articles import lexicon
from corpus.articles.arrays import Bytes, Numbers, Offsets
from corpus.articles.counters import WORDS
from corpus.articles.features import features
from corpus.articles.forest import Forest, grow
from corpus.articles.lines import scan
from corpus.articles.whole import FEW_LINES, FEW_LINES_ODDS, mixed, portrait
from corpus.kernels import njit

PATH = Path(__file__).with_name("model.npz")

ODDS = 8.0
"""Scores are clipped to this; the table of probabilities reaches as far."""


FORESTS = ("forest", "whole")
"""The fields of a model that are forests."""


class Model(NamedTuple):
    """The arrays of a trained model."""

    kinds: NDArray[np.uint16]
    falls: NDArray[np.int32]
    """Both: the characters, see `characters.tables`."""
    weights: NDArray[np.int8]
    scale: np.float32
    bias: np.float32
    """All three: the lexicon, see `lexicon.scores`."""
    forest: Forest
    """What a line is worth, trained on pages with furniture."""
    whole: Forest
    """Whether a page is an article alone, see `whole.portrait`."""
    chances: NDArray[np.float32]
    """The probability at evenly spaced scores from -ODDS to ODDS: a table, so that it is the same
    on every machine."""


def pack(model: Model) -> dict[str, NDArray[np.generic]]:
    """Return the model as named arrays, to be saved."""
    packed: dict[str, NDArray[np.generic]] = {}
    for name, value in model._asdict().items():
        if name in FORESTS:
            packed |= {f"{name}_{part}": np.asarray(x) for part, x in value._asdict().items()}
        else:
            packed[name] = np.asarray(value)
    return packed


def unpack(arrays: Mapping[str, NDArray[np.generic]]) -> Model:
    """Return the model that `pack` named."""
    values: dict[str, Any] = {name: arrays[name] for name in Model._fields if name not in FORESTS}
    for name in FORESTS:
        parts: dict[str, Any] = {part: arrays[f"{name}_{part}"] for part in Forest._fields}
        values[name] = Forest(**parts | {"base": np.float32(parts["base"])})
    return Model(**values | {name: np.float32(values[name]) for name in ("scale", "bias")})


@cache
def load() -> Model:
    """Return the model that ships with the package."""
    with np.load(PATH, allow_pickle=False) as arrays:
        return unpack({name: arrays[name] for name in arrays.files})


def judge(data: Bytes, start: int, stop: int, model: Model) -> tuple[Numbers, Numbers, Offsets]:
    """Return how likely each line of a page that is not blank is kept, its words, its byte span.

    float32[n_lines] probabilities that the line is part of the article, float32[n_lines],
    int64[n_lines, 2]. About 430 bytes of memory for each line.
    """
    counters, words, firsts, spans = scan(data, start, stop, model.kinds, model.falls)
    cues = lexicon.scores(words, firsts, model.weights, model.scale, model.bias)
    table = features(counters, words, firsts, cues)
    chances = chances_of(grow(table, *model.forest), model.chances)
    if len(chances):
        page = grow(portrait(counters, cues, chances), *model.whole)
        if len(chances) <= FEW_LINES:
            page += FEW_LINES_ODDS
        chances = mixed(chances, chances_of(page, model.chances)[0])
    return chances, counters[:, WORDS].copy(), spans


def chances_of(scores: Numbers, chances: Numbers) -> Numbers:
    """Return the probabilities of the scores, read off the table."""
    found = np.empty(scores.size, np.float32)
    _chances_of(scores, chances, found)
    return found


@njit
def _chances_of(scores: Numbers, chances: Numbers, found: Numbers) -> None:
    for i in range(scores.size):
        score = scores[i]
        if score <= -ODDS:
            found[i] = chances[0]
        elif score >= ODDS:
            found[i] = chances[-1]
        else:
            place = (score + ODDS) * ((chances.size - 1) / (2 * ODDS))
            low = np.int64(place)
            found[i] = chances[low] + (chances[low + 1] - chances[low]) * (place - low)


@njit
def score_of(chance: float, chances: Numbers) -> float:
    """Return the score whose probability is `chance`, read off the table."""
    low, high = 0, chances.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        if chances[middle] < chance:
            low = middle
        else:
            high = middle
    share = (chance - chances[low]) / (chances[high] - chances[low])
    return -ODDS + (low + share) * (2 * ODDS / (chances.size - 1))
