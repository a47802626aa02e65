"""Find near duplicates and leaks in a corpus: one that another tool built, or a build to recheck.

The texts of the sample are compared as the stages `deduplicate` and `split` would compare them, by
exact Jaccard similarity. If the sample is not the whole corpus, a pair is only seen if both
documents are in the sample. The counts are then lower bounds, and the report says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.auditing.measure.text_sample import TextSample
from corpus.auditing.report import DocumentExcerpt, Leak, NearDuplicateCluster, NearDuplicates
from corpus.documents import ID, KEY, TEXT

if TYPE_CHECKING:
    from corpus.observations import CorpusView
    from corpus.similarity.observations import Signatures

DUPLICATE_THRESHOLD = 0.8
"""Minimum Jaccard similarity of near duplicates."""

LEAK_THRESHOLD = 0.5
"""Minimum Jaccard similarity of a leak to a document in a held-out split."""

MAX_CLUSTERS, MAX_MEMBERS, MAX_LEAKS = 5, 3, 5
"""Clusters listed, members listed of each, and leaks listed."""

EXCERPT_CHARACTERS = 400
MAX_FIELD_CHARACTERS = 200

HELD_OUT_ORDER = {"test": 0, "validation": 1}
"""Held-out splits come first: a document leaks if it is similar to one in an earlier split."""


def near_duplicates(sample: TextSample) -> NearDuplicates:
    """Return how many documents of the sample are near duplicates, and how many leak.

    `largest` lists clusters: the kept document and a few of its near duplicates.
    """
    from corpus.observations import in_memory
    from corpus.similarity.greedy import resolve_duplicates
    from corpus.similarity.observations import Signatures
    from corpus.similarity.ranked_documents import RankedDocuments, numbers
    from corpus.stages.deduplicate import Deduplicate

    rows = sample.trimmed().rows.combine_chunks()
    stage = Deduplicate(threshold=DUPLICATE_THRESHOLD)
    corpus = in_memory(_documents(rows), stage.observes())
    signatures = next(o for o in stage.observes() if isinstance(o, Signatures))
    ranked = np.flatnonzero(numbers(corpus.column(signatures.shingles)) > 0)
    result = resolve_duplicates(
        RankedDocuments(corpus, signatures, ranked),
        threshold=DUPLICATE_THRESHOLD,
        shape=stage.bands,
    )
    original = np.where(result.duplicate_of >= 0, ranked[result.duplicate_of], -1)
    clusters, largest = _clusters(rows, ranked, original, result.score)
    splits = rows["split"].to_pylist()
    leaks: int | None = None
    leaking: list[Leak] = []
    if len(set(splits)) > 1:
        leaks, leaking = _leaks(rows, splits, corpus, signatures, ranked)
    return {
        "documents": rows.num_rows,
        "whole": sample.complete,
        "threshold": DUPLICATE_THRESHOLD,
        "duplicates": int((original >= 0).sum()),
        "highest_left": round(result.highest_remaining, 6),
        "clusters": clusters,
        "largest": largest,
        "leak_threshold": LEAK_THRESHOLD,
        "leaks": leaks,
        "leaking": leaking,
    }


def _documents(rows: pa.Table) -> pa.RecordBatch:
    """Return the sample as a batch that stages can read."""
    return pa.record_batch(
        {
            KEY: _keys(rows),
            ID: rows[ID].combine_chunks().cast(pa.string()),
            TEXT: _array(rows[TEXT]),
        }
    )


def _array(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array."""
    combined = column.combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined


def _keys(rows: pa.Table) -> pa.Array:
    """Return a key for each row that sorts by hash, then by position."""
    hashes = rows["hash"].to_numpy()
    raw = np.stack([hashes, np.arange(len(hashes), dtype=np.uint64)], axis=1)
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(hashes), [None, pa.py_buffer(np.ascontiguousarray(raw))]
    )


def _clusters(
    rows: pa.Table,
    ranked: NDArray[np.int64],
    original: NDArray[np.int64],
    score: NDArray[np.float64],
) -> tuple[int, list[NearDuplicateCluster]]:
    """Return the number of clusters, and the largest with their least similar members.

    `original` is the row that each ranked document duplicates, or -1.
    """
    duplicates = np.flatnonzero(original >= 0)
    originals, counts = np.unique(original[duplicates], return_counts=True)
    order = np.lexsort((originals, -counts))[:MAX_CLUSTERS]
    largest: list[NearDuplicateCluster] = []
    for row, n in zip(originals[order].tolist(), counts[order].tolist(), strict=True):
        members = duplicates[original[duplicates] == row]
        few = members[np.argsort(score[members], kind="stable")][:MAX_MEMBERS]
        largest.append(
            {
                **_excerpt(rows, row),
                "documents": n + 1,
                "members": [
                    {**_excerpt(rows, int(ranked[m])), "score": round(float(score[m]), 4)}
                    for m in few
                ],
            }
        )
    return len(originals), largest


def _excerpt(rows: pa.Table, at: int) -> DocumentExcerpt:
    row = rows.slice(at, 1).to_pylist()[0]
    return {
        "id": row[ID] and row[ID][:MAX_FIELD_CHARACTERS],
        "title": row["title"] and row["title"][:MAX_FIELD_CHARACTERS],
        "split": row["split"],
        "excerpt": row[TEXT][:EXCERPT_CHARACTERS],
    }


def _leaks(
    rows: pa.Table,
    splits: Sequence[str],
    corpus: CorpusView,
    signatures: Signatures,
    ranked: NDArray[np.int64],
) -> tuple[int, list[Leak]]:
    """Return the number of documents too similar to a held-out one, and the most similar few."""
    from corpus.similarity.greedy import resolve_duplicates
    from corpus.similarity.ranked_documents import RankedDocuments
    from corpus.stages.split import Split

    names = sorted(set(splits), key=lambda name: (HELD_OUT_ORDER.get(name, 2), name))
    groups = np.array([names.index(split) for split in splits])[ranked]
    order = np.argsort(groups, kind="stable")
    by_split = ranked[order]
    starts = np.searchsorted(groups[order], np.arange(len(names)))
    bands: Any = Split(leakage_threshold=LEAK_THRESHOLD).bands
    result = resolve_duplicates(
        RankedDocuments(corpus, signatures, by_split),
        threshold=LEAK_THRESHOLD,
        shape=bands,
        groups=starts,
        leaders=64,
    )
    leaks = np.flatnonzero(result.duplicate_of >= 0)
    most_similar = leaks[np.argsort(-result.score[leaks], kind="stable")][:MAX_LEAKS]
    listed: list[Leak] = [
        {
            **_excerpt(rows, int(by_split[at])),
            "score": round(float(result.score[at]), 4),
            "beside": _excerpt(rows, int(by_split[result.duplicate_of[at]])),
        }
        for at in most_similar
    ]
    return len(leaks), listed
