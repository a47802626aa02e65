"""Compile every kernel of this package, or load it, before workers are forked."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def warm() -> None:
    """Call every kernel once, on two short texts."""
    from corpus.documents import ID, KEY, TEXT
    from corpus.observations import in_memory
    from corpus.similarity.bands import Bands
    from corpus.similarity.greedy import ALL, settle
    from corpus.similarity.large_buckets import crowd_pairs
    from corpus.similarity.lines import Lines
    from corpus.similarity.observations import Content, Signatures
    from corpus.similarity.ranked_documents import Ranked

    documents = pa.record_batch(
        {
            ID: pa.array(["one", "other"]),
            KEY: pa.array([bytes(16), bytes(16)], pa.binary(16)),
            TEXT: pa.array(["the very same words"] * 2, pa.large_string()),
        }
    )
    observed = Signatures()
    corpus = in_memory(documents, (Content(), observed, Lines(words=1)))
    both, every = Ranked(corpus, observed, np.arange(2)), np.ones(2, np.bool_)
    settle(both, threshold=0.8, shape=Bands(25, 5))
    for _ in crowd_pairs(both, np.arange(2), every, every, least=np.array([0.8]), groups=ALL):
        pass
