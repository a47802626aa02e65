"""The features of a block that its place on the page has: order, windows and neighbours."""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Flags, Numbers
from corpus.articles.blocks.feature_columns import (
    CLASS_CUE,
    FIRST_NEIGHBOUR,
    FIRST_PLACE,
    FIRST_WINDOW,
    HEADING_LEVEL,
    LINK_SHARE,
    NEIGHBOUR_FEATURES,
    NEIGHBOURS,
    WINDOW_FEATURES,
    WINDOWS,
    WORD_CUE,
)  # fmt: skip
from corpus.articles.lines.counters import ENDS_SENTENCE, POSITION, WORDS
from corpus.kernels import njit

MAX_WORDS = 150.0
"""Maximum number of words of one block that count in a window."""
FAR = 50.0
"""Distance in blocks to a block that does not exist."""
N_NEIGHBOUR_FEATURES, N_WINDOW_FEATURES = len(NEIGHBOUR_FEATURES), len(WINDOW_FEATURES)
_WINDOWS, _NEIGHBOURS = np.array(WINDOWS), np.array(NEIGHBOURS)
_EPSILON = 1e-6


@njit(error_model="numpy")
def fill_place(
    node: NDArray[np.int32], tag: NDArray[np.int16], h1: int, good: Flags, table: Numbers
) -> None:
    """Fill in the columns of place, windows and neighbours."""
    n = node.size
    words, linked, cues = np.zeros(n + 1), np.zeros(n + 1), np.zeros(n + 1)
    n_good = np.zeros(n + 1)
    first_good, last_good, first_h1 = -1, -1, -1
    for i in range(n):
        n_words = np.float64(table[i, WORDS])
        count = n_words if n_words < MAX_WORDS else MAX_WORDS
        words[i + 1] = words[i] + count
        linked[i + 1] = linked[i] + count * table[i, LINK_SHARE]
        cues[i + 1] = cues[i] + table[i, WORD_CUE]
        n_good[i + 1] = n_good[i] + good[i]
        if good[i]:
            first_good = i if first_good < 0 else first_good
            last_good = i
        if tag[node[i]] == h1 and first_h1 < 0:
            first_h1 = i
    since = FAR
    for i in range(n):
        since = 0.0 if good[i] else since + 1
        table[i, FIRST_PLACE + 6] = since
    until = FAR
    for step in range(n):
        i = n - 1 - step
        until = 0.0 if good[i] else until + 1
        table[i, FIRST_PLACE + 7] = until
    for i in range(n):
        row = table[i]
        row[POSITION] = row[FIRST_PLACE] = i / n
        row[FIRST_PLACE + 1] = words[i] / (words[n] + _EPSILON)
        row[FIRST_PLACE + 2], row[FIRST_PLACE + 3] = i, n - i
        row[FIRST_PLACE + 4] = i - first_good if first_good >= 0 else -2 * FAR
        row[FIRST_PLACE + 5] = i - last_good if first_good >= 0 else -2 * FAR
        row[FIRST_PLACE + 8] = i - first_h1 if first_h1 >= 0 else -20 * FAR
        for k in range(_WINDOWS.size):
            size, first = _WINDOWS[k], FIRST_WINDOW + k * N_WINDOW_FEATURES
            low = i - size if i > size else 0
            high = i + size + 1 if i + size < n else n
            row[first] = words[i] - words[low]
            row[first + 1] = words[high] - words[i + 1]
            row[first + 2] = (n_good[i] - n_good[low]) / size
            row[first + 3] = (n_good[high] - n_good[i + 1]) / size
            row[first + 4] = (linked[high] - linked[low]) / (words[high] - words[low] + _EPSILON)
            row[first + 5] = (cues[i] - cues[low]) / (i - low + _EPSILON)
            row[first + 6] = (cues[high] - cues[i + 1]) / (high - i - 1 + _EPSILON)
        for k in range(_NEIGHBOURS.size):
            j, first = i + _NEIGHBOURS[k], FIRST_NEIGHBOUR + k * N_NEIGHBOUR_FEATURES
            if j < 0 or j >= n:
                for column in range(5):
                    row[first + column] = -1
                continue
            row[first] = table[j, WORDS]
            row[first + 1], row[first + 2] = table[j, LINK_SHARE], table[j, ENDS_SENTENCE]
            row[first + 3], row[first + 4] = table[j, HEADING_LEVEL], tag[node[j]]
            row[first + 5] = node[i] == node[j]
            row[first + 6], row[first + 7] = table[j, WORD_CUE], table[j, CLASS_CUE]
