"""The trained forests that say which line is an article's title, byline or date.

`metadata.npz` holds nothing but arrays (no pickles, no code); `metadata.md` says what they were
trained on and how well they do. `scripts/train_metadata_model.py` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.articles.arrays import Bytes, Flags, Numbers, Offsets
from corpus.articles.candidates import OF_PLACE, describe
from corpus.articles.counters import ALONES, CAPITALISED, COUNTERS, DIGITS, TIMED, WORDS
from corpus.articles.forest import Forest, grow
from corpus.articles.vocabulary import KINDS, meanings
from corpus.kernels import njit

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


@njit
def may_be(role: int, line: Numbers) -> bool:
    """Return whether a line is asked whether it is a title, byline or date: no other can be."""
    own = len(COUNTERS) + len(OF_PLACE)
    count = line[WORDS]
    if role == TITLE:
        return 2 <= count <= 40 or (4 <= count <= 100 and line[ALONES] > 0.5)
    if role == DAY:
        return line[DIGITS] > 0 and (line[TIMED] > 0 or line[own + len(KINDS) - 1] > 0)
    said = line[own] + line[own + 1] > 0
    if line[ALONES] > 0.5:
        return count >= 2 and count <= 40
    return 2 <= count <= 25 and (line[CAPITALISED] >= 0.5 or said)


@njit
def chosen(role: int, table: Numbers) -> Offsets:
    """Return the rows of the table that are asked about one role."""
    found = np.empty(table.shape[0], np.int64)
    n = 0
    for k in range(table.shape[0]):
        if may_be(role, table[k]):
            found[n] = k
            n += 1
    return found[:n]


def likeliest(role: int, rows: Offsets, table: Numbers, forest: Forest) -> tuple[Offsets, Numbers]:
    """Return the lines that a forest finds likeliest for a role, and their log-odds, best first.

    At most `MOST` of them; of equal ones the first on the page.
    """
    places = chosen(role, table)
    scores = grow(table[places], *forest)
    best = np.argsort(-scores, kind="stable")[:MOST]
    return rows[places[best]], scores[best]


class Likely(NamedTuple):
    """The likeliest lines for one role, best first, and the log-odds of each."""

    rows: list[int]
    scores: list[float]


def ask(
    data: Bytes,
    spans: Offsets,
    kept: Flags,
    chances: Numbers,
    *,
    kinds: NDArray[np.uint16],
    falls: NDArray[np.int32],
    judges: Judges,
) -> tuple[Likely, ...]:
    """Return for each role the lines of a page that may have it, best first."""
    rows, table = describe(data, spans, kept, chances, kinds, falls, *meanings())
    found = []
    for role, forest in enumerate(judges):
        lines, scores = likeliest(role, rows, table, forest)
        found.append(Likely(lines.tolist(), scores.tolist()))
    return tuple(found)
