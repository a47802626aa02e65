"""Make ids unique before the first decision.

If several records have the same id and the source gave it to any of them, the record with the
smallest hash keeps it; the others are rejected. Equal records without an id of their own are
numbered instead: `3f..`, `3f..-2`, `3f..-3`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.documents import ID, ID_IS_GIVEN, RECORD, RECORD_HASH, SOURCE, column
from corpus.observations import CorpusView
from corpus.sources import Reject


class UniqueIds(NamedTuple):
    """Documents whose ids are unique, except for those that are rejected."""

    parts: list[pa.RecordBatch]
    """The observations, with equal records numbered."""

    repeated_rows: NDArray[np.int64]
    """Ascending rows of the documents whose id another record keeps."""

    rejects: list[Reject]
    """A reject for each of these rows."""


def make_ids_unique(corpus: CorpusView, keys: NDArray[np.uint64]) -> UniqueIds:
    """Return the corpus with unique ids. `keys` is uint64[n_documents, 2], hashes of the ids."""
    parts = list(corpus.parts)
    groups = _groups_of_equal_keys(keys)
    if not groups:
        return UniqueIds(parts, np.zeros(0, np.int64), [])
    rows = np.concatenate(groups)
    names = (ID_IS_GIVEN, RECORD_HASH, ID)
    observed = {name: corpus.column(name).take(pa.array(rows)).to_pylist() for name in names}
    position = {int(row): i for i, row in enumerate(rows)}

    new_ids: dict[int, str] = {}
    repeated: list[int] = []
    for group in groups:
        at = [position[int(row)] for row in group]
        if any(observed[ID_IS_GIVEN][i] for i in at):
            by_hash = sorted(
                zip(at, group, strict=True), key=lambda x: (observed[RECORD_HASH][x[0]], x[1])
            )
            repeated += [int(row) for _, row in by_hash[1:]]
        else:
            base = observed[ID][at[0]]
            new_ids |= {int(row): f"{base}-{k + 1}" for k, row in enumerate(group) if k}
    repeated_rows = np.array(sorted(repeated), np.int64)
    return UniqueIds(_rename(parts, new_ids), repeated_rows, _rejects(corpus, repeated_rows))


def _groups_of_equal_keys(keys: NDArray[np.uint64]) -> list[NDArray[np.int64]]:
    """Return the rows of each key that more than one row has."""
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    equals_next = np.all(keys[order][1:] == keys[order][:-1], axis=1)
    if not equals_next.any():
        return []
    edges = np.diff(np.concatenate([[False], equals_next, [False]]).astype(np.int8))
    return [order[a : b + 1] for a, b in np.flatnonzero(edges).reshape(-1, 2)]


def _rename(parts: Sequence[pa.RecordBatch], new_ids: dict[int, str]) -> list[pa.RecordBatch]:
    """Return the parts with the ids of these rows replaced."""
    renamed = list(parts)
    if not new_ids:
        return renamed
    starts = np.cumsum([0, *(part.num_rows for part in parts)])
    rows = np.array(sorted(new_ids), np.int64)
    for index in np.unique(np.searchsorted(starts, rows, side="right") - 1):
        ids = parts[index].column(ID).to_pylist()
        low, high = np.searchsorted(rows, (starts[index], starts[index + 1]))
        for row in rows[low:high]:
            ids[row - starts[index]] = new_ids[int(row)]
        renamed[index] = column(parts[index], ID, ids, pa.string())
    return renamed


def _rejects(corpus: CorpusView, rows: NDArray[np.int64]) -> list[Reject]:
    """Return a reject for each row whose id another record keeps."""
    if not len(rows):
        return []
    return [
        Reject(
            record[SOURCE],
            record[RECORD],
            f"the id {record[ID]!r} is given more than once; "
            "the record whose hash is smallest keeps it",
        )
        for record in corpus.documents(rows, [ID, SOURCE, RECORD]).to_pylist()
    ]
