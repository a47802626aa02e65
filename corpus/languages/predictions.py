"""What goes into a backend and what comes out of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import arrow_buffers
from corpus.languages import char_ngrams
from corpus.languages.langdetect_model import Profiles
from corpus.languages.sampling import SLICES, read_texts
from corpus.languages.scripts import SCRIPTS

SILENT = -1
"""The language of a text that a backend says nothing of."""

FOREIGN = -2
"""The language of a text that is in one which has no tag of ours."""


class Reading(NamedTuple):
    """The characters of each text that are looked at."""

    points: NDArray[np.uint32]
    """uint32[n_texts, characters + SLICES]"""
    counts: NDArray[np.int64]
    """int64[n_texts]"""


class Weighed(NamedTuple):
    """What the profiles make of each text."""

    sums: NDArray[np.int32]
    """int32[n_texts, WIDTH]: log-likelihood ratio of each profile, in units of 1/SCALE nat."""
    known: NDArray[np.int32]
    """int32[n_texts]: n-grams that some profile has."""
    tried: NDArray[np.int32]
    """int32[n_texts]: n-grams."""
    letters: NDArray[np.int32]
    """int32[n_texts, n_scripts]: letters of each script."""


class Answer(NamedTuple):
    """What a backend says of each text."""

    language: NDArray[np.int64]
    """int64[n_texts]: the likeliest, as its place in LANGUAGES; SILENT where none is possible,
    FOREIGN where another one is likeliest."""
    second: NDArray[np.int64]
    """int64[n_texts]: the next; -1 where there is none."""
    score: NDArray[np.float64]
    """float64[n_texts]: the chance that `language` is right."""


def read(texts: pa.Array, characters: int, profiles: Profiles) -> Reading:
    """Return at most so many characters of each text, without addresses; null is empty."""
    data, offsets = arrow_buffers.texts(texts)
    longest = int(np.diff(offsets).max(initial=0))
    limit = min(characters, max(longest, SLICES))
    reading = Reading(
        np.zeros((len(texts), limit + SLICES), np.uint32), np.zeros(len(texts), np.int64)
    )
    tables = profiles.tables
    read_texts(data, offsets, limit, tables.composed, tables.small, *reading)
    return reading


def weigh(reading: Reading, profiles: Profiles) -> Weighed:
    """Return what the n-grams of each text add up to, profile by profile."""
    n_texts = len(reading.counts)
    weighed = Weighed(
        np.zeros((n_texts, char_ngrams.WIDTH), np.int32),
        np.zeros(n_texts, np.int32),
        np.zeros(n_texts, np.int32),
        np.zeros((n_texts, len(SCRIPTS)), np.int32),
    )
    tables = profiles.tables
    char_ngrams.weigh_texts(
        *reading,
        tables.symbols,
        tables.scripts,
        tables.moves,
        tables.entries,
        tables.sparse,
        tables.dense,
        np.zeros(3 * reading.points.shape[1], np.uint64),
        np.zeros(len(tables.dense), np.int32),
        np.zeros(3 * reading.points.shape[1], np.int32),
        *weighed,
    )
    return weighed
