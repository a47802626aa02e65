"""The decisions of a stage that compares documents, and the metrics that it reports with them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import number_column
from corpus.documents import ID
from corpus.observations import CorpusView
from corpus.similarity.bands import Bands, comparison_recall

if TYPE_CHECKING:
    from corpus.similarity.compared_pairs import Resolution
    from corpus.similarity.ranked_documents import RankedDocuments

RECALL_SIMILARITIES = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Jaccard similarities for which recall is reported."""

MAX_EXAMPLES = 10
"""Maximum number of near misses and of clusters that are listed individually."""

_METRICS = b"metrics"
_HALF, _LOW_HALF = np.uint64(32), np.uint64(0xFFFFFFFF)


class Removals(NamedTuple):
    """The documents that a stage removes."""

    rows: NDArray[np.int64]
    reasons: Sequence[str | None] | pa.Array
    evidence: pa.Array
    """The id of the document that each is similar to."""

    score: NDArray[np.float64]


def encode_decisions(
    corpus: CorpusView, removals: Removals, metrics: Mapping[str, Any]
) -> pa.RecordBatch:
    """Return one decision per document of the corpus, with the metrics in the schema's metadata."""
    place = np.full(corpus.starts[-1], -1, np.int32)
    place[removals.rows] = np.arange(len(removals.rows), dtype=np.int32)
    taken = number_column(place, place < 0)
    reasons = removals.reasons
    if not isinstance(reasons, pa.Array):
        reasons = pa.array(reasons, pa.string())
    columns = {
        "reason": reasons.take(taken),
        "evidence": removals.evidence.take(taken),
        "score": pa.array(removals.score, pa.float64()).take(taken),
    }
    return with_metrics(pa.record_batch(columns), metrics)


def with_metrics(decisions: pa.RecordBatch, metrics: Mapping[str, Any]) -> pa.RecordBatch:
    """Return decisions with metrics in the schema's metadata."""
    return decisions.replace_schema_metadata({_METRICS: json.dumps(metrics).encode()})


def decoded_metrics(decisions: pa.RecordBatch) -> dict[str, object]:
    """Return the metrics that were stored with the decisions."""
    metadata = decisions.schema.metadata or {}
    return dict(json.loads(metadata.get(_METRICS, b"{}")))


def ids(corpus: CorpusView, rows: NDArray[np.int64]) -> pa.Array:
    """Return the ids of these rows, in the given order."""
    return corpus.take(ID, rows).cast(pa.string())


def band_metrics(shape: Bands, threshold: float, *, hashes: int) -> dict[str, object]:
    """Return the shape of the bands, and their recall at the threshold and other similarities."""

    def recall(similarity: float) -> float:
        return rounded_down(
            comparison_recall(similarity, shape, hashes=hashes, threshold=threshold)
        )

    return {
        "bands": shape.bands,
        "rows": shape.rows,
        "recall_at_threshold": recall(threshold),
        "recall": {f"{similarity:g}": recall(similarity) for similarity in RECALL_SIMILARITIES},
    }


def rounded_down(share: float) -> float:
    """Return a share rounded down to six digits: a recall of almost 1 must not read as 1."""
    return math.floor(share * 1e6) / 1e6


def pair_metrics(documents: RankedDocuments, resolution: Resolution) -> dict[str, object]:
    """Return how many pairs were compared, and the nearest misses among kept documents."""
    pairs, scores = resolution.near_misses, resolution.near_miss_scores
    sides = (pairs & _LOW_HALF).astype(np.int64), (pairs >> _HALF).astype(np.int64)
    names = [
        ids(documents.corpus, documents.rows[side[:MAX_EXAMPLES]]).to_pylist() for side in sides
    ]
    return {
        "compared": resolution.compared,
        "highest_left": rounded_down(resolution.highest_remaining),
        "near_misses": {
            "pairs": len(pairs),
            "nearest": [
                {"id": id, "other": other, "score": round(score, 6)}
                for id, other, score in zip(*names, scores[:MAX_EXAMPLES].tolist(), strict=True)
            ],
        },
    }


def cluster_metrics(
    corpus: CorpusView, rows: NDArray[np.int64], duplicate_of: NDArray[np.int64]
) -> dict[str, object]:
    """Return the number of clusters, their sizes, and the largest ones.

    `duplicate_of` has, for each removed document, the position in `rows` of the kept one.
    """
    kept, duplicates = np.unique(duplicate_of, return_counts=True)
    sizes = duplicates + 1
    largest = np.argsort(-sizes, kind="stable")[:MAX_EXAMPLES]
    power = np.floor(np.log2(sizes)).astype(np.int64)
    return {
        "clusters": {
            "clusters": len(kept),
            "sizes": {
                f"{2**k} to {2 ** (k + 1) - 1}": int((power == k).sum())
                for k in np.unique(power).tolist()
            },
            "largest": [
                {"id": id, "documents": int(size)}
                for id, size in zip(
                    ids(corpus, rows[kept[largest]]).to_pylist(), sizes[largest], strict=True
                )
            ],
        }
    }
