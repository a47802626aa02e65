"""Kernel that scores texts with a model, as `corpus.classifier.definition` defines it.

For each token it looks up two buckets: one load of a weight, one of the last text's number. The
tables of 2^20 buckets have 6 MB, so the lookups are bound by the L2 and L3 caches.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import number_column
from corpus.classifier.features import Workspace, new_workspace, next_buckets, start_text
from corpus.classifier.model import ClassifierModel
from corpus.classifier.tokens import token_input, write_tokens
from corpus.similarity.shingling import NEXT_BLOCK
from corpus.words.folding import FoldingInput
from corpus.words.simd import read_only

# isort: split
from numba import int64

from corpus.kernels import njit


@njit
def _sum_weights(
    source: FoldingInput,
    bits: int,
    weights: NDArray[np.int16],
    workspace: Workspace,
    sums: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> None:
    """Write the sum of weights, and the number of different buckets, of each text."""
    cursor, buckets, last_text = workspace.window.cursor, workspace.buckets, workspace.last_text
    for k in range(sums.size):
        end = write_tokens(source, k)
        start_text(workspace)
        total, count = 0, 0
        while cursor[NEXT_BLOCK] <= end:
            for i in range(next_buckets(source.folded, end, bits, workspace)):
                bucket = buckets[i]
                is_new = int64(last_text[bucket] != k + 1)
                last_text[bucket] = k + 1
                total += is_new * weights[bucket]
                count += is_new
        sums[k], counts[k] = total, count


def sum_weights(
    column: pa.Array | pa.ChunkedArray, weights: NDArray[np.int16]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the sum of weights and the number of buckets of each text: int64[n_texts] both."""
    source = token_input(column)
    bits = len(weights).bit_length() - 1
    sums, counts = (np.empty(len(source.offsets) - 1, np.int64) for _ in range(2))
    _sum_weights(source, bits, read_only(weights), new_workspace(bits), sums, counts)
    return sums, counts


def score_texts(column: pa.Array | pa.ChunkedArray, model: ClassifierModel) -> pa.Array:
    """Return the score of each text (float32, 0 to 1); null for a text without tokens."""
    sums, counts = sum_weights(column, model.weights)
    logits = model.bias + model.scale * sums / np.sqrt(np.maximum(counts, 1))
    scores = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
    return number_column(scores.astype(np.float32), counts == 0)
