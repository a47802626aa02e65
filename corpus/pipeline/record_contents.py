"""Compare records that share an id: a hash of the content of each, and its source.

Only these records are read again, each batch once. Memory holds 24 bytes for each of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.documents import ID, ORIGIN, OTHER_COLUMNS, PORTION, SOURCE
from corpus.pipeline.sorted_runs import FetchFromRuns
from corpus.sources.columns.extra import original_values
from corpus.sources.json.text import canonical, parse

_NOT_CONTENT = frozenset([ID, SOURCE, PORTION, *ORIGIN.names])


class RecordContents(NamedTuple):
    """The content and the source of some records, in the order of their rows."""

    hashes: pa.Array
    """binary(16)[n_rows]: equal for records with equal values in every column but id and source."""

    source_ranks: NDArray[np.int64]
    """int64[n_rows]: the position of the record's source in `sources`."""

    sources: pa.Array
    """The names of the sources (string), sorted."""


def record_contents(
    fetch: FetchFromRuns,
    rows: NDArray[np.int64],
    starts: NDArray[np.int64],
    parallel_map: Callable[..., Iterator[Any]] = map,
) -> RecordContents:
    """Return the content of the rows, in their order; `starts` has the first row of each part."""
    order = np.argsort(rows, kind="stable")
    bounds = np.searchsorted(rows[order], starts)
    tasks = [
        (part, rows[order[low:high]] - starts[part])
        for part, (low, high) in enumerate(pairwise(bounds.tolist()))
        if low < high
    ]
    hashes, sources = [], []
    for part_hashes, part_sources in parallel_map(partial(_read_contents, fetch), tasks):
        hashes.append(part_hashes)
        sources.append(part_sources)
    inverse = np.empty(len(rows), np.int64)
    inverse[order] = np.arange(len(rows))
    names = pc.unique(pa.chunked_array(sources)).sort()
    ranks = pc.index_in(pa.chunked_array(sources), names).to_numpy().astype(np.int64)
    return RecordContents(
        pa.concat_arrays(hashes).take(pa.array(inverse)), ranks[inverse], names.cast(pa.string())
    )


def _read_contents(
    fetch: FetchFromRuns, task: tuple[int, NDArray[np.int64]]
) -> tuple[pa.Array, pa.Array]:
    """Return hash and source of these rows of a run, one batch of the run after the other."""
    part, rows = task
    run = fetch.runs[part]
    names = [name for name in run.schema().names if name not in _NOT_CONTENT]
    hashes: list[bytes] = []
    sources: list[pa.Array] = []
    bounds: Sequence[int] = np.searchsorted(rows, np.asarray(run.starts)).tolist()
    for low, high in pairwise(bounds):
        if low < high:
            documents = fetch(part, rows[low:high], [*names, SOURCE])
            hashes += _content_hashes(documents.select(names))
            sources.append(documents.column(SOURCE))
    return pa.array(hashes, pa.binary(16)), pa.concat_arrays(sources)


def _content_hashes(documents: pa.RecordBatch) -> list[bytes]:
    """Return a hash of each row. A column without a value does not count."""
    columns = [
        original_values(array, field)
        for field, array in zip(documents.schema, documents.columns, strict=True)
    ]
    names = documents.schema.names
    hashes = []
    for row in zip(*columns, strict=True):
        values = {name: v for name, v in zip(names, row, strict=True) if v is not None}
        if OTHER_COLUMNS in values:
            values |= parse(values.pop(OTHER_COLUMNS).encode())
        hashes.append(hashlib.blake2b(canonical(values), digest_size=16).digest())
    return hashes
