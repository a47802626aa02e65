"""The results of the last pass in the cache, one for each partition.

The name of a result is a hash of everything that it depends on: the rows of each run in the
partition, the decisions on them, the columns of the shards, the settings of the stages, the code
and the libraries. The partition's own range is not part of it: new documents may move its ends.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus import storage
from corpus.pipeline.apply_stage import decision_column, open_decisions
from corpus.pipeline.counted import Counted
from corpus.pipeline.identity import canonical_json
from corpus.pipeline.partitions import LastPass, Partition
from corpus.pipeline.shards import RowGroups

SUMMARY = "summary.pickle"

_LOADED = {
    ("collections", "Counter"),
    ("corpus.auditing.measure.bottom_k", "BottomK"),
    ("corpus.auditing.measure.name_counts", "NameCounts"),
    ("corpus.auditing.measure.repeats", "Repeats"),
    ("corpus.auditing.measure.statistics", "Statistics"),
    ("corpus.auditing.measure.text_sample", "TextSample"),
    ("corpus.pipeline.counted", "Counted"),
    ("corpus.pipeline.counted", "Removals"),
    ("corpus.pipeline.partition_results", "_table_of"),
    ("corpus.pipeline.redaction_ledger", "Redactions"),
}
"""What a summary may contain. Nothing else is loaded from one: it comes from a file."""

_NOT_READABLE = (OSError, EOFError, IndexError, TypeError, ValueError, pickle.UnpicklingError)
"""What reading a summary raises if something else was written there."""

RowGroupsByDestination = dict[str, RowGroups]


class PartitionResult(NamedTuple):
    """What the last pass has written and counted of one partition."""

    folder: Path
    row_groups: RowGroupsByDestination
    counted: Counted


def names_of_results(partitions: Sequence[Partition], common: LastPass) -> list[str]:
    """Return the name of the result of each partition: a hash of everything that it depends on."""
    hashes = dict(zip((run.folder for run in common.all_runs), common.hashes, strict=True))
    shown: list[set[str]] = [set() for _ in partitions]
    rows: list[list[Any]] = [[] for _ in partitions]
    removed: list[list[Any]] = [[] for _ in partitions]
    for run, file in zip(common.runs, common.decisions, strict=True):
        observed, decisions = run.observed(), open_decisions(file)
        for number, part in enumerate(partitions):
            first, last = part.rows_of(observed)
            if first < last:
                here = decisions.slice(first, last - first)
                shown[number] |= _shown_clusters(len(common.stages), here, common.cluster_ids)
                digest = hashlib.blake2b(here.serialize(), digest_size=16)
                rows[number].append([hashes[run.folder], first, last, digest.hexdigest()])
    for run, name in zip(common.all_runs, common.hashes, strict=True):
        of_run = run.removed()
        for number, part in enumerate(partitions):
            first, last = part.rows_of(of_run)
            if first < last:
                removed[number].append([name, first, last])
    keys = [
        {
            "settings": common.settings,
            "row_groups": sorted(part.with_row_group),
            "rows": sorted(rows[number]),
            "removed": sorted(removed[number]),
            "shown": sorted(shown[number]),
        }
        for number, part in enumerate(partitions)
    ]
    return [hashlib.sha256(canonical_json(key)).hexdigest()[:32] for key in keys]


def _shown_clusters(
    n_stages: int, decisions: pa.RecordBatch, cluster_ids: tuple[str, ...]
) -> set[str]:
    """Return those of the clusters that the audit shows of which a document is here."""
    shown: set[str] = set()
    for number in range(n_stages):
        evidence = decisions.column(decision_column(number, "evidence"))
        if evidence.null_count < len(evidence):
            is_shown = pc.is_in(evidence, pa.array(cluster_ids, pa.string()))
            shown.update(evidence.filter(is_shown).to_pylist())
    return shown - {None}


def reuse_or_write(
    folder: Path, write: Callable[[Path], tuple[RowGroupsByDestination, Counted]]
) -> PartitionResult:
    """Return the result in a folder of the cache; if it is missing or damaged, write it anew.

    `write` writes its files into a folder, and returns what they are.
    """
    if result := _read(folder):
        return result
    storage.discard(folder, unless=lambda path: _read(path) is not None)
    with storage.new_folder(folder) as half:
        row_groups, counted = write(half)
        names = {each: part.path.relative_to(half) for each, part in row_groups.items()}
        files = {
            path.relative_to(half).as_posix(): storage.sha256(path)
            for path in sorted(half.rglob("*"))
            if path.is_file()
        }
        parts = {each: (str(names[each]), *part[1:]) for each, part in row_groups.items()}
        summary = io.BytesIO()
        _Pickler(summary).dump((files, parts, counted))
        with storage.new_file(half / SUMMARY) as out:
            out.write(storage.seal(folder.name, summary.getvalue()))
    moved = {each: part._replace(path=folder / names[each]) for each, part in row_groups.items()}
    return PartitionResult(folder, moved, counted)


def _read(folder: Path) -> PartitionResult | None:
    """Return the result in a folder; None if it is missing, damaged, or not what it should be."""
    try:
        summary = storage.unseal(folder.name, (folder / SUMMARY).read_bytes())
        if summary is None:
            return None
        files, parts, counted = _Unpickler(io.BytesIO(summary)).load()
        if any(storage.sha256(folder / name) != sha256 for name, sha256 in files.items()):
            return None
    except _NOT_READABLE:
        return None
    row_groups = {each: RowGroups(folder / part[0], *part[1:]) for each, part in parts.items()}
    return PartitionResult(folder, row_groups, counted)


class _Pickler(pickle.Pickler):
    """Writes tables as Arrow streams."""

    def reducer_override(self, value: Any) -> Any:
        """Return how to make a table again."""
        if not isinstance(value, pa.Table):
            return NotImplemented
        batches = value.combine_chunks().to_batches()
        messages = [part.serialize().to_pybytes() for part in (value.schema, *batches)]
        return _table_of, (messages,)


def _table_of(messages: Sequence[bytes]) -> pa.Table:
    """Return the table of an Arrow schema and batches."""
    from pyarrow import ipc

    schema = ipc.read_schema(pa.py_buffer(messages[0]))
    batches = (ipc.read_record_batch(message, schema) for message in messages[1:])
    return pa.Table.from_batches(batches, schema)


class _Unpickler(pickle.Unpickler):
    """Loads what a summary may contain, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class that a summary may contain; raises `UnpicklingError` for others."""
        if (module, name) not in _LOADED:
            raise pickle.UnpicklingError(f"{module}.{name} does not belong into a summary")
        return super().find_class(module, name)
