"""The decisions of a stage that compares documents: who goes, for whose sake; its figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.documents import ID
from corpus.similarity.bands import Bands, recall
from corpus.stages.observed import Observed

_FACTS = b"facts"


def decisions(
    corpus: Observed,
    rows: NDArray[np.int64],
    goes: NDArray[np.int64],
    reasons: Sequence[str | None],
    near: NDArray[np.int64],
    score: NDArray[np.float64],
    facts: Mapping[str, Any],
) -> pa.RecordBatch:
    """Return decisions on every document of the corpus, with the figures that a reader should know.

    Of the documents in `rows`, number `goes[k]` goes, because of `reasons[k]`: `near[k]` is the
    number of the document that is kept, `score[k]` how alike they are.
    """
    place = np.full(corpus.starts[-1], -1, np.int64)
    place[rows[goes]] = np.arange(len(goes))
    taken = pa.array(place, mask=place < 0)
    said = {
        "reason": pa.array(reasons, pa.string()).take(taken),
        "evidence": ids(corpus, rows[near]).take(taken),
        "score": pa.array(score, pa.float64()).take(taken),
    }
    return pa.record_batch(said).replace_schema_metadata({_FACTS: json.dumps(facts).encode()})


def facts_of(said: pa.RecordBatch) -> dict[str, object]:
    """Return the figures that came with the decisions."""
    found = (said.schema.metadata or {}).get(_FACTS, b"{}")
    return dict(json.loads(found))


def ids(corpus: Observed, rows: NDArray[np.int64]) -> pa.Array:
    """Return the ids of some rows, in the order given."""
    column, starts = corpus.column(ID), corpus.starts
    part = np.searchsorted(starts, rows, side="right") - 1
    order = np.argsort(part, kind="stable")
    found = [
        column.chunk(each).take(pa.array(rows[part == each] - starts[each]))
        for each in np.unique(part).tolist()
    ]
    if not found:
        return pa.array([], pa.string())
    back = np.empty(len(rows), np.int64)
    back[order] = np.arange(len(rows))
    return pa.concat_arrays(found).cast(pa.string()).take(pa.array(back))


def band_facts(shape: Bands, threshold: float) -> dict[str, float]:
    """Return how the bands find pairs at the threshold."""
    at = recall(threshold, bands=shape.bands, rows=shape.rows)
    return {"bands": shape.bands, "rows": shape.rows, "recall_at_threshold": round(at, 6)}
