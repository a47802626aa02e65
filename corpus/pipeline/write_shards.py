"""Write the documents of a shard, and measure them for the audit while they are in memory.

A shard that several partitions share is written in two steps: each partition writes a fragment, and
a later task joins the fragments.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from corpus.auditing.measure.examples import Excerpt
from corpus.builds.manifest import FileEntry
from corpus.pipeline.arrow_files import arrow_file
from corpus.pipeline.redaction_ledger import Redactions
from corpus.pipeline.shards import ShardDocuments, documents_of_table, write_shard

if TYPE_CHECKING:
    from corpus.auditing.measure.statistics import Statistics


class Removals(NamedTuple):
    """The documents that one stage removed for one reason."""

    stage: str
    reason: str
    documents: int
    characters: int


@dataclass(frozen=True)
class Written:
    """What a task wrote."""

    files: dict[str, FileEntry]
    """The entry of each shard in the manifest, by its path."""

    statistics: Statistics | None
    """The statistics of the documents in these shards; None without shards."""

    removals: tuple[Removals, ...] = ()

    redactions: tuple[Redactions, ...] = ()
    """What was redacted in the documents that are kept."""

    bytes: int = 0
    """Bytes of text in the shards."""

    examples: tuple[dict[str, Any], ...] = ()
    """A few removed documents of each stage and reason, ordered by key."""

    excerpts: tuple[Excerpt, ...] = ()
    """The beginnings of some removed documents, which the audit shows next to the kept ones."""


@dataclass(frozen=True)
class JoinTask:
    """Join fragments into one shard: a picklable task."""

    split: str
    fragments: tuple[Path, ...]
    shard: Path
    schema: pa.Schema
    token_column: str | None = None


def write_and_measure(
    shard: Path,
    documents: ShardDocuments,
    schema: pa.Schema,
    split: str,
    token_column: str | None = None,
) -> Written:
    """Measure documents for the audit and write them to a shard.

    `token_column` has their number of tokens, if a stage has counted them.
    """
    from corpus.auditing.measure.counting import measure
    from corpus.auditing.measure.statistics import Statistics

    parts: list[Statistics] = []
    entry = write_shard(
        shard,
        documents,
        schema,
        lambda part: parts.append(measure(part, split=split, token_column=token_column)),
    )
    statistics = reduce(Statistics.merge, parts, Statistics())
    return Written({str(shard): entry}, statistics, bytes=int(documents.sizes.sum()))


def merge_written(first: Written, second: Written) -> Written:
    """Return the shards of both, with the statistics of all their documents."""
    statistics = first.statistics
    if statistics is None:
        statistics = second.statistics
    elif second.statistics is not None:
        statistics = statistics.merge(second.statistics)
    return Written(first.files | second.files, statistics, bytes=first.bytes + second.bytes)


def write_joined(task: JoinTask) -> Written:
    """Write the shard that consists of these fragments. A partition may have left none."""
    fragments = [read_arrow(path) for path in task.fragments if path.exists()]
    documents = documents_of_table(pa.concat_tables(fragments))
    return write_and_measure(task.shard, documents, task.schema, task.split, task.token_column)


def fragment(folder: Path, destination: str, partition: int) -> Path:
    """Return the file for the documents of a partition that go to a shared shard."""
    return folder / f"{destination}-{partition:06d}.arrow"


def removed_fragment(folder: Path, partition: int) -> Path:
    """Return the file for a partition's part of the ledger of removals."""
    return folder / "ledger" / f"{partition:06d}.arrow"


def redacted_fragment(folder: Path, partition: int) -> Path:
    """Return the file for a partition's part of the ledger of redactions."""
    return folder / "redacted" / f"{partition:06d}.arrow"


def write_arrow(path: Path, table: pa.Table) -> None:
    """Write a fragment."""
    with arrow_file(path, table.schema, compression="lz4") as out:
        out.write_table(table)


def read_arrow(path: Path) -> pa.Table:
    """Return a fragment, memory-mapped."""
    from pyarrow import ipc

    return ipc.open_file(pa.memory_map(str(path))).read_all()
