"""A map of what the documents are about: a thousand or two of them, on two axes, in clusters.

Words and pairs of words are hashed and weighted (tf-idf), brought down to a few dozen dimensions
(truncated SVD), and clustered (k-means); the first two dimensions of what the clusters differ in
are the map. One thread, a fixed seed, and rounded numbers, so that it repeats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from corpus.audit.held import Held
from corpus.audit.vocabulary import telling, words_of

DOCUMENTS, LEAST = 1500, 30
"""Documents on the map at most, and from how many on there is a map."""

CHARACTERS = 4000
"""Characters of each that are read."""

CLUSTERS, DIMENSIONS, HASHES = 12, 40, 1 << 15
TELLING = 6


def topics(held: Held) -> dict[str, Any] | None:
    """Return the map: clusters with their words, and a point for each document.

    None where there are too few documents, or no words in them.
    """
    rows = held.settled().rows.slice(0, DOCUMENTS)
    texts = [text[:CHARACTERS] for text in rows["text"].to_pylist()]
    if len(texts) < LEAST:
        return None
    found = _mapped(texts)
    if found is None:
        return None
    points, labels = found
    words = words_of(pa.array(texts, pa.large_string()))
    said = telling(words, pa.array([str(label) for label in labels.tolist()]), most=CLUSTERS)
    order = sorted(set(labels.tolist()), key=lambda c: (-int((labels == c).sum()), c))
    number = {cluster: i for i, cluster in enumerate(order)}
    return {
        "documents": len(texts),
        "clusters": [
            {
                "documents": int((labels == cluster).sum()),
                "words": [row["text"] for row in said.get(str(cluster), ())][:TELLING],
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


def _mapped(texts: list[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
    """Return a place between -1 and 1 for each text (float64[n, 2]), and its cluster."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from threadpoolctl import threadpool_limits

    hashed = HashingVectorizer(n_features=HASHES, ngram_range=(1, 2), alternate_sign=False)
    with threadpool_limits(1):
        counts = hashed.transform(texts)
        seen = np.asarray((counts > 0).sum(axis=0)).ravel()
        counts = counts[:, (seen > 1) & (seen < 0.6 * len(texts))]
        size = min(DIMENSIONS, counts.shape[1] - 1, len(texts) - 1)
        if size < 2:
            return None
        weighted = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
        dense = TruncatedSVD(size, algorithm="randomized", random_state=0).fit_transform(weighted)
        dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9)
        k = max(2, min(CLUSTERS, len(texts) // 10))
        means = KMeans(k, n_init=2, random_state=0).fit(np.round(dense, 6))
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
