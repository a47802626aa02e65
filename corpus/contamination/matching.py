"""Kernels that find the texts of an index in documents.

    hits       which shingles of a document are in the index: a filter of one bit per hash prefix
               rejects nearly all others; a bucket has the entries of the rest
    overlaps   for each text with enough hits in a document, the largest number of its shingles
               within one window

Hits are written to a buffer of fixed size. When it is full, overlaps are computed, and only the
hits that may share a window with later ones are kept. So a document of any length takes the same
memory, and time grows in proportion to its length.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.contamination.entries import MAX_TEXTS_PER_SHINGLE
from corpus.contamination.index import REST_BITS, Index
from corpus.contamination.parts import MAX_WINDOW
from corpus.similarity.shingling import (
    MAX_SHINGLE_WORDS,
    NEXT_BLOCK,
    WINDOW_EDGES,
    Window,
    new_window,
    next_shingles,
)
from corpus.words.folding import FoldingInput, fold_text, folding_input

# isort: split
from numba import int64

from corpus.kernels import njit

MIN_SHARE = 0.2
"""Minimum overlap that is reported."""

BUFFER_HITS = 1 << 21
"""Hits in the buffer: those that may share a window with later ones, and those of a step more."""

MAX_HITS_PER_STEP = (WINDOW_EDGES // 2 + MAX_SHINGLE_WORDS) * MAX_TEXTS_PER_SHINGLE

# columns of a cursor
DOCUMENT, POSITION, END, N_HITS = 0, 1, 2, 3
BETWEEN_DOCUMENTS = -1

_ONE, _SIX, _LOW = np.uint64(1), np.uint64(6), np.uint64(63)
_WIDTH, _REST_SHIFT = np.uint64(64), np.uint64(64 - REST_BITS)


class Hits(NamedTuple):
    """Shingles of documents that are shingles of texts of the index, in the order of documents."""

    documents: NDArray[np.int64]
    texts: NDArray[np.uint32]
    entries: NDArray[np.int64]
    """The first entry of the index with the hash of the shingle, which identifies it."""

    positions: NDArray[np.int64]
    """The number of the shingle in its document."""


class Overlaps(NamedTuple):
    """Documents that contain texts of the index, or at least `MIN_SHARE` of their shingles."""

    documents: NDArray[np.int64]
    texts: NDArray[np.int64]
    shares: NDArray[np.float64]


@njit
def _find_hits(
    source: FoldingInput,
    words: int,
    window: Window,
    hashes: NDArray[np.uint32],
    texts: NDArray[np.uint32],
    buckets: NDArray[np.uint32],
    bits: NDArray[np.uint64],
    shifts: NDArray[np.uint64],
    cursor: NDArray[np.int64],
    hits: Hits,
) -> None:
    """Append hits until the documents are finished, or the buffer has no room for a step more.

    Call it again with the same cursor to go on.
    """
    filter_shift, bucket_shift = shifts[0], shifts[1]
    n, last_document = cursor[N_HITS], source.offsets.size - 1
    while cursor[DOCUMENT] < last_document:
        if cursor[END] == BETWEEN_DOCUMENTS:
            cursor[END] = fold_text(source, cursor[DOCUMENT])
            cursor[POSITION] = 0
            for j in range(window.cursor.size):
                window.cursor[j] = 0
        while window.cursor[NEXT_BLOCK] <= cursor[END]:
            if n + MAX_HITS_PER_STEP > hits.texts.size:
                cursor[N_HITS] = n
                return
            total = next_shingles(source.folded, cursor[END], words, window)
            for k in range(total):
                hash = window.shingles[k]
                prefix = hash >> filter_shift
                if bits[prefix >> _SIX] >> (prefix & _LOW) & _ONE:
                    bucket = hash >> bucket_shift
                    rest = (hash << (_WIDTH - bucket_shift)) >> _REST_SHIFT
                    entry, end = int64(buckets[bucket]), int64(buckets[bucket + _ONE])
                    while entry < end and hashes[entry] < rest:
                        entry += 1
                    first = entry
                    while entry < end and hashes[entry] == rest:
                        hits.documents[n] = cursor[DOCUMENT]
                        hits.texts[n] = texts[entry]
                        hits.entries[n] = first
                        hits.positions[n] = cursor[POSITION] + k
                        n += 1
                        entry += 1
            cursor[POSITION] += total
        cursor[END] = BETWEEN_DOCUMENTS
        cursor[DOCUMENT] += 1
    cursor[N_HITS] = n


@njit
def _most_in_window(positions: NDArray[np.int64], entries: NDArray[np.int64], window: int) -> int:
    """Return the largest number of distinct entries at positions within one window.

    Positions ascend. Each entry gets a number, and the window counts how often it has it.
    """
    order = np.argsort(entries, kind="mergesort")
    number = np.empty(entries.size, np.int64)
    n_distinct = 0
    for k in range(entries.size):
        if k > 0 and entries[order[k]] != entries[order[k - 1]]:
            n_distinct += 1
        number[order[k]] = n_distinct
    counts = np.zeros(n_distinct + 1, np.int64)
    first, inside, most = 0, 0, 0
    for k in range(entries.size):
        inside += counts[number[k]] == 0
        counts[number[k]] += 1
        while positions[k] - positions[first] >= window:
            counts[number[first]] -= 1
            inside -= counts[number[first]] == 0
            first += 1
        most = max(most, inside)
    return most


@njit
def _overlaps(
    hits: Hits,
    order: NDArray[np.int64],
    sizes: NDArray[np.uint32],
    windows: NDArray[np.uint32],
    fewest: int,
    min_share: float,
    out: Overlaps,
) -> int:
    """Write the overlaps of hits in an order of (document, text, position); return their number."""
    filled, begin = 0, 0
    while begin < order.size:
        document, text = hits.documents[order[begin]], hits.texts[order[begin]]
        end = begin
        while (
            end < order.size
            and hits.texts[order[end]] == text
            and hits.documents[order[end]] == document
        ):
            end += 1
        size = int64(sizes[text])
        wanted = max(float(fewest), min_share * size)
        if size > 0 and end - begin >= wanted:
            rows = order[begin:end]
            most = _most_in_window(hits.positions[rows], hits.entries[rows], int64(windows[text]))
            if most >= wanted:
                out.documents[filled] = document
                out.texts[filled] = text
                out.shares[filled] = most / size
                filled += 1
        begin = end
    return filled


def find_overlaps(
    column: pa.Array | pa.ChunkedArray, index: Index, *, words: int, fewest: int
) -> Overlaps:
    """Return which texts of the index are in which documents; a null has none.

    Ordered by document and text. The share is the largest one within a window; at least `fewest`
    distinct shingles of `words` words must be in that window.
    """
    found = _found(folding_input(column), index, words, fewest)
    documents, texts, shares = (
        np.concatenate([np.zeros(0, dtype), *(each[k] for each in found)])
        for k, dtype in enumerate((np.int64, np.int64, np.float64))
    )
    order = np.lexsort((-shares, texts, documents))
    documents, texts, shares = documents[order], texts[order], shares[order]
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = (documents[1:] != documents[:-1]) | (texts[1:] != texts[:-1])
    return Overlaps(documents[is_new], texts[is_new], shares[is_new])


def _found(source: FoldingInput, index: Index, words: int, fewest: int) -> list[Overlaps]:
    """Return the overlaps; those of a document that fills the buffer may be there twice."""
    cursor = np.array([0, 0, BETWEEN_DOCUMENTS, 0], np.int64)
    shifts = np.array([_shift(index.filter.size * 64), _shift(index.buckets.size - 1)], np.uint64)
    hits, window = _new_hits(), new_window()
    found = []
    while True:
        _find_hits(
            *(source, words, window, index.hashes, index.texts, index.buckets, index.filter),
            *(shifts, cursor, hits),
        )
        n = int(cursor[N_HITS])
        found.append(_overlaps_of(_first(hits, n), index, fewest))
        if cursor[DOCUMENT] >= len(source.offsets) - 1:
            return found
        _keep_open_hits(hits, cursor)


def _shift(size: int) -> int:
    """Return how far to shift a hash so that it is below a power of two."""
    return 65 - size.bit_length()


def _new_hits() -> Hits:
    """Return a buffer; its memory is taken only where something is written."""
    return Hits(
        np.empty(BUFFER_HITS, np.int64),
        np.empty(BUFFER_HITS, np.uint32),
        np.empty(BUFFER_HITS, np.int64),
        np.empty(BUFFER_HITS, np.int64),
    )


def _first(hits: Hits, n: int) -> Hits:
    return Hits(hits.documents[:n], hits.texts[:n], hits.entries[:n], hits.positions[:n])


def _overlaps_of(hits: Hits, index: Index, fewest: int) -> Overlaps:
    order = np.lexsort((hits.texts, hits.documents))  # stable, so positions keep ascending
    out = Overlaps(
        np.empty(len(order), np.int64),
        np.empty(len(order), np.int64),
        np.empty(len(order), np.float64),
    )
    n = _overlaps(hits, order, index.sizes, index.windows, fewest, MIN_SHARE, out)
    return Overlaps(out.documents[:n], out.texts[:n], out.shares[:n])


def _keep_open_hits(hits: Hits, cursor: NDArray[np.int64]) -> None:
    """Keep the hits of the unfinished document that may share a window with later ones."""
    n = int(cursor[N_HITS])
    is_open = hits.documents[:n] == cursor[DOCUMENT]
    is_open &= hits.positions[:n] > cursor[POSITION] - MAX_WINDOW
    kept = np.flatnonzero(is_open)
    for values in hits:
        values[: len(kept)] = values[kept]
    cursor[N_HITS] = len(kept)
