"""A partition: a range of places that the last pass writes, and what all partitions share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from corpus.documents import KEY
from corpus.pipeline.portions import portions_of, rows_in_range
from corpus.pipeline.redact_outputs import EvidenceRedaction
from corpus.pipeline.shards import ShardColumns
from corpus.pipeline.sorted_runs import SortedRun
from corpus.sources.files.stamps import WatchedFile
from corpus.stages.base import DecidingStage


@dataclass(frozen=True)
class LastPass:
    """What every partition needs to know."""

    stages: tuple[DecidingStage, ...]
    runs: tuple[SortedRun, ...]
    decisions: tuple[Path, ...]
    """The file of decisions of each run."""

    all_runs: tuple[SortedRun, ...]
    """The runs of every pass, for the documents that were removed there."""

    hashes: tuple[str, ...]
    """The hash of each of `all_runs`."""

    settings: str
    """A hash of the stages, their code, and everything else that all partitions depend on."""

    columns: ShardColumns

    cluster_ids: tuple[str, ...]
    """Ids of kept documents whose clusters of duplicates the audit shows."""

    languages: tuple[str, ...] | None
    """The languages with a folder of their own; None without folders."""

    cache: Path
    """The folder of the results."""

    watched: tuple[WatchedFile, ...] = ()
    """Files that the stages depend on, which must not change before a result is written."""

    redacts: bool = False
    """Whether there is a ledger of redactions."""

    token_column: str | None = None
    """The column in which a stage has counted tokens."""

    evidence: EvidenceRedaction | None = None
    """Which evidence of removals is redacted."""


class Partition(NamedTuple):
    """A range of places."""

    low: int
    high: int
    with_row_group: tuple[str, ...]
    """The destinations of which the partition has a row group for itself."""

    def rows_of(self, sorted_rows: pa.RecordBatch) -> tuple[int, int]:
        """Return the rows [first, last) in the partition of a batch that is sorted by place."""
        portions, keys = portions_of(sorted_rows), sorted_rows.column(KEY)
        return rows_in_range(portions, keys, self.low, self.high)
