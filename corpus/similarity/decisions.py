"""The decisions of a stage that compares documents: who goes, for whose sake; its figures."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.documents import ID
from corpus.observations import CorpusView
from corpus.similarity.bands import Bands, compared

if TYPE_CHECKING:
    from corpus.similarity.compared_pairs import Settled
    from corpus.similarity.ranked_documents import Ranked

CURVE = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Where recall is told."""

SHOWN = 10
"""Near misses and clusters that are told one by one."""

_METRICS = b"metrics"
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


def decisions(
    corpus: CorpusView,
    rows: NDArray[np.int64],
    goes: NDArray[np.int64],
    reasons: Sequence[str | None],
    evidence: pa.Array,
    score: NDArray[np.float64],
    metrics: Mapping[str, Any],
) -> pa.RecordBatch:
    """Return decisions on every document of the corpus, with the figures that a reader should know.

    Of the documents in `rows`, number `goes[k]` goes, because of `reasons[k]`: `evidence[k]` is
    the id of the document that it is like, `score[k]` how alike they are.
    """
    place = np.full(corpus.starts[-1], -1, np.int64)
    place[rows[goes]] = np.arange(len(goes))
    taken = pa.array(place, mask=place < 0)
    said = {
        "reason": pa.array(reasons, pa.string()).take(taken),
        "evidence": evidence.take(taken),
        "score": pa.array(score, pa.float64()).take(taken),
    }
    return pa.record_batch(said).replace_schema_metadata({_METRICS: json.dumps(metrics).encode()})


def facts_of(said: pa.RecordBatch) -> dict[str, object]:
    """Return the figures that came with the decisions."""
    found = (said.schema.metadata or {}).get(_METRICS, b"{}")
    return dict(json.loads(found))


def ids(corpus: CorpusView, rows: NDArray[np.int64]) -> pa.Array:
    """Return the ids of some rows, in the order given."""
    column, starts = corpus.column(ID), corpus.starts
    part = np.searchsorted(starts, rows, side="right") - 1
    order = np.argsort(part, kind="stable")
    found = [
        column.chunk(each).take(pa.array(rows[part == each] - starts[each]))
        for each in np.flatnonzero(np.bincount(part)).tolist()
    ]
    if not found:
        return pa.array([], pa.string())
    back = np.empty(len(rows), np.int64)
    back[order] = np.arange(len(rows))
    return pa.concat_arrays(found).cast(pa.string()).take(pa.array(back))


def band_facts(shape: Bands, threshold: float, *, hashes: int) -> dict[str, object]:
    """Return how the bands find pairs, at the threshold and elsewhere."""

    def found(similarity: float) -> float:
        return floored(compared(similarity, shape, hashes=hashes, threshold=threshold))

    return {
        "bands": shape.bands,
        "rows": shape.rows,
        "recall_at_threshold": found(threshold),
        "recall": {f"{similarity:g}": found(similarity) for similarity in CURVE},
    }


def floored(share: float) -> float:
    """Return a share rounded down: what is found nearly always must not read as always."""
    return math.floor(share * 1e6) / 1e6


def pair_facts(documents: Ranked, found: Settled) -> dict[str, object]:
    """Return how many pairs were compared, and the nearest of those that both stay."""
    one, other = (found.misses & _LOW).astype(np.int64), (found.misses >> _HALF).astype(np.int64)
    rows = documents.rows
    names = [ids(documents.corpus, rows[side[:SHOWN]]).to_pylist() for side in (one, other)]
    return {
        "compared": found.compared,
        "highest_left": floored(found.left),
        "near_misses": {
            "pairs": len(found.misses),
            "nearest": [
                {"id": a, "other": b, "score": round(s, 6)}
                for a, b, s in zip(*names, found.missed[:SHOWN].tolist(), strict=True)
            ],
        },
    }


def cluster_facts(
    corpus: CorpusView, rows: NDArray[np.int64], near: NDArray[np.int64]
) -> dict[str, object]:
    """Return how many documents are kept for how many, and the largest clusters.

    `near[k]` is the number, in `rows`, of the document that `rows[k]` goes for, -1 if it stays.
    """
    sizes = np.bincount(near[near >= 0], minlength=len(rows)) + 1
    kept = np.flatnonzero(sizes > 1)
    largest = kept[np.argsort(-sizes[kept], kind="stable")][:SHOWN]
    power = np.floor(np.log2(sizes[kept])).astype(np.int64)
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
                    ids(corpus, rows[largest]).to_pylist(), sizes[largest], strict=True
                )
            ],
        }
    }
