"""Draw a map of topics: a thousand documents, clustered, on two axes.

Words and pairs of words are hashed, counted and weighted (tf-idf), reduced to a few dimensions
(truncated SVD), and clustered (k-means). The axes of the map are the two directions in which the
cluster centres differ most. One thread, a fixed seed and rounded numbers make it reproducible.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.bottom_k import hash_strings
from corpus.auditing.measure.distinctive_words import distinctive_words
from corpus.auditing.measure.text_sample import TextSample
from corpus.auditing.measure.vocabulary import Words, split_words
from corpus.auditing.report import DistinctiveWord, Topics

MAX_DOCUMENTS, MIN_DOCUMENTS = 1000, 30
"""Maximum number of documents on the map, and the number below which there is no map."""

MAX_TEXT_CHARACTERS = 2000
"""Characters read of each text."""

MAX_TITLE_CHARACTERS = 100

CLUSTERS, DIMENSIONS, HASHES = 12, 24, 1 << 15
WORDS_PER_CLUSTER = 6
POWER_ITERATIONS = 2
"""More iterations of the SVD do not change the clusters."""

_ODD = np.uint64(0x9E3779B97F4A7C15)


def topics(sample: TextSample) -> Topics | None:
    """Return the map: clusters with their distinctive words, and a point for each document.

    None if there are too few documents, or too few words in them.
    """
    rows = sample.trimmed().rows.slice(0, MAX_DOCUMENTS)
    n = rows.num_rows
    if n < MIN_DOCUMENTS:
        return None
    words = split_words(pc.utf8_slice_codeunits(rows["text"], 0, MAX_TEXT_CHARACTERS))
    mapped = _map(_hashed_counts(words, n))
    if mapped is None:
        return None
    points, labels = mapped
    names = pa.array([str(label) for label in labels.tolist()])
    distinctive = distinctive_words(words, names, max_groups=CLUSTERS)
    order = sorted(set(labels.tolist()), key=lambda c: (-int((labels == c).sum()), c))
    number = {cluster: i for i, cluster in enumerate(order)}
    return {
        "documents": n,
        "clusters": [
            {
                "documents": int((labels == cluster).sum()),
                "words": _label_words(distinctive.get(str(cluster), ())),
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
    return (row["title"] or row["text"])[:MAX_TITLE_CHARACTERS]


def _label_words(distinctive: Iterable[DistinctiveWord]) -> list[str]:
    """Return the first few words, without single ASCII characters."""
    names = (row["text"] for row in distinctive)
    return [word for word in names if len(word) > 1 or not word.isascii()][:WORDS_PER_CLUSTER]


def _hashed_counts(words: Words, documents: int) -> Any:
    """Return how often each word and pair of words occurs in each document, by hash.

    Sparse, int64[documents, HASHES]. The hash of a word depends only on its letters.
    """
    from scipy.sparse import csr_array

    if len(words.codes):
        hashes = hash_strings(words.names, seed=0)[words.codes]
    else:
        hashes = np.zeros(0, np.uint64)
    within = words.documents[:-1] == words.documents[1:]
    pairs = (hashes[:-1] * _ODD + hashes[1:])[within]
    columns = np.concatenate([hashes, pairs]) >> np.uint64(64 - HASHES.bit_length() + 1)
    rows = np.concatenate([words.documents, words.documents[:-1][within]])
    cells, times = np.unique(rows * HASHES + columns.astype(np.int64), return_counts=True)
    return csr_array((times, (cells // HASHES, cells % HASHES)), shape=(documents, HASHES))


def _map(counts: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
    """Return a point between -1 and 1 for each document (float64[n, 2]), and its cluster."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfTransformer
    from threadpoolctl import threadpool_limits

    n = counts.shape[0]
    with threadpool_limits(1):
        document_counts = np.bincount(counts.indices, minlength=HASHES)
        useful = (document_counts > 2) & (document_counts < 0.6 * n)
        counts = counts[:, np.flatnonzero(useful)]
        size = min(DIMENSIONS, counts.shape[1] - 1, n - 1)
        if size < 2:
            return None
        weighted = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
        svd = TruncatedSVD(size, algorithm="randomized", n_iter=POWER_ITERATIONS, random_state=0)
        dense = svd.fit_transform(weighted)
        dense = np.round(dense / np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9), 6)
        k = max(1, min(CLUSTERS, n // 10, len(np.unique(dense, axis=0))))
        means = KMeans(k, n_init=2, random_state=0).fit(dense)
        return _project(dense, means), means.labels_


def _project(dense: np.ndarray[Any, Any], means: Any) -> np.ndarray[Any, Any]:
    """Return the plane in which the cluster centres differ most, scaled into a square."""
    centres = means.cluster_centers_ - means.cluster_centers_.mean(axis=0)
    axes = np.linalg.svd(centres, full_matrices=False)[2][:2]
    axes *= np.where(axes[np.arange(2), np.abs(axes).argmax(axis=1)] < 0, -1, 1)[:, None]
    flat = (dense - means.cluster_centers_.mean(axis=0)) @ axes.T
    low, high = np.quantile(flat, [0.02, 0.98], axis=0)
    spread = np.where(high > low, high - low, 1)
    return np.clip(1.8 * (flat - low) / spread - 0.9, -1, 1)
