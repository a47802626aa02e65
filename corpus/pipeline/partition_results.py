"""The results of the last pass in the cache, one for each partition.

The name of a result is a hash of everything that it depends on: the rows of each run in the
partition, the decisions on them, the columns of the shards, the settings of the stages, the code
and the libraries. The partition's own range is not part of it: new documents may move its ends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus import storage
from corpus.documents import DUPLICATE_OF
from corpus.pipeline.apply_stage import decision_column, only_marks, open_decisions
from corpus.pipeline.arrow_files import arrow_file, arrow_stream
from corpus.pipeline.counted import Counted, Removals
from corpus.pipeline.identity import canonical_json
from corpus.pipeline.partitions import LastPass, Partition
from corpus.pipeline.redaction_ledger import Redactions
from corpus.pipeline.shards import RowGroups
from corpus.pipeline.sorted_runs import map_batch

SUMMARY = "summary.json"
STATISTICS = "statistics.arrow"

_NOT_READABLE = (AttributeError, OSError, IndexError, KeyError, TypeError, ValueError)
"""What reading a result raises if something else was written there."""

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
                shown[number] |= _shown_clusters(common, here)
                digest = hashlib.blake2b(arrow_stream(here), digest_size=16)
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


def _shown_clusters(common: LastPass, decisions: pa.RecordBatch) -> set[str]:
    """Return those of the clusters that the audit shows of which a document may be here."""
    if not all(map(only_marks, common.stages)):
        return set(common.cluster_ids)  # such a stage may give evidence that it did not decide
    shown: set[str] = set()
    names = (decision_column(number, "evidence") for number in range(len(common.stages)))
    for name in (DUPLICATE_OF, *names):
        evidence = decisions.column(name)
        if evidence.null_count < len(evidence):
            is_shown = pc.is_in(evidence, pa.array(common.cluster_ids, pa.string()))
            shown.update(evidence.filter(is_shown).to_pylist())
    return shown - {None}


def write_result(
    folder: Path, write: Callable[[Path], tuple[RowGroupsByDestination, Counted]]
) -> PartitionResult:
    """Write the result of a partition, and return it.

    `write` writes its files into a folder, and returns what they are.
    """
    with storage.new_folder(folder) as half:
        row_groups, counted = write(half)
        names = {each: part.path.relative_to(half) for each, part in row_groups.items()}
        summary = _store(half, counted)
        summary["row_groups"] = {
            each: [str(names[each]), *part[1:-1], f"{part.content:032x}"]
            for each, part in row_groups.items()
        }
        summary["sha256"] = {
            path.relative_to(half).as_posix(): storage.sha256(path)
            for path in sorted(half.rglob("*"))
            if path.is_file()
        }
        with storage.new_file(half / SUMMARY) as out:
            out.write(storage.seal(folder.name, json.dumps(summary).encode()))
    moved = {each: part._replace(path=folder / names[each]) for each, part in row_groups.items()}
    return PartitionResult(folder, moved, counted)


def read_result(folder: Path) -> PartitionResult | None:
    """Return the result in a folder; None if it is missing or damaged. A damaged one is deleted."""
    result = _read(folder)
    if result is None:
        storage.discard(folder, unless=lambda path: _read(path) is not None)
    return result


def _read(folder: Path) -> PartitionResult | None:
    try:
        data = storage.unseal(folder.name, (folder / SUMMARY).read_bytes())
        if data is None:
            return None
        summary = json.loads(data)
        if any(
            storage.sha256(folder / name) != sha256 for name, sha256 in summary["sha256"].items()
        ):
            return None
        row_groups = {
            each: RowGroups(folder / path, rows, size, int(content, 16))
            for each, (path, rows, size, content) in summary["row_groups"].items()
        }
        return PartitionResult(folder, row_groups, _restore(folder, summary))
    except _NOT_READABLE:
        return None


def _store(folder: Path, counted: Counted) -> dict[str, Any]:
    """Write the tables of what was counted, and return the rest as JSON."""
    stored: dict[str, Any] = {
        "removals": counted.removals,
        "redactions": counted.redactions,
        "examples": counted.examples,
        "excerpts": counted.excerpts,
    }
    if counted.statistics is not None:
        from corpus.auditing.measure.stored_statistics import store

        stored["statistics"], tables = store(counted.statistics)
        cells = {
            name: pa.array([arrow_stream(t).to_pybytes()], pa.large_binary())
            for name, t in tables.items()
        }
        batch = pa.record_batch(cells)
        with arrow_file(folder / STATISTICS, batch.schema) as out:
            out.write_batch(batch)
    return stored


def _restore(folder: Path, stored: Mapping[str, Any]) -> Counted:
    """Return what was counted."""
    statistics = None
    if "statistics" in stored:
        from corpus.auditing.measure.stored_statistics import restore

        cells = map_batch(folder / STATISTICS)
        tables = {name: _table(cells.column(name)[0].as_buffer()) for name in cells.schema.names}
        statistics = restore(stored["statistics"], tables)
    return Counted(
        statistics,
        tuple(Removals(*each) for each in stored["removals"]),
        tuple(Redactions(*each) for each in stored["redactions"]),
        tuple(stored["examples"]),
        tuple((id, text) for id, text in stored["excerpts"]),
    )


def _table(message: pa.Buffer) -> pa.Table:
    from pyarrow import ipc

    return ipc.open_stream(message).read_all()
