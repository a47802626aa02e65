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
from corpus.languages.char_ngrams import take_count
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
    displacements: NDArray[np.uint16],
    known: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    features: NDArray[np.int32],
    weights: NDArray[np.uint8],
    prior: NDArray[np.int32],
    logarithms: NDArray[np.int32],
    windows: NDArray[np.uint64],
    feature_counts: NDArray[np.int32],
    distinct: NDArray[np.int32],
    repeated: NDArray[np.int32],
    once: NDArray[np.uint16],
    sums: NDArray[np.int32],
    sizes: NDArray[np.int64],
) -> None:
    """Add the weights of each text's features, and the priors, to `sums`.

    sums: int32[n_texts, n_classes], zeros on entry, in units of 1 / SCALE / COUNT_SCALE.
    sizes: int64[n_texts], the number of UTF-8 bytes of each text.
    Buffers: `feature_counts` (int32[n_features + 1], zeros before and after), `windows` (uint64),
    `distinct` and `repeated` (int32), each with room for all bytes of a text and four more, and
    `once` (uint16[n_classes]). The tables are separate parameters because loops over a tuple of
    arrays compile to code that is several times slower.
    """
    none = len(weights) - 1
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
            is_repeated = feature_counts[feature] > 1
            distinct[n_once] = feature
            repeated[n_repeated] = feature
            n_once += not is_repeated
            n_repeated += is_repeated
            feature_counts[feature] = feature_counts[feature] if is_repeated else 0
        for number in range(4):  # no more than four rows of zeros
            distinct[n_once + number] = none
        for first in range(0, n_once, MAX_ROWS):
            once[:] = 0
            for number in range(first, min(first + MAX_ROWS, n_once), 4):
                row_a, row_b = distinct[number], distinct[number + 1]
                row_c, row_d = distinct[number + 2], distinct[number + 3]
                for at in range(len(prior)):
                    once[at] += np.uint16(
                        np.uint16(weights[row_a, at])
                        + np.uint16(weights[row_b, at])
                        + np.uint16(weights[row_c, at])
                        + np.uint16(weights[row_d, at])
                    )
            for at in range(len(prior)):
                sums[text, at] += logarithms[1] * np.int32(once[at])
        for number in range(0, n_repeated, 4):  # four rows per load and store of the sums
            row_a, count_a = take_count(feature_counts, repeated, number, n_repeated)
            row_b, count_b = take_count(feature_counts, repeated, number + 1, n_repeated)
            row_c, count_c = take_count(feature_counts, repeated, number + 2, n_repeated)
            row_d, count_d = take_count(feature_counts, repeated, number + 3, n_repeated)
            factor_a = logarithms[min(count_a, MAX_COUNT)]
            factor_b = logarithms[min(count_b, MAX_COUNT)]
            factor_c = logarithms[min(count_c, MAX_COUNT)]
            factor_d = logarithms[min(count_d, MAX_COUNT)]
            for at in range(len(prior)):
                sums[text, at] += (
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
