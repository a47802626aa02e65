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

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.documents import ID, ID_IS_GIVEN, KEY, RECORD_HASH, column, halves
from corpus.observations import CorpusView, MappedParts
from corpus.pipeline.arrow_files import arrow_file
from corpus.pipeline.record_contents import RecordContents, record_contents
from corpus.pipeline.sorted_runs import FetchFromRuns, map_batch
from corpus.sources.record_keys import document_key

HASH_CHARACTERS = 16
"""Characters of a record's hash in an id that the source's name does not make unique."""

ID_SOURCE = "id_source"
"""The column with the original ids. If the sources have such a column, `_source` is appended."""

IDS_AT_A_TIME = 1 << 14
"""Ids that are Python strings at the same time; such a string takes about 100 bytes."""

MAX_EXAMPLES = 3


class RenamedIds(NamedTuple):
    """Documents that share their id with another document, and got a new one."""

    column: str
    """The column of the shards that has the original ids."""

    documents: int

    examples: list[dict[str, str]]
    """A few of them: `id`, and the original as `id_source`."""


class RepeatedRecords(NamedTuple):
    """Documents that have the id and the content of a document that is kept."""

    rows: NDArray[np.int64]
    """int64[n_repeated], ascending."""

    kept_ids: pa.Array
    """The id of the document that each repeats (string)."""

    def column(self, first: int, last: int) -> pa.Array:
        """Return, for each of the rows [first, last), the id of what it repeats, or null."""
        low, high = np.searchsorted(self.rows, [first, last])
        none = pa.nulls(last - first, pa.string())
        kept = self.kept_ids.slice(low, high - low)
        return _scatter(none, self.rows[low:high] - first, kept) if low < high else none


class UniqueIds(NamedTuple):
    """Documents with unique ids."""

    parts: MappedParts
    """The observations, with new ids and their keys."""

    duplicate_of: RepeatedRecords | None = None
    """The documents that repeat a record; None if there are none."""

    renamed: RenamedIds | None = None
    """None if every id that a source gives was unique, apart from repeated records."""


def make_ids_unique(
    corpus: CorpusView,
    fetch: FetchFromRuns,
    folder: Path,
    parallel_map: Callable[..., Iterator[Any]] = map,
) -> UniqueIds:
    """Return the corpus with unique ids. New ids are kept in files below `folder`."""
    parts = MappedParts(tuple(run.observed for run in fetch.runs))
    rows, group = _repeated(corpus)
    if not len(rows):
        return UniqueIds(parts)
    given = corpus.take(ID_IS_GIVEN, rows).to_numpy(zero_copy_only=False)
    is_given = np.bincount(group, given)[group] > 0
    later, new = _numbered(corpus, rows[~is_given], group[~is_given])
    parts = _replace_ids(parts, later, new, folder / "numbered")
    rows, group = rows[is_given], group[is_given]
    if not len(rows):
        return UniqueIds(parts)
    names = _Names(corpus, rows, group, record_contents(fetch, rows, corpus.starts, parallel_map))
    new_ids = _distinct(names, corpus)
    was_renamed = names.is_renamed & ~names.is_duplicate
    changed = names.is_renamed | names.is_duplicate
    new = new_ids.filter(pa.array(changed))
    parts = _replace_ids(parts, names.rows[changed], new, folder / "renamed", with_keys=True)
    return UniqueIds(
        parts, _repeated_records(names, new_ids), _describe(names, new_ids, was_renamed, fetch)
    )


class _Names:
    """The records that share a given id, sorted by id, content, source and hash of the record."""

    def __init__(
        self,
        corpus: CorpusView,
        rows: NDArray[np.int64],
        group: NDArray[np.int64],
        contents: RecordContents,
    ) -> None:
        record_hashes = corpus.take(RECORD_HASH, rows)
        keys = (halves(record_hashes), halves(contents.hashes))
        by_hash, by_content = ((key[:, 1], key[:, 0]) for key in keys)
        order = np.lexsort((*by_hash, contents.source_ranks, *by_content, group))
        self.rows, group = rows[order], group[order]
        content, source = keys[1][order], contents.source_ranks[order]
        self.ids = corpus.take(ID, self.rows)
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


def _repeated_records(names: _Names, new_ids: pa.Array) -> RepeatedRecords | None:
    """Return the documents that repeat a record, in the order of their rows."""
    repeated = np.flatnonzero(names.is_duplicate)
    if not len(repeated):
        return None
    repeated = repeated[np.argsort(names.rows[repeated])]
    return RepeatedRecords(
        names.rows[repeated], new_ids.take(pa.array(names.first[repeated])).cast(pa.string())
    )


def _distinct(names: _Names, corpus: CorpusView) -> pa.Array:
    """Return the new ids of the records; an id that another document has gets the record's hash."""
    changed = np.flatnonzero(names.is_renamed | names.is_duplicate)
    is_other = np.ones(int(corpus.starts[-1]), np.bool_)
    is_other[names.rows[changed]] = False
    ids = names.new_ids()
    while True:
        new = _heads_of_keys(ids.take(pa.array(changed)))
        is_taken = np.isin(new, _repeated_values(new.copy()))
        for first, heads in _heads_by_part(corpus):
            is_taken |= np.isin(new, heads[is_other[first : first + len(heads)]])
        clash = np.zeros(len(ids), np.bool_)
        clash[changed] = is_taken
        if not clash.any():
            return ids
        longer = pc.binary_join_element_wise(ids, names.hashes, "@")
        ids = pc.if_else(pa.array(clash), longer, ids)


def _heads_of_keys(ids: pa.Array) -> NDArray[np.uint64]:
    """Return the first 64 bits of the key of each id, uint64[n]."""
    keys = np.empty(len(ids), np.uint64)
    for first in range(0, len(ids), IDS_AT_A_TIME):
        block = ids.slice(first, IDS_AT_A_TIME).to_pylist()
        heads = b"".join(document_key(id)[:8] for id in block)
        keys[first : first + len(block)] = np.frombuffer(heads, ">u8")
    return keys


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


def _repeated(corpus: CorpusView) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows whose key another row has, sorted by key, and a number for each key.

    Only 8 bytes of every key are in memory at a time, and whole keys of the few that share them.
    """
    heads = np.empty(int(corpus.starts[-1]), np.uint64)
    for first, part_heads in _heads_by_part(corpus):
        heads[first : first + len(part_heads)] = part_heads
    shared = _repeated_values(heads)
    del heads
    if not len(shared):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    rows = np.concatenate(
        [first + np.flatnonzero(np.isin(heads, shared)) for first, heads in _heads_by_part(corpus)]
    )
    keys = halves(corpus.take(KEY, rows))
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    equals_next = np.all(keys[order][1:] == keys[order][:-1], axis=1)
    repeats, is_repeated = np.zeros(len(keys), np.bool_), np.zeros(len(keys), np.bool_)
    repeats[1:] = equals_next
    is_repeated[:-1] = equals_next
    is_repeated |= repeats
    return rows[order[is_repeated]], np.cumsum(~repeats[is_repeated]) - 1


def _repeated_values(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the values that occur more than once, ascending, each once; sorts `values`."""
    values.sort()
    return np.unique(values[1:][values[1:] == values[:-1]])


def _heads_by_part(corpus: CorpusView) -> Iterator[tuple[int, NDArray[np.uint64]]]:
    """Yield the first row of each part, and the first 64 bits of the keys of its documents."""
    for index, first in enumerate(corpus.starts[:-1].tolist()):
        yield first, halves(corpus.parts[index].column(KEY))[:, 0]


def _numbered(
    corpus: CorpusView, rows: NDArray[np.int64], group: NDArray[np.int64]
) -> tuple[NDArray[np.int64], pa.Array]:
    """Return the records without an id that are not the first of their kind, and their ids."""
    starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]])[: len(group)])
    first = np.repeat(starts, np.diff([*starts, len(group)]))
    number = np.arange(len(group)) - first + 1
    later = number > 1
    ids = corpus.take(ID, rows[later])
    numbers = pa.array(number[later]).cast(pa.string())
    return rows[later], pc.binary_join_element_wise(ids, numbers, "-")


def _replace_ids(
    parts: MappedParts,
    rows: NDArray[np.int64],
    ids: pa.Array,
    folder: Path,
    *,
    with_keys: bool = False,
) -> MappedParts:
    """Return the parts with the ids of these rows replaced, and their keys if asked.

    The new columns are in files below `folder`.
    """
    openers = list(parts.openers)
    starts = np.cumsum([0, *(part.num_rows for part in parts)])
    order = np.argsort(rows)
    rows, ids = rows[order], ids.take(pa.array(order))
    bounds = np.searchsorted(rows, starts)
    for index in np.flatnonzero(np.diff(bounds)).tolist():
        low, high, part = bounds[index], bounds[index + 1], parts[index]
        here, new = rows[low:high] - starts[index], ids.slice(low, high - low)
        columns = {ID: _scatter(part.column(ID), here, new).cast(pa.string())}
        if with_keys:
            keys = pa.array([document_key(id) for id in new.to_pylist()], pa.binary(16))
            columns[KEY] = _scatter(part.column(KEY), here, keys)
        batch, path = pa.record_batch(columns), folder / f"{index:06d}.arrow"
        with arrow_file(path, batch.schema) as out:
            out.write_batch(batch)
        openers[index] = partial(_with_columns, openers[index], path)
    return MappedParts(tuple(openers))


def _with_columns(opener: Callable[[], pa.RecordBatch], path: Path) -> pa.RecordBatch:
    """Return a part with the columns in a file in place of its own."""
    part = opener()
    for field, values in zip((new := map_batch(path)).schema, new.columns, strict=True):
        part = column(part, field.name, values, field.type)
    return part


def _scatter(array: pa.Array, rows: NDArray[np.int64], values: pa.Array) -> pa.Array:
    """Return an array with the values of these rows replaced."""
    index = np.full(len(array), -1, np.int64)
    index[rows] = np.arange(len(rows))
    chosen = values.take(pa.array(index, mask=index < 0))
    return pc.if_else(pa.array(index >= 0), chosen, array)


def given_ids(part: pa.RecordBatch) -> pa.Array:
    """Return the ids that the sources give; null for records without an id."""
    return pc.if_else(part.column(ID_IS_GIVEN), part.column(ID), pa.scalar(None, pa.string()))


def _hex(hashes: pa.Array) -> pa.Array:
    blocks = [
        pa.array([value.hex() for value in block.to_pylist()], pa.string())
        for first in range(0, len(hashes), IDS_AT_A_TIME)
        for block in [hashes.slice(first, IDS_AT_A_TIME)]
    ]
    return pa.concat_arrays(blocks) if blocks else pa.array([], pa.string())
