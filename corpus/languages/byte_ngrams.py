"""Adding up what sequences of a text's bytes say for each language: the loops.

Which sequences these are, and what the tables hold, is told in `walks`. As in `ngrams`, each step
is done for all bytes of a text before the next one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit
from corpus.languages import perfect_hash
from corpus.languages.char_ngrams import take
from corpus.languages.perfect_hash import slot

MOST_COUNTED = 4096
"""A feature met more often counts as met so often."""

LONGEST = 6
"""The longest sequence, in bytes."""


@njit(inline="always")
def mark(key: Any) -> Any:
    """Return 16 bits (uint64) that tell most sequences apart."""
    return (key * perfect_hash.SPREAD >> np.uint64(24)) & np.uint64(0xFFFF)


@njit
def walk_texts(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    moves: NDArray[np.uint16],
    marks: NDArray[np.uint16],
    keys: NDArray[np.uint64],
    features: NDArray[np.int32],
    weights: NDArray[np.uint8],
    prior: NDArray[np.int32],
    logarithms: NDArray[np.int32],
    windows: NDArray[np.uint64],
    seen: NDArray[np.int32],
    met: NDArray[np.int32],
    sums: NDArray[np.int32],
    sizes: NDArray[np.int64],
) -> None:
    """Add up the weights of each text's features, and the priors, into zeros.

    sums int32[n_texts, n_classes] in units of 1 / SCALE / COUNT_SCALE; sizes int64[n_texts], the
    bytes of UTF-8 that were read; `seen` (int32[n_features + 1], zeros before and after), `windows`
    (uint64) and `met` (int32, for all bytes of a text) are room to work in. The tables come one
    by one: from a tuple of arrays, the compiler makes loops that take several times as long.
    """
    for text in range(len(counts)):
        n_met, size = list_features(
            points, text, counts[text], moves, marks, keys, features, windows, seen, met
        )
        sizes[text] = size
        for number in range(0, n_met, 4):  # four at a time: one sum is waited for, not four
            row, a = take(seen, met, number, n_met)
            row_b, b = take(seen, met, number + 1, n_met)
            row_c, c = take(seen, met, number + 2, n_met)
            row_d, d = take(seen, met, number + 3, n_met)
            factor_a = logarithms[min(a, MOST_COUNTED)]
            factor_b = logarithms[min(b, MOST_COUNTED)]
            factor_c = logarithms[min(c, MOST_COUNTED)]
            factor_d = logarithms[min(d, MOST_COUNTED)]
            for at in range(len(prior)):
                sums[text, at] += (
                    factor_a * np.int32(weights[row, at])
                    + factor_b * np.int32(weights[row_b, at])
                    + factor_c * np.int32(weights[row_c, at])
                    + factor_d * np.int32(weights[row_d, at])
                )
        if n_met > 1 or (n_met == 1 and met[0] < len(weights) - 1):
            for at in range(len(prior)):
                sums[text, at] += prior[at]


@njit
def list_features(
    points: NDArray[np.uint32],
    text: int,
    count: int,
    moves: NDArray[np.uint16],
    marks: NDArray[np.uint16],
    keys: NDArray[np.uint64],
    features: NDArray[np.int32],
    windows: NDArray[np.uint64],
    seen: NDArray[np.int32],
    met: NDArray[np.int32],
) -> tuple[int, int]:
    """Count the features of a text in `seen`; return how many are in `met`, and the text's bytes.

    Where a byte ends no feature, the one that stands for none is counted.
    """
    size = list_windows(points, text, count, windows)
    for at in range(size):
        window = windows[at]
        found = np.uint64(0)
        longest = np.uint64(len(keys))
        for bits in range(16, 8 * LONGEST + 1, 8):
            key = window & ((np.uint64(1) << np.uint64(bits)) - np.uint64(1))
            there = slot(key, moves)
            same = marks[there] == mark(key)
            longest = there if same else longest
            found = key if same else found
        if found != 0 and keys[longest] != found:  # once in ten thousand times
            longest = _exactly(window, moves, keys)
        windows[at] = longest
    n_met = 0
    for at in range(size):
        here = features[windows[at]]
        met[n_met] = here
        n_met += seen[here] == 0
        seen[here] += 1
    return n_met, size


@njit
def list_windows(
    points: NDArray[np.uint32], text: int, count: int, windows: NDArray[np.uint64]
) -> int:
    """Write each byte of a text, in UTF-8, with the seven before it; return how many."""
    size = 0
    window = np.uint64(0)
    for at in range(count):
        point = np.uint64(points[text, at])
        length = 1 + (point >= 0x80) + (point >= 0x800) + (point >= 0x10000)
        for place in range(length - 1, -1, -1):
            byte = point >> np.uint64(6 * place)
            if place < length - 1:
                byte = np.uint64(0x80) | byte & np.uint64(0x3F)
            elif length > 1:  # the first byte tells the length
                byte |= np.uint64((0xF00 >> length) & 0xFF)
            window = window << np.uint64(8) | byte
            windows[size] = window
            size += 1
    return size


@njit
def _exactly(window: np.uint64, moves: NDArray[np.uint16], keys: NDArray[np.uint64]) -> np.uint64:
    """Return the slot of the longest sequence that ends a text, len(keys) for none."""
    for bits in range(8 * LONGEST, 8, -8):
        key = window & ((np.uint64(1) << np.uint64(bits)) - np.uint64(1))
        there = slot(key, moves)
        if keys[there] == key:
            return there
    return np.uint64(len(keys))
