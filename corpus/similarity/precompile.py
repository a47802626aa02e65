"""Compile all kernels of this package, or load them from the cache, before workers are forked."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def precompile() -> None:
    """Call every kernel once, on two short texts."""
    from corpus.documents import ID, KEY, TEXT
    from corpus.observations import in_memory
    from corpus.similarity.bands import Bands
    from corpus.similarity.candidates import PairFilter
    from corpus.similarity.greedy import NO_GROUPS, resolve_duplicates
    from corpus.similarity.large_buckets import large_bucket_pairs
    from corpus.similarity.lines import Lines
    from corpus.similarity.observations import Content, Signatures
    from corpus.similarity.ranked_documents import RankedDocuments

    documents = pa.record_batch(
        {
            ID: pa.array(["one", "other"]),
            KEY: pa.array([bytes(16), bytes(16)], pa.binary(16)),
            TEXT: pa.array(["the very same words"] * 2, pa.large_string()),
        }
    )
    observed = Signatures()
    corpus = in_memory(documents, (Content(), observed, Lines(words=1)))
    ranked, both = RankedDocuments(corpus, observed, np.arange(2)), np.ones(2, np.bool_)
    resolve_duplicates(ranked, threshold=0.8, shape=Bands(25, 5))
    wanted = PairFilter(both, both, NO_GROUPS)
    for _ in large_bucket_pairs(ranked, np.arange(2), wanted, min_similarity=np.array([0.8])):
        pass
