"""Measure everything under a path: a build, or files of any format that corpus can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.auditing.audit import Audit
from corpus.auditing.measure.counting import measure
from corpus.auditing.measure.external_files import ReadStatistics, read_documents
from corpus.auditing.measure.report import report_on_documents
from corpus.auditing.measure.statistics import Statistics
from corpus.auditing.measure.text_sample import AUDIT_SAMPLE_BYTES
from corpus.builds.exchange import read_unreplaced
from corpus.builds.reader import audit_of, file_in_build, manifest_at, reading
from corpus.credentials import refuse_credentials
from corpus.documents import TEXT
from corpus.errors import ConfigError
from corpus.progress import Progress, silent
from corpus.sources.files.filesystems import is_uri
from corpus.sources.files.skipped import count_kinds
from corpus.tokens.tokenizer import Tokenizer, load_tokenizer


@dataclass(frozen=True)
class Measurement:
    """How documents are measured, and where progress is shown."""

    seed: int
    tokenizer: Tokenizer | None
    progress: Progress

    def measure(self, documents: Sequence[pa.RecordBatch], split: str) -> Statistics:
        """Return the statistics of some documents of a split, and advance the progress."""
        statistics = measure(
            documents,
            split=split,
            seed=self.seed,
            sample_bytes=AUDIT_SAMPLE_BYTES,
            compare_texts=True,
            tokenizer=self.tokenizer,
        )
        for batch in documents:
            size = pc.sum(pc.binary_length(batch.column(TEXT))).as_py() or 0
            self.progress.advance(documents=batch.num_rows, bytes=size)
        return statistics


def audit(
    path: str | Path,
    *,
    text: str = TEXT,
    seed: int = 0,
    topics: bool = True,
    tokenizer: str | Path | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Return the audit of a build, or of any files that can be read as a source.

    `text` names the column with the text. `seed` chooses the quoted documents. `topics` draws the
    map of topics. Raises InputError if there is nothing to read, ConfigError if `text` names
    another column of a build.
    """
    refuse_credentials(str(path))
    loaded = load_tokenizer(tokenizer) if tokenizer is not None else None
    measurement = Measurement(seed, loaded, progress or silent())
    measurement.progress.start("audit", bytes=0)
    folder = Path(path)
    if not is_uri(str(path)):
        return read_unreplaced([folder], lambda: _audit(folder, text, measurement, topics=topics))
    return _audit_files(str(path), text, measurement, topics=topics)


def _audit(folder: Path, text: str, measurement: Measurement, *, topics: bool) -> Audit:
    """Return the audit of a build, or of other local files."""
    manifest = manifest_at(folder)
    if manifest is not None:
        if text != TEXT:
            raise ConfigError(
                f"{folder}: this is a build, and its text is in the column {TEXT!r}; leave out "
                f"--text, or audit its files to measure another column: {folder / 'data'}"
            )
        return _audit_build(folder, manifest, measurement, topics=topics)
    return _audit_files(str(folder.resolve()), text, measurement, topics=topics)


def _audit_build(
    folder: Path, manifest: dict[str, Any], measurement: Measurement, *, topics: bool
) -> Audit:
    statistics = Statistics()
    for split, entry in manifest["splits"].items():
        for shard in entry["shards"]:
            with reading(folder, shard), pq.ParquetFile(file_in_build(folder, shard)) as file:
                for batch in file.iter_batches(batch_size=8192):
                    statistics = statistics.merge(measurement.measure([batch], split))
    report = report_on_documents(
        statistics,
        folder=folder,
        manifest=manifest,
        previous=audit_of(folder, manifest),
        draw_topics=topics,
        tokenizer=measurement.tokenizer.to_json() if measurement.tokenizer else None,
    )
    return Audit(manifest["name"], report, manifest)


def _audit_files(path: str, text: str, measurement: Measurement, *, topics: bool) -> Audit:
    statistics, read = Statistics(), ReadStatistics()
    for split, batches in read_documents(path, text=text, statistics=read):
        statistics = statistics.merge(measurement.measure(batches, split))
    report = report_on_documents(
        statistics,
        draw_topics=topics,
        tokenizer=measurement.tokenizer.to_json() if measurement.tokenizer else None,
        unread=read.to_json(),
        files=read.formats,
        skipped=dict(sorted(read.skipped_records.items(), key=lambda item: (-item[1], item[0]))),
        not_read=count_kinds(read.skipped),
    )
    return Audit(path.rstrip("/").rpartition("/")[2], report)
