"""The trained forests that say which line is an article's title, byline or date.

`metadata.npz` holds nothing but arrays (no pickles, no code); `metadata.md` says what they were
trained on and how well they do. `scripts/train_metadata_model.py` makes them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Flags, Numbers, Offsets
from corpus.articles.lines.counters import ALONES, CAPITALISED, COUNTERS, DIGITS, TIMED, WORDS
from corpus.articles.metadata.cue_words import KINDS, meanings
from corpus.articles.metadata.features import OF_PLACE, describe
from corpus.trees import Forest, predict

PATH = Path(__file__).with_name("metadata.npz")


class Judges(NamedTuple):
    """A forest for each role of a line, in the order of `ROLES`."""

    title: Forest
    byline: Forest
    date: Forest


def pack(judges: Judges) -> dict[str, NDArray[np.generic]]:
    """Return the forests as named arrays, to be saved."""
    return {
        f"{role}_{name}": np.asarray(array)
        for role, forest in judges._asdict().items()
        for name, array in forest._asdict().items()
    }


def unpack(arrays: Mapping[str, NDArray[np.generic]]) -> Judges:
    """Return the forests that `pack` named."""
    forests = []
    for role in Judges._fields:
        values: dict[str, Any] = {name: arrays[f"{role}_{name}"] for name in Forest._fields}
        forests.append(Forest(**values | {"base": np.float32(values["base"])}))
    return Judges(*forests)


@cache
def load() -> Judges:
    """Return the forests that ship with the package."""
    with np.load(PATH, allow_pickle=False) as arrays:
        return unpack({name: arrays[name] for name in arrays.files})


TITLE, BYLINE, DAY = range(3)
ROLES = ("title", "byline", "date")
MOST = 4
"""Likely lines for a role that are looked at."""


def chosen(role: int, table: Numbers) -> Offsets:
    """Return the rows of the table that are asked whether they are title, byline or date.

    No other line can be.
    """
    own = len(COUNTERS) + len(OF_PLACE)
    count, eastern = table[:, WORDS], table[:, ALONES] > 0.5
    if role == TITLE:
        may_be = (count >= 2) & (count <= 40) | eastern & (count >= 4) & (count <= 100)
    elif role == DAY:
        month = table[:, own + len(KINDS) - 1] > 0
        may_be = (table[:, DIGITS] > 0) & ((table[:, TIMED] > 0) | month)
    else:
        said = table[:, own] + table[:, own + 1] > 0
        may_be = (count >= 2) & (count <= 25) & ((table[:, CAPITALISED] >= 0.5) | said)
        may_be = np.where(eastern, (count >= 2) & (count <= 40), may_be)
    return np.flatnonzero(may_be)


class Likely(NamedTuple):
    """The likeliest lines for one role, best first, and the log-odds of each."""

    rows: list[int]
    scores: list[float]


Chosen = tuple[Offsets, Numbers, Flags]
"""The lines of a page: where they are, how likely each is the article, whether it is kept."""


def ask(
    data: Bytes,
    pages: Sequence[Chosen],
    *,
    kinds: NDArray[np.uint16],
    falls: NDArray[np.int32],
    judges: Judges,
) -> list[tuple[Likely, ...]]:
    """Return for each page and role the lines that may have it, best first, at most `MOST`.

    Of equally likely ones the first on the page. Each page keeps a line at least. The trees are
    asked once about the lines of all pages: their cost is by the tree as much as by the line.
    """
    if not pages:
        return []
    described = [
        describe(data, spans, kept, chances, kinds, falls, *meanings())
        for spans, chances, kept in pages
    ]
    rows, table = (np.concatenate(parts) for parts in zip(*described, strict=True))
    starts = np.cumsum([0, *(len(lines) for lines, _ in described)])
    found = []
    for role, forest in enumerate(judges):
        places = chosen(role, table)
        scores = predict(table[places], forest)
        bounds = np.searchsorted(places, starts).tolist()
        found.append(
            [
                _likeliest(rows[places[first:stop]], scores[first:stop])
                for first, stop in itertools.pairwise(bounds)
            ]
        )
    return [*zip(*found, strict=True)]


def _likeliest(rows: Offsets, scores: Numbers) -> Likely:
    """Return the lines of the highest scores, best first."""
    best = np.argsort(-scores, kind="stable")[:MOST]
    return Likely(rows[best].tolist(), scores[best].tolist())
