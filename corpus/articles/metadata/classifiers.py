"""The trained classifiers that find the title, the byline and the date line of an article.

Each is a forest of boosted trees. `metadata.npz` contains only arrays (no pickles, no code);
`metadata.md` describes the training data and the results. `scripts/train_metadata_model.py` trains
them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Numbers, Offsets
from corpus.articles.characters import CharacterTables
from corpus.articles.lines.counters import (
    CAPITALISED,
    DIGITS,
    HAS_YEAR_OR_TIME,
    UNSPACED_CHARACTERS,
    WORDS,
)
from corpus.articles.metadata.cue_words import CUE_KINDS, cue_word_table
from corpus.articles.metadata.feature_columns import CONTAINS_CUE
from corpus.articles.metadata.features import describe_lines
from corpus.articles.metadata.nearby_lines import LinesOfPages
from corpus.shipped_models import read_shipped_model
from corpus.trees import Forest, pack_forest, predict, unpack_forest

MODEL_PATH = Path(__file__).with_name("metadata.npz")
ROLES = ("title", "byline", "date")
TITLE, BYLINE, DATE = range(len(ROLES))
MAX_LINES_PER_ROLE = 4
"""Number of lines that are returned for each role."""
_HAS_BY, _HAS_ROLE, _HAS_MONTH = (
    CONTAINS_CUE + CUE_KINDS.index(kind) for kind in ("by", "role", "month")
)


class Classifiers(NamedTuple):
    """A forest for each of `ROLES`, in that order."""

    title: Forest
    byline: Forest
    date: Forest


class RankedLines(NamedTuple):
    """The most likely lines for one role, best first."""

    rows: list[int]
    log_odds: list[float]


def pack(classifiers: Classifiers) -> dict[str, NDArray[np.generic]]:
    """Return the forests as named arrays, ready to save."""
    packed: dict[str, NDArray[np.generic]] = {}
    for role, forest in zip(ROLES, classifiers, strict=True):
        packed |= pack_forest(forest, role)
    return packed


def unpack(arrays: Mapping[str, NDArray[np.generic]]) -> Classifiers:
    """Return the forests from the arrays that `pack` named."""
    return Classifiers(*(unpack_forest(arrays, role) for role in ROLES))


@cache
def load() -> Classifiers:
    """Return the classifiers that ship with the package."""
    return read_shipped_model(MODEL_PATH, unpack)


def candidate_rows(role: int, table: Numbers) -> Offsets:
    """Return the rows of a table of features that can have a role; only these are classified."""
    n_words, is_unspaced = table[:, WORDS], table[:, UNSPACED_CHARACTERS] > 0.5
    if role == TITLE:
        is_candidate = (n_words >= 2) & (n_words <= 40) | is_unspaced & (n_words >= 4) & (
            n_words <= 100
        )
    elif role == DATE:
        has_time_or_month = (table[:, HAS_YEAR_OR_TIME] > 0) | (table[:, _HAS_MONTH] > 0)
        is_candidate = (table[:, DIGITS] > 0) & has_time_or_month
    else:
        has_cue = table[:, _HAS_BY] + table[:, _HAS_ROLE] > 0
        is_name = (table[:, CAPITALISED] >= 0.5) | has_cue
        is_candidate = (n_words >= 2) & (n_words <= 25) & is_name
        is_candidate = np.where(is_unspaced, (n_words >= 2) & (n_words <= 40), is_candidate)
    return np.flatnonzero(is_candidate)


def rank_lines(
    data: Bytes,
    pages: LinesOfPages,
    *,
    characters: CharacterTables,
    classifiers: Classifiers,
) -> list[tuple[RankedLines, ...]]:
    """Return the most likely lines for each page and role, at most `MAX_LINES_PER_ROLE`.

    Of equally likely lines, the first on the page comes first. A page without a kept line has none.
    The lines of all pages are classified together, because each tree costs some time by itself,
    however many lines there are.
    """
    described = describe_lines(data, pages, characters, cue_word_table())
    ranked_by_role = []
    for role, forest in enumerate(classifiers):
        rows = candidate_rows(role, described.table)
        log_odds = predict(described.table[rows], forest).tolist()
        lines = described.rows[rows].tolist()
        bounds = itertools.pairwise(np.searchsorted(rows, described.offsets).tolist())
        ranked_by_role.append([_rank(lines, log_odds, first, stop) for first, stop in bounds])
    return [*zip(*ranked_by_role, strict=True)]


def _rank(lines: list[int], log_odds: list[float], first: int, stop: int) -> RankedLines:
    """Return the lines from `first` to `stop` with the highest log-odds, best first."""
    if stop - first < 2:
        return RankedLines(lines[first:stop], log_odds[first:stop])
    ranked = sorted(range(first, stop), key=log_odds.__getitem__, reverse=True)
    best = ranked[:MAX_LINES_PER_ROLE]
    return RankedLines([lines[i] for i in best], [log_odds[i] for i in best])
