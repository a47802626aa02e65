"""The trained model: arrays that ship with the package, and the probability of each line of a page.

`model.npz` holds nothing but arrays (no pickles, no code); `model.md` says what it was trained on
and how well it does. `scripts/train_article_model.py` makes both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Numbers, Offsets
from corpus.articles.lines import lexicon
from corpus.articles.lines.convolution import Net, convolve
from corpus.articles.lines.counters import WORDS
from corpus.articles.lines.features import features
from corpus.articles.lines.scan import scan
from corpus.articles.lines.whole_page import FEW_LINES, FEW_LINES_ODDS, mixed, portrait
from corpus.kernels import njit
from corpus.trees import Forest, predict

PATH = Path(__file__).with_name("model.npz")

ODDS = 8.0
"""Scores are clipped to this; the table of probabilities reaches as far."""
SURE = np.float32(7.0)
"""What the forest or the net says counts up to this, in log-odds."""
NET_SHARE = np.float32(0.4)
"""The share of the net in the score of a line; the forest has the rest."""
MOST_LINES = 1 << 12
"""Lines that the forest and the net are asked about together, or one stretch if it has more."""
PARTS: Mapping[str, Any] = {"forest": Forest, "net": Net, "whole": Forest}
"""The fields of a model that have fields of their own."""


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
    net: Net
    """Both: what a line is worth. The forest is trained on pages with boilerplate alone."""
    whole: Forest
    """Whether a page is better kept whole, see `whole.portrait`."""
    chances: NDArray[np.float32]
    """The probability at evenly spaced scores from -ODDS to ODDS: a table, so that it is the same
    on every machine."""


def pack(model: Model) -> dict[str, NDArray[np.generic]]:
    """Return the model as named arrays, to be saved."""
    packed: dict[str, NDArray[np.generic]] = {}
    for name, value in model._asdict().items():
        if name in PARTS:
            packed |= {f"{name}_{part}": np.asarray(x) for part, x in value._asdict().items()}
        else:
            packed[name] = np.asarray(value)
    return packed


def unpack(arrays: Mapping[str, NDArray[np.generic]]) -> Model:
    """Return the model that `pack` named."""
    values: dict[str, Any] = {name: arrays[name] for name in Model._fields if name not in PARTS}
    for name, kind in PARTS.items():
        parts: dict[str, Any] = {part: arrays[f"{name}_{part}"] for part in kind._fields}
        if kind is Forest:
            parts["base"] = np.float32(parts["base"])
        values[name] = kind(**parts)
    return Model(**values | {name: np.float32(values[name]) for name in ("scale", "bias")})


@cache
def load() -> Model:
    """Return the model that ships with the package."""
    with np.load(PATH, allow_pickle=False) as arrays:
        return unpack({name: arrays[name] for name in arrays.files})


class Seen(NamedTuple):
    """What is seen of a page before it is judged."""

    counters: Numbers
    cues: Numbers
    table: Numbers
    spans: Offsets


class Judged(NamedTuple):
    """The lines of a page that are not blank, and what the model makes of them."""

    likely: Numbers
    """The probability that a line is part of the article: float32[n_lines]."""
    counts: Numbers
    """Words of each line: float32[n_lines]."""
    spans: Offsets
    """Where a line starts and stops, in bytes: int64[n_lines, 2]."""


def judge(data: Bytes, bounds: Iterable[tuple[int, int]], model: Model) -> Iterator[Judged]:
    """Yield what the model makes of each page, given where it starts and stops.

    The lines of some pages are judged together: asking costs by the question as well as by the
    line. About 1.5 kB of memory for each of these lines.
    """
    held: list[Seen] = []
    lines = 0
    for start, stop in bounds:
        counters, words, firsts, spans = scan(data, start, stop, model.kinds, model.falls)
        cues = lexicon.scores(words, firsts, model.weights, model.scale, model.bias)
        held.append(Seen(counters, cues, features(counters, words, firsts, cues), spans))
        lines += len(cues)
        if lines >= MOST_LINES:
            yield from _judge(held, model)
            held, lines = [], 0
    if held:
        yield from _judge(held, model)


def _judge(pages: Sequence[Seen], model: Model) -> Iterator[Judged]:
    """Yield what the model makes of pages: first line by line, then of each as a whole."""
    found = line_chances([page.table for page in pages], model.forest, model.net, model.chances)
    portraits = [
        portrait(page.counters, page.cues, x) for page, x in zip(pages, found, strict=True)
    ]
    odds = predict(np.concatenate(portraits), model.whole)
    odds[[len(page.cues) <= FEW_LINES for page in pages]] += FEW_LINES_ODDS
    whole = chances_of(odds, model.chances)
    for i, page in enumerate(pages):
        yield Judged(mixed(found[i], whole[i]), page.counters[:, WORDS].copy(), page.spans)


def line_chances(
    tables: Sequence[Numbers], forest: Forest, net: Net, chances: Numbers
) -> list[Numbers]:
    """Return for each page the probability of its lines, by the forest and the net together."""
    table = np.concatenate(tables)
    firsts = np.cumsum([0, *(len(page) for page in tables)])
    scores = (1 - NET_SHARE) * np.clip(predict(table, forest), -SURE, SURE)
    scores += NET_SHARE * np.clip(convolve(table, firsts, net), -SURE, SURE)
    return np.split(chances_of(scores, chances), firsts[1:-1])


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
