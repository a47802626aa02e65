"""Near duplicates and leaks in a corpus that somebody else built, or that is to be checked again.

The texts that are held are compared as the stages `deduplicate` and `split` would compare them, by
exact Jaccard. Where only some documents are held, a pair is seen only if both are: what is told is
then a lower bound, and says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.auditing.measure.text_sample import Held
from corpus.documents import ID, KEY, TEXT

THRESHOLD, LEAK = 0.8, 0.5
"""The Jaccard from which documents say the same, and from which one leaks."""

LARGEST, MEMBERS = 5, 3
EXCERPT = 400

HELD_OUT = {"test": 0, "validation": 1}
"""Splits in the order in which they come before all others."""


def likeness(held: Held) -> dict[str, Any]:
    """Return how many of the held documents say the same as another, and across splits.

    `clusters` are told with how the kept text and a few of the others begin.
    """
    from corpus.observations import in_memory
    from corpus.similarity.observations import Signatures
    from corpus.similarity.ranked_documents import RankedDocuments, numbers
    from corpus.stages.deduplicate import Deduplicate
    from corpus.stages.split import Split

    rows = held.settled().rows.combine_chunks()
    documents = pa.record_batch(
        {
            KEY: _keys(rows),
            ID: rows[ID].combine_chunks().cast(pa.string()),
            TEXT: _one(rows[TEXT]),
        }
    )
    stage = Deduplicate(threshold=THRESHOLD)
    corpus = in_memory(documents, stage.observes())
    signatures = next(o for o in stage.observes() if isinstance(o, Signatures))
    shingled = numbers(corpus.column(signatures.shingles)) > 0
    ranked = np.flatnonzero(shingled)
    found = _settled(RankedDocuments(corpus, signatures, ranked), THRESHOLD, stage.bands)
    near = np.where(found.duplicate_of >= 0, ranked[found.duplicate_of], -1)
    told: dict[str, Any] = {
        "documents": rows.num_rows,
        "whole": held.whole,
        "threshold": THRESHOLD,
        "duplicates": int((near >= 0).sum()),
        "highest_left": round(found.highest_remaining, 6),
        **_clusters(rows, ranked, near, found.score),
        "leak_threshold": LEAK,
        "leaks": None,
        "leaking": [],
    }
    splits = rows["split"].to_pylist()
    if len(set(splits)) > 1:
        shape = Split(leakage_threshold=LEAK).bands
        told |= _leaks(RankedDocuments, corpus, signatures, ranked, splits, rows, shape)
    return told


def _one(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found


def _keys(rows: pa.Table) -> pa.Array:
    hashes = rows["hash"].to_numpy()
    raw = np.stack([hashes, np.arange(len(hashes), dtype=np.uint64)], axis=1)
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(hashes), [None, pa.py_buffer(np.ascontiguousarray(raw))]
    )


def _settled(documents: Any, threshold: float, shape: Any, **groups: Any) -> Any:
    from corpus.similarity.greedy import resolve_duplicates

    return resolve_duplicates(documents, threshold=threshold, shape=shape, **groups)


def _clusters(
    rows: pa.Table, ranked: NDArray[np.int64], near: NDArray[np.int64], score: NDArray[np.float64]
) -> dict[str, Any]:
    goes = np.flatnonzero(near >= 0)
    originals, counts = np.unique(near[goes], return_counts=True)
    order = np.lexsort((originals, -counts))[:LARGEST]
    told = []
    for original, n in zip(originals[order].tolist(), counts[order].tolist(), strict=True):
        members = goes[near[goes] == original]
        few = members[np.argsort(score[members], kind="stable")][:MEMBERS]
        told.append(
            _short(rows, original)
            | {
                "documents": n + 1,
                "members": [
                    _short(rows, int(ranked[m])) | {"score": round(float(score[m]), 4)} for m in few
                ],
            }
        )
    return {"clusters": len(originals), "largest": told}


def _short(rows: pa.Table, at: int) -> dict[str, Any]:
    row = rows.slice(at, 1).to_pylist()[0]
    return {
        ID: row[ID] and row[ID][:200],
        "title": row["title"] and row["title"][:200],
        "split": row["split"],
        "excerpt": row[TEXT][:EXCERPT],
    }


def _leaks(
    ranking: Any,
    corpus: Any,
    signatures: Any,
    ranked: NDArray[np.int64],
    splits: list[str],
    rows: pa.Table,
    shape: Any,
) -> dict[str, Any]:
    """Return how many documents are too near to one that is held out, and the nearest few."""
    names = sorted(set(splits), key=lambda name: (HELD_OUT.get(name, 2), name))
    groups = np.array([names.index(split) for split in splits])[ranked]
    order = np.argsort(groups, kind="stable")
    mine = ranked[order]
    starts = np.searchsorted(groups[order], np.arange(len(names)))
    found = _settled(ranking(corpus, signatures, mine), LEAK, shape, groups=starts, leaders=64)
    goes = np.flatnonzero(found.duplicate_of >= 0)
    few = goes[np.argsort(-found.score[goes], kind="stable")][:LARGEST]
    told = [
        _short(rows, int(mine[at]))
        | {
            "score": round(float(found.score[at]), 4),
            "beside": _short(rows, int(mine[found.duplicate_of[at]])),
        }
        for at in few
    ]
    return {"leaks": len(goes), "leaking": told}
