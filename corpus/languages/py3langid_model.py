"""py3langid's naive Bayes model, compiled into tables for the kernels of `byte_ngrams`.

The package `py3langid` (BSD-3-Clause; Adrien Barbaresi, after Marco Lui's langid.py) ships a naive
Bayes model of 139 languages. An automaton (Aho and Corasick, 1975) reads the bytes of a text. Some
of its states are features: byte n-grams that discriminate between languages. A feature that occurs
`c` times adds ln(1 + c) times its weight to every language.

The state after a byte is the longest known n-gram, of at most six bytes, that ends there. So
instead of following the automaton through a table of 40 MB, the kernel looks up all n-grams that
end at a byte: first in a filter, then the longest of them in a hash table (see `perfect_hash`). No
lookup has to wait for the byte before.

The minimum weight of each feature is subtracted, which changes no difference between languages. The
rest, at most 12.25, is rounded to a twentieth and stored in one byte. The sums are sums of
integers, so they are the same on every machine. Unpacking the model takes a second, so the tables
are cached (see `model_cache`).
"""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.errors import EnvironmentFault
from corpus.languages import model_cache, perfect_hash
from corpus.languages.byte_ngrams import (
    FILTER_BITS,
    MAX_COUNT,
    MAX_NGRAM_BYTES,
    filter_place,
    sum_features,
)
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.scripts import SCRIPTS, allowed_languages

SCALE = 20
"""Weights are in units of 1/20 nat."""

COUNT_SCALE = 256
"""Logarithms of counts are in units of 1/256."""

ROW_MULTIPLE = 32
"""Rows of weights are padded to a multiple of this, for SIMD, and to fit lines of the CPU cache."""


ROWS_AT_ONCE = 1024
"""Rows of weights converted in one go: their numbers fit the CPU cache."""


class Py3langidModel(NamedTuple):
    """The compiled model."""

    displacements: NDArray[np.uint16]
    """uint16[2**BUCKET_BITS]: see `perfect_hash`."""
    known: NDArray[np.uint64]
    """uint64[2**FILTER_BITS]: two bits are set for each n-gram of at least two bytes."""
    keys: NDArray[np.uint64]
    """uint64[2**SLOT_BITS]: the n-gram in each slot, its last byte lowest."""
    features: NDArray[np.int32]
    """int32[2**SLOT_BITS + 1]: the feature in each slot, `n_features` for none."""
    latin_weights: NDArray[np.uint8]
    """uint8[n_features + 1, n_latin]: in units of 1/SCALE, frequent features first, for the classes
    of languages in Latin script. A text in that script needs no others: half of the memory."""
    other_weights: NDArray[np.uint8]
    """uint8[n_features + 1, n_others]: the same for all other classes."""
    prior: NDArray[np.int32]
    """int32[n_classes]: in units of 1 / SCALE / COUNT_SCALE."""
    logarithms: NDArray[np.int32]
    """int32[MAX_COUNT + 1]: ln(1 + count), in units of 1/COUNT_SCALE."""
    classes: NDArray[np.str_]
    """str[n_latin + n_others]: the code of each class; some languages have two, padding has ""."""


@cache
def load() -> Py3langidModel:
    """Return the compiled model, from the cache if it is there.

    Raises EnvironmentFault if the package is not installed or its model cannot be read.
    """
    folder = model_cache.package_folder("py3langid", "for its naive Bayes model")
    arrays = model_cache.load_arrays(
        "py3langid", (folder,), lambda: compile_model(folder)._asdict()
    )
    return Py3langidModel(**arrays)


def compile_model(folder: Path) -> Py3langidModel:
    """Return the model compiled from the file that the package in `folder` ships.

    Raises EnvironmentFault if the file cannot be read.
    """
    try:
        with lzma.open(folder / "data" / "model.npz.xz") as file:
            data = np.load(model_cache.in_memory(file), allow_pickle=False)
            shipped = {name: data[name] for name in data.files}
        frequency, feature_weights = _frequencies_and_weights(shipped["ptc"])
        classes = shipped["classes"]
        state_features = shipped["out_feat"].astype(np.int64)
        ngrams = _state_ngrams(shipped["nextmove"].reshape(-1, 256), shipped["nextmove_row"])
    except (OSError, EOFError, KeyError, ValueError, lzma.LZMAError) as error:
        raise EnvironmentFault(
            f"the stage 'language': the model of the installed py3langid cannot be read ({error}); "
            "run: pip install py3langid==0.4.0, or set `backend: langdetect_profiles`"
        ) from error
    by_frequency = np.argsort(-frequency, kind="stable")
    n_features = len(by_frequency)
    feature_weights = feature_weights[by_frequency]
    codes = np.array([code_of(str(name)) for name in classes])
    prior = np.round(shipped["pc"].astype(np.float64) * SCALE * COUNT_SCALE).astype(np.int32)
    latin = is_latin(codes)
    parts = [
        (
            _padded(feature_weights[:, chosen], 1),
            _padded(prior[None, chosen]),
            _padded(codes[None, chosen]),
        )
        for chosen in (latin, ~latin)
    ]
    (latin_weights, *_), (other_weights, *_) = parts
    row_of_feature = np.append(np.argsort(by_frequency), n_features)  # the last is for -1: none
    displacements, slots = perfect_hash.assign_slots(ngrams[1:])
    keys = np.zeros(1 << perfect_hash.SLOT_BITS, np.uint64)
    keys[slots] = ngrams[1:]
    features = np.full(len(keys) + 1, n_features, np.int32)
    features[slots] = row_of_feature[state_features[1:]]
    return Py3langidModel(
        displacements,
        _filter(keys),
        keys,
        features,
        latin_weights,
        other_weights,
        np.concatenate([prior[0] for _, prior, _ in parts]),
        np.round(np.log1p(np.arange(MAX_COUNT + 1)) * COUNT_SCALE).astype(np.int32),
        np.concatenate([codes[0] for _, _, codes in parts]),
    )


def _frequencies_and_weights(
    logarithms: NDArray[Any],
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return the mean frequency of each feature, and its weights in units of 1/SCALE.

    `logarithms` are those of the frequencies (float16[n_features, n_classes]). There are only 2**16
    of that type, so their exponentials come from a table. Raises ValueError for another type.
    """
    if logarithms.dtype != np.float16:
        raise ValueError("its weights are of another type")
    numbers = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        exponentials = np.exp(numbers)
    frequency = np.zeros(len(logarithms))
    weights = np.zeros(logarithms.shape, np.uint8)
    for start in range(0, len(logarithms), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        bits = logarithms[rows].view(np.uint16)
        frequency[rows] = exponentials[bits].mean(axis=1)
        exact = numbers[bits]
        exact -= exact.min(axis=1, keepdims=True)
        exact *= SCALE
        weights[rows] = np.rint(exact, out=exact)
    return frequency, weights


def is_latin(codes: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Return which codes are those of languages that Latin script allows (bool[n])."""
    allowed = allowed_languages()[SCRIPTS.index("Latn")]
    return np.isin(codes, [code for code, is_one in zip(LANGUAGES, allowed, strict=True) if is_one])


def _padded(table: NDArray[Any], n_rows: int = 0) -> NDArray[Any]:
    """Return a table with zeros or "" behind its columns, and in `n_rows` more rows."""
    n_columns = -(-table.shape[1] // ROW_MULTIPLE) * ROW_MULTIPLE
    padded = np.zeros((len(table) + n_rows, n_columns), table.dtype)
    padded[: len(table), : table.shape[1]] = table
    return padded


def _filter(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the filter of these n-grams; zeros are none, and single bytes are never looked up."""
    words, bits = filter_place.py_func(keys[keys >= 0x100])
    known = np.zeros(1 << FILTER_BITS, np.uint64)
    np.bitwise_or.at(known, words.astype(np.int64), bits)
    return known


def _state_ngrams(next_state: NDArray[Any], row: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the bytes that lead from the initial state to each state (uint64[n_states]).

    Raises ValueError if a state cannot be reached with MAX_NGRAM_BYTES bytes.
    """
    ngrams = np.zeros(len(row), np.uint64)
    reached = np.zeros(len(row), np.bool_)
    reached[0] = True
    first = np.zeros(len(row), np.int64)
    latest = np.zeros(1, np.int64)
    for _ in range(MAX_NGRAM_BYTES):
        states = next_state[row[latest]]
        edges = np.flatnonzero(~reached[states])
        new = states.ravel()[edges].astype(np.int64)
        first[new[::-1]] = edges[::-1]  # of the edges to a state, the first is written last
        reached[new] = True
        new = np.flatnonzero(np.bincount(new, minlength=len(row)))
        before, byte = np.divmod(first[new], 256)
        ngrams[new] = ngrams[latest[before]] << np.uint64(8) | byte.astype(np.uint64)
        latest = new
    if not reached.all():
        raise ValueError("its automaton has n-grams that are too long")
    return ngrams


def sum_weights(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    model: Py3langidModel,
    only_latin: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the summed weights and the size of each text, as `byte_ngrams.sum_features` does."""
    n_texts, max_bytes = len(counts), 4 * points.shape[1]
    sums = np.zeros((n_texts, len(model.prior)), np.int32)
    sizes = np.zeros(n_texts, np.int64)
    sum_features(
        points,
        counts,
        np.zeros(n_texts, np.bool_) if only_latin is None else only_latin,
        *model[:-1],
        np.zeros(max_bytes, np.uint64),
        np.zeros(len(model.latin_weights), np.int32),
        *(np.zeros(max_bytes + 4, np.int32) for _ in range(3)),
        np.zeros(len(model.prior), np.uint16),
        sums,
        sizes,
    )
    return sums, sizes
