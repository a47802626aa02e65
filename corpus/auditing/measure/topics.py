"""A map of what the documents are about: a thousand of them, on two axes, in clusters.

Words and pairs of words are hashed, counted and weighted (tf-idf), brought down to a few dimensions
(truncated SVD), and clustered (k-means); the first two dimensions of what the clusters differ in
are the map. One thread, a fixed seed, and rounded numbers, so that it repeats.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.bottom_k import hashed
from corpus.auditing.measure.text_sample import Held
from corpus.auditing.measure.vocabulary import Words, telling, words_of

_ODD = np.uint64(0x9E3779B97F4A7C15)

DOCUMENTS, LEAST = 1000, 30
"""Documents on the map at most, and from how many on there is a map."""

CHARACTERS = 2000
"""Characters of each that are read."""

CLUSTERS, DIMENSIONS, HASHES = 12, 24, 1 << 15
TELLING = 6
ROUNDS = 2
"""Rounds of power iteration: the map is of clusters, and they no longer change."""


def topics(held: Held) -> dict[str, Any] | None:
    """Return the map: clusters with their words, and a point for each document.

    None where there are too few documents, or no words in them.
    """
    rows = held.settled().rows.slice(0, DOCUMENTS)
    n = rows.num_rows
    if n < LEAST:
        return None
    words = words_of(pc.utf8_slice_codeunits(rows["text"], 0, CHARACTERS))
    found = _mapped(_hashed(words, n))
    if found is None:
        return None
    points, labels = found
    said = telling(words, pa.array([str(label) for label in labels.tolist()]), most=CLUSTERS)
    order = sorted(set(labels.tolist()), key=lambda c: (-int((labels == c).sum()), c))
    number = {cluster: i for i, cluster in enumerate(order)}
    return {
        "documents": n,
        "clusters": [
            {
                "documents": int((labels == cluster).sum()),
                "words": _words(said.get(str(cluster), ())),
                "example": _title(rows, int(np.flatnonzero(labels == cluster)[0])),
            }
            for cluster in order
        ],
        "points": [
            [number[cluster], round(float(x), 2), round(float(y), 2)]
            for cluster, (x, y) in zip(labels.tolist(), points.tolist(), strict=True)
        ],
    }


def _title(rows: pa.Table, at: int) -> str:
    row = rows.slice(at, 1).to_pylist()[0]
    return (row["title"] or row["text"])[:100]


def _words(said: Iterable[dict[str, Any]]) -> list[str]:
    """Return the first few words; a Latin letter by itself is none."""
    found = (row["text"] for row in said)
    return [word for word in found if len(word) > 1 or not word.isascii()][:TELLING]


def _hashed(words: Words, documents: int) -> Any:
    """Return how often each word and pair of words stands in each document, by their hashes.

    Sparse, int64[documents, HASHES]. The hash of a word depends on its letters alone.
    """
    from scipy.sparse import csr_array

    of = hashed(words.names, seed=0)[words.codes] if len(words.codes) else np.zeros(0, np.uint64)
    pairs = (of[:-1] * _ODD + of[1:])[words.documents[:-1] == words.documents[1:]]
    where = words.documents[:-1][words.documents[:-1] == words.documents[1:]]
    columns = np.concatenate([of, pairs]) >> np.uint64(64 - HASHES.bit_length() + 1)
    found = np.concatenate([words.documents, where]) * HASHES + columns.astype(np.int64)
    cells, times = np.unique(found, return_counts=True)
    return csr_array((times, (cells // HASHES, cells % HASHES)), shape=(documents, HASHES))


def _mapped(counts: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
    """Return a place between -1 and 1 for each document (float64[n, 2]), and its cluster."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfTransformer
    from threadpoolctl import threadpool_limits

    n = counts.shape[0]
    with threadpool_limits(1):
        seen = np.bincount(counts.indices, minlength=HASHES)
        counts = counts[:, np.flatnonzero((seen > 2) & (seen < 0.6 * n))]
        size = min(DIMENSIONS, counts.shape[1] - 1, n - 1)
        if size < 2:
            return None
        weighted = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
        svd = TruncatedSVD(size, algorithm="randomized", n_iter=ROUNDS, random_state=0)
        dense = svd.fit_transform(weighted)
        dense = np.round(dense / np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9), 6)
        k = max(1, min(CLUSTERS, n // 10, len(np.unique(dense, axis=0))))
        means = KMeans(k, n_init=2, random_state=0).fit(dense)
        return _flat(dense, means), means.labels_


def _flat(dense: np.ndarray[Any, Any], means: Any) -> np.ndarray[Any, Any]:
    """Return the plane in which the clusters' centres differ most, scaled into a square."""
    centres = means.cluster_centers_ - means.cluster_centers_.mean(axis=0)
    axes = np.linalg.svd(centres, full_matrices=False)[2][:2]
    axes *= np.where(axes[np.arange(2), np.abs(axes).argmax(axis=1)] < 0, -1, 1)[:, None]
    flat = (dense - means.cluster_centers_.mean(axis=0)) @ axes.T
    low, high = np.quantile(flat, [0.02, 0.98], axis=0)
    reach = np.where(high > low, high - low, 1)
    return np.clip(1.8 * (flat - low) / reach - 0.9, -1, 1)
