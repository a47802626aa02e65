"""Band keys: for each band, a hash of the band's rows with the document's rank in the low bits.

With groups, a pair needs a document before the last group. Nearly all documents are in the last
group, and nearly none shares a band with an earlier one. So only keys are stored that pass a filter
of the keys of the earlier documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.bands import Bands
from corpus.similarity.ranked_documents import RankedDocuments
from corpus.storage import release_memory
from corpus.words.simd import read_only

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation

_MIX, _ONE, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), np.uint64(32)

MAX_FILTER_BITS = 22
"""Upper bits of a key that are looked up in a filter, at most (2^22 bits for each band, 512 kB)."""

FILTER_SLOTS_PER_DOCUMENT = 16
"""With this many slots per document, about a sixteenth of the other keys pass by chance."""

MAX_KEYS_IN_MEMORY = 1 << 23
"""More keys than this (64 MB) are kept in a file; one band at a time is read into memory."""


class BandKeys(NamedTuple):
    """The keys of ranked documents, for each band."""

    shape: Bands
    by_band: Sequence[NDArray[np.uint64]]
    """Unsorted; without the keys that cannot be those of a pair."""


class _KeyFilter(NamedTuple):
    """Which keys are stored: those whose upper bits are marked."""

    marks: NDArray[np.uint8]
    """uint8[bands, n_bytes]: one bit for each value of the upper bits."""

    bits: int
    """How many upper bits are looked up."""


class _PartSignatures(NamedTuple):
    """Signatures of one part, and the ranks of some of its rows."""

    signatures: NDArray[np.uint16]
    rows: NDArray[np.int64]
    ranks: NDArray[np.int64]


@njit_without_allocation
def _band_keys(
    part: _PartSignatures,
    scopes: NDArray[np.uint64],
    rows_per_band: int,
    bits: int,
    key_filter: _KeyFilter,
    out: NDArray[np.uint64],
    counts: NDArray[np.int64],
) -> None:
    """Write the keys of documents of one part that pass the filter to out[b, counts[b]:].

    There must be room for all of them; `counts` is updated.
    """
    low, shift = (_ONE << uint64(bits)) - _ONE, uint64(64 - key_filter.bits)
    marks = key_filter.marks
    signatures, rows, ranks = part.signatures, part.rows, part.ranks
    for k in range(rows.size):
        for b in range(out.shape[0]):
            state = _MIX ^ (scopes[ranks[k]] if scopes.size else uint64(0))
            for j in range(b * rows_per_band, (b + 1) * rows_per_band):
                state = (state ^ uint64(signatures[rows[k], j])) * _MIX
                state ^= state >> _HALF
            out[b, counts[b]] = state & ~low | uint64(ranks[k])
            slot = int64(state >> shift)
            counts[b] += marks[b, slot >> 3] >> (slot & 7) & 1


def band_keys(
    documents: RankedDocuments, shape: Bands, groups: NDArray[np.int64] | None = None
) -> BandKeys:
    """Return the keys of all documents that may be in a pair.

    Many keys are kept in a file.
    """
    bands, last_group = shape.bands, 0 if groups is None or not len(groups) else int(groups[-1])
    key_filter = _KeyFilter(np.full((bands, 1), 0xFF, np.uint8), 1)
    if last_group:
        queried = documents.by_part(np.arange(last_group))
        keys = _keys_of(documents, shape, queried, last_group, key_filter)
        key_filter = _filter_of(keys)
    return _keys_of(documents, shape, documents.every_part(), len(documents), key_filter)


def _keys_of(
    documents: RankedDocuments,
    shape: Bands,
    parts: Iterable[tuple[int, NDArray[np.int64], NDArray[np.int64]]],
    n_documents: int,
    key_filter: _KeyFilter,
) -> BandKeys:
    """Return the keys of these documents that pass the filter; signatures are read once."""
    count = shape.bands * n_documents
    in_memory = count <= MAX_KEYS_IN_MEMORY
    flat = np.empty(count, np.uint64) if in_memory else documents.corpus.allocate(count)
    keys, counts = flat.reshape(shape.bands, n_documents), np.zeros(shape.bands, np.int64)
    bits, scopes = rank_bits(documents), documents.scopes
    for part, rows, ranks in parts:
        signatures = _PartSignatures(read_only(documents.signatures_of_part(part)), rows, ranks)
        _band_keys(signatures, scopes, shape.rows, bits, key_filter, keys, counts)
        release_memory(keys)
    return BandKeys(shape, [keys[b, :count] for b, count in enumerate(counts.tolist())])


def _filter_of(keys: BandKeys) -> _KeyFilter:
    """Return a filter that these keys pass, and few others."""
    slots = FILTER_SLOTS_PER_DOCUMENT * len(keys.by_band[0])
    bits = min(MAX_FILTER_BITS, max(3, slots.bit_length()))
    marks = np.zeros((len(keys.by_band), 1 << bits - 3), np.uint8)
    for keys_of_band, marks_of_band in zip(keys.by_band, marks, strict=True):
        is_marked = np.zeros(1 << bits, np.bool_)
        is_marked[keys_of_band >> np.uint64(64 - bits)] = True
        marks_of_band[:] = np.packbits(is_marked, bitorder="little")
    return _KeyFilter(marks, bits)


def rank_bits(documents: RankedDocuments) -> int:
    """Return how many of a key's low bits hold the rank."""
    return max(1, len(documents).bit_length())
