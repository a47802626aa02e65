"""Make ids unique before the first decision.

Several records may have the same id, because two files number their records from 0, or because one
file has a record twice. No record is lost:

    same id, same content      one record is kept; the others are removed as exact duplicates
    same id, other content     all are kept and named after their source: `7@en.jsonl`
    ... in the same file       the same, with 16 digits of the record's hash: `7@en.jsonl@8d0f..`
    no id, equal records       all are kept and numbered: `3f..`, `3f..-2`, `3f..-3`

Content means every column except `id` and `source`. Nothing here depends on the order of records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.documents import ID, ID_IS_GIVEN, KEY, RECORD_HASH, column, halves
from corpus.observations import CorpusView
from corpus.pipeline.record_contents import RecordContents, record_contents
from corpus.pipeline.sorted_runs import FetchFromRuns
from corpus.sources.record_keys import document_key

HASH_CHARACTERS = 16
"""Characters of a record's hash in an id that the source's name does not make unique."""

ID_SOURCE = "id_source"
"""The column with the original ids. If the sources have such a column, `_source` is appended."""

MAX_EXAMPLES = 3


class RenamedIds(NamedTuple):
    """Documents that share their id with another document, and got a new one."""

    column: str
    """The column of the shards that has the original ids."""

    documents: int

    examples: list[dict[str, str]]
    """A few of them: `id`, and the original as `id_source`."""


class UniqueIds(NamedTuple):
    """Documents with unique ids."""

    parts: list[pa.RecordBatch]
    """The observations, with new ids and their keys."""

    duplicate_of: pa.ChunkedArray
    """For each document that repeats a record, the id of the one that is kept; else null."""

    renamed: RenamedIds | None
    """None if every id that a source gives was unique, apart from repeated records."""


def make_ids_unique(
    corpus: CorpusView,
    keys: NDArray[np.uint64],
    fetch: FetchFromRuns,
    parallel_map: Callable[..., Iterator[Any]] = map,
) -> UniqueIds:
    """Return the corpus with unique ids. `keys` is uint64[n_documents, 2], hashes of the ids."""
    parts = list(corpus.parts)
    rows, group = _repeated(keys)
    no_duplicates = pa.chunked_array([pa.nulls(len(keys), pa.string())])
    if not len(rows):
        return UniqueIds(parts, no_duplicates, None)
    given = _take(corpus, ID_IS_GIVEN, rows).to_numpy(zero_copy_only=False)
    is_given = np.bincount(group, given)[group] > 0
    parts = _replace_ids(parts, *_numbered(corpus, rows[~is_given], group[~is_given]))
    rows, group = rows[is_given], group[is_given]
    if not len(rows):
        return UniqueIds(parts, no_duplicates, None)
    names = _Names(corpus, rows, group, record_contents(fetch, rows, corpus.starts, parallel_map))
    new_ids = _distinct(names, keys)
    was_renamed = names.is_renamed & ~names.is_duplicate
    changed = names.is_renamed | names.is_duplicate
    new = new_ids.filter(pa.array(changed))
    parts = _replace_ids(parts, names.rows[changed], new, with_keys=True)
    kept = pc.if_else(pa.array(names.is_duplicate), new_ids.take(pa.array(names.first)), None)
    duplicate_of = _scatter(no_duplicates.combine_chunks(), names.rows, kept)
    renamed = _describe(names, new_ids, was_renamed, fetch)
    return UniqueIds(parts, pa.chunked_array([duplicate_of]), renamed)


class _Names:
    """The records that share a given id, sorted by id, content, source and hash of the record."""

    def __init__(
        self,
        corpus: CorpusView,
        rows: NDArray[np.int64],
        group: NDArray[np.int64],
        contents: RecordContents,
    ) -> None:
        record_hashes = _take(corpus, RECORD_HASH, rows)
        keys = (halves(record_hashes), halves(contents.hashes))
        by_hash, by_content = ((key[:, 1], key[:, 0]) for key in keys)
        order = np.lexsort((*by_hash, contents.source_ranks, *by_content, group))
        self.rows, group = rows[order], group[order]
        content, source = keys[1][order], contents.source_ranks[order]
        self.ids = _take(corpus, ID, self.rows)
        self.sources = contents.sources.take(pa.array(source))
        self.hashes = _hex(record_hashes.take(pa.array(order)))

        starts = np.ones(len(group), np.bool_)
        starts[1:] = (group[1:] != group[:-1]) | np.any(content[1:] != content[:-1], axis=1)
        self.is_duplicate = ~starts
        """bool[n]: whether the record repeats the one before it."""
        self.first = np.maximum.accumulate(np.where(starts, np.arange(len(group)), 0))
        """int64[n]: the record that is kept of those with the same id and content."""
        self.is_renamed = (np.bincount(group, starts) > 1)[group]
        """bool[n]: whether the id has several contents."""
        self.needs_hash = self.is_renamed & _shared(group, source, starts)[self.first]
        """bool[n]: whether several kept records have both the id and the source."""

    def new_ids(self) -> pa.Array:
        """Return the id of each record. It is not certain yet that no other document has it."""
        kept = pa.array(self.first)
        ids, sources = self.ids, self.sources.take(kept)
        short = pc.utf8_slice_codeunits(self.hashes, 0, HASH_CHARACTERS).take(kept)
        by_source = pc.binary_join_element_wise(ids, sources, "@")
        by_hash = pc.binary_join_element_wise(ids, sources, short, "@")
        ids = pc.if_else(pa.array(self.is_renamed), by_source, ids)
        ids = pc.if_else(pa.array(self.needs_hash), by_hash, ids)
        number = pa.array(np.arange(len(kept)) - self.first + 1).cast(pa.string())
        numbered = pc.binary_join_element_wise(ids, number, "#")
        return pc.if_else(pa.array(self.is_duplicate), numbered, ids)


def _shared(
    group: NDArray[np.int64], source: NDArray[np.int64], kept: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which records have a kept record other than themselves with their id and source."""
    pairs = group * (source.max() + 1) + source
    _, number = np.unique(pairs, return_inverse=True)
    return np.asarray(np.bincount(number, kept)[number] > 1)


def _distinct(names: _Names, keys: NDArray[np.uint64]) -> pa.Array:
    """Return the new ids of the records; an id that another document has gets the record's hash."""
    changed = np.flatnonzero(names.is_renamed | names.is_duplicate)
    is_other = np.ones(len(keys), np.bool_)
    is_other[names.rows[changed]] = False
    others = keys[is_other, 0]
    ids = names.new_ids()
    while True:
        new = _heads_of_keys(ids.take(pa.array(changed)))
        _, number, count = np.unique(new, return_inverse=True, return_counts=True)
        clash = np.zeros(len(ids), np.bool_)
        clash[changed] = np.isin(new, others) | (count[number] > 1)
        if not clash.any():
            return ids
        longer = pc.binary_join_element_wise(ids, names.hashes, "@")
        ids = pc.if_else(pa.array(clash), longer, ids)


def _heads_of_keys(ids: pa.Array) -> NDArray[np.uint64]:
    """Return the first 64 bits of the key of each id, uint64[n]."""
    heads = b"".join(document_key(id)[:8] for id in ids.to_pylist())
    return np.frombuffer(heads, ">u8").astype(np.uint64)


def _describe(
    names: _Names, new_ids: pa.Array, was_renamed: NDArray[np.bool_], fetch: FetchFromRuns
) -> RenamedIds | None:
    """Return how many documents have a new id, with examples; None if none has."""
    if not was_renamed.any():
        return None
    taken = {name for run in fetch.runs for name in run.schema().names}
    column = ID_SOURCE
    while column in taken:
        column += "_source"
    smallest = np.flatnonzero(was_renamed)[:MAX_EXAMPLES]
    examples = [{ID: new_ids[i].as_py(), "id_source": names.ids[i].as_py()} for i in smallest]
    return RenamedIds(column, int(was_renamed.sum()), examples)


def _repeated(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows whose key another row has, sorted by key, and a number for each key."""
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    equals_next = np.all(keys[order][1:] == keys[order][:-1], axis=1)
    repeats, is_repeated = np.zeros(len(keys), np.bool_), np.zeros(len(keys), np.bool_)
    repeats[1:] = equals_next
    is_repeated[:-1] = equals_next
    is_repeated |= repeats
    return order[is_repeated], np.cumsum(~repeats[is_repeated]) - 1


def _numbered(
    corpus: CorpusView, rows: NDArray[np.int64], group: NDArray[np.int64]
) -> tuple[NDArray[np.int64], pa.Array]:
    """Return the records without an id that are not the first of their kind, and their ids."""
    starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]])[: len(group)])
    first = np.repeat(starts, np.diff([*starts, len(group)]))
    number = np.arange(len(group)) - first + 1
    later = number > 1
    ids = _take(corpus, ID, rows[later])
    numbers = pa.array(number[later]).cast(pa.string())
    return rows[later], pc.binary_join_element_wise(ids, numbers, "-")


def _replace_ids(
    parts: Sequence[pa.RecordBatch],
    rows: NDArray[np.int64],
    ids: pa.Array,
    *,
    with_keys: bool = False,
) -> list[pa.RecordBatch]:
    """Return the parts with the ids of these rows replaced, and their keys if asked."""
    replaced = list(parts)
    starts = np.cumsum([0, *(part.num_rows for part in parts)])
    order = np.argsort(rows)
    rows, ids = rows[order], ids.take(pa.array(order))
    bounds = np.searchsorted(rows, starts)
    for index, part in enumerate(parts):
        low, high = bounds[index], bounds[index + 1]
        if low == high:
            continue
        here, new = rows[low:high] - starts[index], ids.slice(low, high - low)
        replaced[index] = column(part, ID, _scatter(part.column(ID), here, new), pa.string())
        if with_keys:
            keys = pa.array([document_key(id) for id in new.to_pylist()], pa.binary(16))
            keys = _scatter(part.column(KEY), here, keys)
            replaced[index] = column(replaced[index], KEY, keys, pa.binary(16))
    return replaced


def _scatter(array: pa.Array, rows: NDArray[np.int64], values: pa.Array) -> pa.Array:
    """Return an array with the values of these rows replaced."""
    index = np.full(len(array), -1, np.int64)
    index[rows] = np.arange(len(rows))
    chosen = values.take(pa.array(index, mask=index < 0))
    return pc.if_else(pa.array(index >= 0), chosen, array)


def given_ids(part: pa.RecordBatch) -> pa.Array:
    """Return the ids that the sources give; null for records without an id."""
    return pc.if_else(part.column(ID_IS_GIVEN), part.column(ID), pa.scalar(None, pa.string()))


def _take(corpus: CorpusView, name: str, rows: NDArray[np.int64]) -> pa.Array:
    taken = corpus.column(name).take(pa.array(rows))
    return taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken


def _hex(hashes: pa.Array) -> pa.Array:
    return pa.array([scalar.as_py().hex() for scalar in hashes], pa.string())
