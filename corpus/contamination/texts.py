"""The distinct texts among the parts of items, and what becomes of each part."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.contamination.coverage import Fate
from corpus.contamination.parts import Limits, Parts

NO_TEXT = -1
"""The text of a part with too few shingles."""


class Texts(NamedTuple):
    """Parts with the same shingles are one text. Texts have the order of their first parts."""

    text_of: NDArray[np.int32]
    """int32[n_parts]: the text of each part, or `NO_TEXT`."""

    is_first: NDArray[np.bool_]
    """bool[n_parts]: whether it is the first part with its text."""

    is_repeated: NDArray[np.bool_]
    """bool[n_parts]: whether an earlier part of its benchmark and kind has the same text."""

    windows: NDArray[np.uint32]
    """uint32[n_texts]: length of the window, in shingles."""

    owners: NDArray[np.uint32]
    """uint32[n_owners]: `Parts.owners` of those parts that are not repeated, by text."""

    starts: NDArray[np.uint32]
    """uint32[n_texts + 1]: the first owner of each text."""


def distinct_texts(parts: Parts, benchmark_of: NDArray[np.uint32], limits: Limits) -> Texts:
    """Return the texts of parts. `benchmark_of` (uint32[n_items]) is the benchmark of each item."""
    n_parts = len(parts.owners)
    used = np.flatnonzero(parts.counts >= limits.fewest)
    number, first = _numbered(parts.digests[used])
    text_of = np.full(n_parts, NO_TEXT, np.int32)
    text_of[used] = number
    is_first = np.zeros(n_parts, np.bool_)
    is_first[used[first]] = True
    is_repeated = np.zeros(n_parts, np.bool_)
    kind = benchmark_of[parts.owners[used] >> 1].astype(np.uint64) << np.uint64(1)
    kind |= (parts.owners[used] & 1).astype(np.uint64)
    pairs = number.astype(np.uint64) << np.uint64(32) | kind
    is_repeated[used] = True
    is_repeated[used[np.unique(pairs, return_index=True)[1]]] = False
    owning = used[~is_repeated[used]]
    owning = owning[np.argsort(text_of[owning], kind="stable")]
    starts = np.searchsorted(text_of[owning], np.arange(len(first) + 1)).astype(np.uint32)
    windows = np.zeros(len(first), np.uint32)
    np.maximum.at(windows, number, parts.windows[used])
    return Texts(text_of, is_first, is_repeated, windows, parts.owners[owning], starts)


def _numbered(digests: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the number of each digest (uint64[n, 2]), in the order in which they occur first.

    Also return where each occurs first. Sorting needs less memory than `numpy.unique` of rows.
    """
    order = np.lexsort((digests[:, 1], digests[:, 0]))  # stable: equal ones keep their order
    ordered = digests[order]
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    first = order[is_new]
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    number = np.empty(len(order), np.int32)
    number[order] = rank[np.cumsum(is_new) - 1]
    return number, np.sort(first)


def fates(
    parts: Parts, texts: Texts, sizes: NDArray[np.uint32], limits: Limits
) -> NDArray[np.uint8]:
    """Return the `Fate` of each part, when `sizes` (uint32[n_texts]) shingles of a text count."""
    fate = np.full(len(parts.owners), Fate.TOO_SHORT, np.uint8)
    fate[~parts.has_words] = Fate.NO_WORDS
    used = texts.text_of != NO_TEXT
    is_common = sizes[texts.text_of[used]] < limits.fewest
    fate[used] = np.where(is_common, np.uint8(Fate.COMMON), np.uint8(Fate.INDEXED))
    fate[texts.is_repeated & (fate == Fate.INDEXED)] = Fate.DUPLICATE
    return fate
