"""What a backend reads and returns: samples of texts, and a prediction for each text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import arrow_buffers
from corpus.languages import char_ngrams
from corpus.languages.langdetect_model import LangdetectModel
from corpus.languages.sampling import N_SLICES, sample_texts
from corpus.languages.scripts import SCRIPTS
from corpus.languages.word_memory import MAX_LETTERS, Memories, make_memory

NO_PREDICTION = -1
"""The predicted language of a text for which a backend has no prediction."""

UNSUPPORTED = -2
"""The predicted language of a text if the backend predicts a language that has no tag of ours."""


MEMORY_BITS = 14
"""The memory has room for 2**14 words, in 5 MB."""

_memories = Memories()


class Samples(NamedTuple):
    """The characters of each text that the models read."""

    points: NDArray[np.uint32]
    """uint32[n_texts, characters + N_SLICES]: code points."""
    counts: NDArray[np.int64]
    """int64[n_texts]: the number of code points."""


class ProfileSums(NamedTuple):
    """What langdetect's profiles give each text, and the letters of its sample."""

    sums: NDArray[np.int32]
    """int32[n_texts, N_COLUMNS]: log-likelihood ratio of each profile, in units of 1/SCALE nat."""
    n_known: NDArray[np.int32]
    """int32[n_texts]: n-grams that at least one profile has."""
    n_ngrams: NDArray[np.int32]
    """int32[n_texts]: all n-grams."""
    letters: NDArray[np.int32]
    """int32[n_texts, n_scripts]: letters of each script."""


class Predictions(NamedTuple):
    """What a backend predicts for each text."""

    language: NDArray[np.int64]
    """int64[n_texts]: the most likely language, as an index of LANGUAGES; or NO_PREDICTION or
    UNSUPPORTED."""
    second: NDArray[np.int64]
    """int64[n_texts]: the second most likely; negative if there is none."""
    score: NDArray[np.float64]
    """float64[n_texts]: the probability that `language` is correct."""


def sample(texts: pa.Array, characters: int, model: LangdetectModel) -> Samples:
    """Return at most `characters` characters of each text, with URLs blanked; null is empty."""
    data, offsets = arrow_buffers.texts(texts)
    max_bytes = int(np.diff(offsets).max(initial=0))
    limit = min(characters, max(max_bytes, N_SLICES))
    samples = Samples(
        np.zeros((len(texts), limit + N_SLICES), np.uint32), np.zeros(len(texts), np.int64)
    )
    tables = model.tables
    sample_texts(data, offsets, limit, tables.composed, tables.lowercase, *samples)
    return samples


def sum_profiles(samples: Samples, model: LangdetectModel) -> ProfileSums:
    """Return the summed weights of the n-grams of each text, profile by profile."""
    n_texts = len(samples.counts)
    outputs = ProfileSums(
        np.zeros((n_texts, char_ngrams.N_COLUMNS), np.int32),
        np.zeros(n_texts, np.int32),
        np.zeros(n_texts, np.int32),
        np.zeros((n_texts, len(SCRIPTS)), np.int32),
    )
    tables = model.tables
    max_points = samples.points.shape[1]
    memory = _memories.of(tables, lambda: make_memory(MEMORY_BITS, char_ngrams.N_COLUMNS))
    char_ngrams.sum_ngrams(
        *samples,
        tables.symbols,
        tables.scripts,
        tables.displacements,
        tables.entries,
        tables.sparse,
        tables.dense,
        np.zeros(3 * max_points, np.uint64),
        np.zeros(len(tables.dense), np.int32),
        np.zeros(3 * max_points, np.int32),
        np.zeros(max_points + 1 + MAX_LETTERS, np.uint16),
        *memory,
        *outputs,
    )
    return outputs
