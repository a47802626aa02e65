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

import numpy as np
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
from corpus.pipeline.sorted_runs import SortedRun, map_batch

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
    keys: list[dict[str, Any]] = [
        {
            "settings": common.settings,
            "row_groups": sorted(part.with_row_group),
            "rows": [],
            "removed": [],
            "shown": set(),
        }
        for part in partitions
    ]
    for run, file in zip(common.runs, common.decisions, strict=True):
        observed, decisions = run.observed(), open_decisions(file)
        ranges = [part.rows_of(observed) for part in partitions]
        documents = _documents_of_group(run, ranges) if _is_of_group(run) else {}
        for number, (first, last) in enumerate(ranges):
            if first < last:
                decided = decisions.slice(first, last - first)
                keys[number]["shown"] |= _shown_clusters(common, decided)
                of_run = documents.get(number) or [hashes[run.folder], first, last]
                keys[number]["rows"].append([of_run, _hash(decided)])
    for run in common.all_runs:
        removed = run.removed()
        for number, part in enumerate(partitions):
            first, last = part.rows_of(removed)
            if first < last:
                keys[number]["removed"].append(_hash(removed.slice(first, last - first)))
    for key in keys:
        key |= {name: sorted(key[name], key=str) for name in ("rows", "removed", "shown")}
    return [hashlib.sha256(canonical_json(key)).hexdigest()[:32] for key in keys]


def _is_of_group(run: SortedRun) -> bool:
    """Return whether a run was made of several files: a new file may make it anew."""
    return len(run.summary().get("inputs", ())) > 1


def _documents_of_group(run: SortedRun, ranges: Sequence[tuple[int, int]]) -> dict[int, str]:
    """Return a hash of the documents of a run in each range, by its number.

    It does not depend on the other documents of the run, as the hash of the run does.
    """
    batches: dict[int, list[pa.RecordBatch]] = {}
    for number, _, batch in run.batches(*ranges):
        batches.setdefault(number, []).append(batch)
    return {number: _hash(pa.concat_batches(each)) for number, each in batches.items()}


def _hash(rows: pa.RecordBatch) -> str:
    """Return a hash of rows that does not depend on where they are in a larger batch."""
    compact = rows.take(pa.array(np.arange(rows.num_rows)))
    return hashlib.blake2b(arrow_stream(compact), digest_size=16).hexdigest()


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
