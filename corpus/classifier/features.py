"""Kernel that finds the buckets of texts, as `corpus.classifier.definition` defines them.

It walks through the windows of hashes that shingles are made of. A table with the number of
the last text that each bucket occurred in says whether a bucket is new in a text: no set is built.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.classifier.tokens import token_input, write_tokens
from corpus.similarity.shingling import (
    BASE,
    M3,
    NEXT_BLOCK,
    Window,
    mix_lane,
    new_window,
    next_shingles,
)
from corpus.words.folding import FoldingInput

# isort: split
from numba import uint64

from corpus.kernels import njit

MIN_BITS, MAX_BITS = 10, 24


class Workspace(NamedTuple):
    """The buffers of a kernel that walks through the buckets of texts."""

    window: Window
    buckets: NDArray[np.uint32]
    """Buckets of the tokens and pairs in the window, with repetitions."""

    last_text: NDArray[np.uint32]
    """uint32[2^bits]: the number, from 1, of the last text that a bucket occurred in."""

    previous: NDArray[np.uint64]
    """uint64[2]: the hash of the token before the window, and whether there is one (0 or 1)."""


def new_workspace(bits: int) -> Workspace:
    """Return empty buffers for 2^bits buckets."""
    window = new_window()
    buckets = np.empty(2 * window.shingles.size, np.uint32)
    return Workspace(window, buckets, np.zeros(1 << bits, np.uint32), np.zeros(2, np.uint64))


@njit
def next_buckets(text: NDArray[np.uint8], end: int, bits: int, workspace: Workspace) -> int:
    """Write the buckets of the next window of a folded text; return their number.

    Works as `next_shingles` does: the text is finished when cursor[NEXT_BLOCK] exceeds `end`.
    """
    window, buckets, previous = workspace.window, workspace.buckets, workspace.previous
    hashes, shift, count = window.shingles, uint64(64 - bits), 0
    for k in range(next_shingles(text, end, 1, window)):
        buckets[count] = hashes[k] >> shift
        count += 1
        if previous[1]:
            buckets[count] = mix_lane(previous[0] * BASE, hashes[k], M3) >> shift
            count += 1
        previous[0], previous[1] = hashes[k], uint64(1)
    return count


@njit
def start_text(workspace: Workspace) -> None:
    """Prepare the workspace for another text."""
    workspace.window.cursor[:] = 0
    workspace.previous[:] = 0


@njit
def _find_buckets(
    source: FoldingInput,
    bits: int,
    workspace: Workspace,
    out: NDArray[np.uint32],
    bounds: NDArray[np.int64],
) -> None:
    """Write the different buckets of each text to `out`, one text after the other."""
    o, cursor = 0, workspace.window.cursor
    buckets, last_text = workspace.buckets, workspace.last_text
    for k in range(bounds.size - 1):
        end = write_tokens(source, k)
        start_text(workspace)
        while cursor[NEXT_BLOCK] <= end:
            for i in range(next_buckets(source.folded, end, bits, workspace)):
                bucket = buckets[i]
                out[o] = bucket
                o += last_text[bucket] != k + 1
                last_text[bucket] = k + 1
        bounds[k + 1] = o


def find_buckets(
    column: pa.Array | pa.ChunkedArray, bits: int
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the different buckets of all texts, and where those of each text begin.

    The buckets are uint32[n], the bounds int64[n_texts + 1]; those of a text stand in its order.
    """
    source = token_input(column)
    bounds = np.zeros(len(source.offsets), np.int64)
    size = int(source.offsets[-1] - source.offsets[0])
    out = np.empty(2 * size + 1, np.uint32)  # no token is shorter than a byte
    _find_buckets(source, bits, new_workspace(bits), out, bounds)
    return out[: bounds[-1]].copy(), bounds
