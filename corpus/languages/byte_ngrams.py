"""The kernels that add up the weights of py3langid's features: byte n-grams of a text.

`py3langid_model` describes the features and the tables. As in `char_ngrams`, each step is done for
all bytes of a text before the next step begins.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit, njit_without_allocation
from corpus.languages import perfect_hash
from corpus.languages.perfect_hash import slot_of

MAX_COUNT = 4096
"""A feature that occurs more often than this counts as if it occurred this often."""

MAX_NGRAM_BYTES = 6
"""Length of the longest feature, in bytes."""

MAX_ROWS = 256
"""Rows of bytes whose sum fits 16 bits."""

FILTER_BITS = 15
"""The filter of known n-grams has 2**15 words of 64 bits: 256 KB, which stay in the CPU cache."""


@njit(inline="always")
def filter_place(key: Any) -> Any:
    """Return where the filter has a byte n-gram: the word, and two bits in it."""
    hashed = key * perfect_hash.KEY_MULTIPLIER
    first = np.uint64(1) << (hashed >> np.uint64(40) & np.uint64(63))
    second = np.uint64(1) << (hashed >> np.uint64(34) & np.uint64(63))
    return hashed >> np.uint64(64 - FILTER_BITS), first | second


@njit_without_allocation
def sum_features(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    only_latin: NDArray[np.bool_],
    displacements: NDArray[np.uint16],
    known: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    features: NDArray[np.int32],
    latin_weights: NDArray[np.uint8],
    other_weights: NDArray[np.uint8],
    prior: NDArray[np.int32],
    logarithms: NDArray[np.int32],
    windows: NDArray[np.uint64],
    feature_counts: NDArray[np.int32],
    distinct: NDArray[np.int32],
    repeated: NDArray[np.int32],
    factors: NDArray[np.int32],
    once: NDArray[np.uint16],
    sums: NDArray[np.int32],
    sizes: NDArray[np.int64],
) -> None:
    """Add the weights of each text's features, and the priors, to `sums`.

    sums: int32[n_texts, n_classes], zeros on entry, in units of 1 / SCALE / COUNT_SCALE. Of the
    texts of `only_latin` (bool[n_texts]), it has only the classes of `latin_weights`, and the
    priors. sizes: int64[n_texts], the number of UTF-8 bytes of each text.
    Buffers: `feature_counts` (int32[n_features + 1], zeros before and after); `windows` (uint64),
    `distinct`, `repeated` and `factors` (int32), each with room for all bytes of a text and four
    more; and `once` (uint16[n_classes]). The tables are separate parameters because loops over a
    tuple of arrays compile to code that is several times slower.
    """
    none = len(latin_weights) - 1
    n_latin = latin_weights.shape[1]
    for text in range(len(counts)):
        n_distinct, size = list_features(
            points,
            text,
            counts[text],
            displacements,
            known,
            keys,
            features,
            windows,
            feature_counts,
            distinct,
        )
        sizes[text] = size
        if n_distinct > 1 or (n_distinct == 1 and distinct[0] < none):
            for at in range(len(prior)):
                sums[text, at] += prior[at]
        # most features occur once: their weights are added as bytes, and multiplied together
        n_once, n_repeated = 0, 0
        for number in range(n_distinct):
            feature = distinct[number]
            count = feature_counts[feature]
            feature_counts[feature] = 0
            distinct[n_once] = feature
            repeated[n_repeated] = feature
            factors[n_repeated] = logarithms[min(count, MAX_COUNT)]
            n_once += count == 1
            n_repeated += count > 1
        for number in range(4):  # rows are added four at a time; the last ones may be zeros
            distinct[n_once + number] = none
            repeated[n_repeated + number] = none
        add_once(latin_weights, distinct, n_once, logarithms[1], once, sums[text, :n_latin])
        add_repeated(latin_weights, repeated, factors, n_repeated, sums[text, :n_latin])
        if not only_latin[text]:
            add_once(other_weights, distinct, n_once, logarithms[1], once, sums[text, n_latin:])
            add_repeated(other_weights, repeated, factors, n_repeated, sums[text, n_latin:])


@njit_without_allocation
def add_once(
    weights: NDArray[np.uint8],
    rows: NDArray[np.int32],
    n_rows: int,
    factor: int,
    once: NDArray[np.uint16],
    sums: NDArray[np.int32],
) -> None:
    """Add the weights of these rows, times the factor of them all; `once` is a buffer."""
    n_columns = weights.shape[1]
    for first in range(0, n_rows, MAX_ROWS):
        once[:] = 0
        for number in range(first, min(first + MAX_ROWS, n_rows), 4):
            row_a, row_b = rows[number], rows[number + 1]
            row_c, row_d = rows[number + 2], rows[number + 3]
            for at in range(n_columns):
                once[at] += np.uint16(
                    np.uint16(weights[row_a, at])
                    + np.uint16(weights[row_b, at])
                    + np.uint16(weights[row_c, at])
                    + np.uint16(weights[row_d, at])
                )
        for at in range(n_columns):
            sums[at] += factor * np.int32(once[at])


@njit_without_allocation
def add_repeated(
    weights: NDArray[np.uint8],
    rows: NDArray[np.int32],
    factors: NDArray[np.int32],
    n_rows: int,
    sums: NDArray[np.int32],
) -> None:
    """Add the weights of these rows, each times a factor."""
    for number in range(0, n_rows, 4):  # four rows per load and store of the sums
        row_a, row_b = rows[number], rows[number + 1]
        row_c, row_d = rows[number + 2], rows[number + 3]
        factor_a, factor_b = factors[number], factors[number + 1]
        factor_c, factor_d = factors[number + 2], factors[number + 3]
        for at in range(weights.shape[1]):
            sums[at] += (
                factor_a * np.int32(weights[row_a, at])
                + factor_b * np.int32(weights[row_b, at])
                + factor_c * np.int32(weights[row_c, at])
                + factor_d * np.int32(weights[row_d, at])
            )


@njit_without_allocation
def list_features(
    points: NDArray[np.uint32],
    text: int,
    count: int,
    displacements: NDArray[np.uint16],
    known: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    features: NDArray[np.int32],
    windows: NDArray[np.uint64],
    feature_counts: NDArray[np.int32],
    distinct: NDArray[np.int32],
) -> tuple[int, int]:
    """Count the features of a text; return the number of distinct ones and of the text's bytes.

    The counts go to `feature_counts`, the distinct features to `distinct`. A byte at which no
    feature ends counts for the feature number `n_features`, which means none.

    For each byte, the filter shows which of the n-grams that end there may be known, without a
    branch; only the longest of these is looked up. About one in thirty is not known after all.
    """
    size = list_windows(points, text, count, windows)
    for at in range(size):
        window = windows[at]
        longest_key = np.uint64(0)
        for bits in range(16, 8 * MAX_NGRAM_BYTES + 1, 8):
            key = window & ((np.uint64(1) << np.uint64(bits)) - np.uint64(1))
            word, wanted = filter_place(key)
            longest_key = key if known[word] & wanted == wanted else longest_key
        windows[at] = longest_key
    n_distinct = 0
    for at in range(size):
        key = windows[at]
        slot = slot_of(key, displacements) if key != 0 else np.uint64(len(features) - 1)
        if key != 0 and keys[slot] != key:
            slot = _exact_slot(key, displacements, keys)
        feature = features[slot]
        distinct[n_distinct] = feature
        n_distinct += feature_counts[feature] == 0
        feature_counts[feature] += 1
    return n_distinct, size


@njit_without_allocation
def list_windows(
    points: NDArray[np.uint32], text: int, count: int, windows: NDArray[np.uint64]
) -> int:
    """Write each UTF-8 byte of a text together with the seven bytes before it; return how many."""
    size = 0
    window = np.uint64(0)
    for at in range(count):
        point = np.uint64(points[text, at])
        length = 1 + (point >= 0x80) + (point >= 0x800) + (point >= 0x10000)
        for place in range(length - 1, -1, -1):
            byte = point >> np.uint64(6 * place)
            if place < length - 1:
                byte = np.uint64(0x80) | byte & np.uint64(0x3F)
            elif length > 1:  # the lead byte encodes the length
                byte |= np.uint64((0xF00 >> length) & 0xFF)
            window = window << np.uint64(8) | byte
            windows[size] = window
            size += 1
    return size


@njit_without_allocation
def _exact_slot(
    window: np.uint64, displacements: NDArray[np.uint16], keys: NDArray[np.uint64]
) -> np.uint64:
    """Return the slot of the longest n-gram in the table that ends at a byte; len(keys) if none."""
    for bits in range(8 * MAX_NGRAM_BYTES, 8, -8):
        key = window & ((np.uint64(1) << np.uint64(bits)) - np.uint64(1))
        slot = slot_of(key, displacements)
        if keys[slot] == key:
            return slot
    return np.uint64(len(keys))
