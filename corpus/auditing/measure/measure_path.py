"""Measure what lies under a path: a build, or anybody's files of any kind that we read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.auditing.audit import Audit
from corpus.auditing.measure.counting import measure
from corpus.auditing.measure.external_files import Files, documents
from corpus.auditing.measure.report import of_documents
from corpus.auditing.measure.statistics import Statistics
from corpus.auditing.measure.text_sample import AUDIT
from corpus.auditing.measure.tokens import Tokenizer, load
from corpus.builds.reader import audit_of, manifest_at, reading
from corpus.documents import TEXT
from corpus.errors import ConfigError
from corpus.progress import Progress, silent
from corpus.sources.filesystems import is_uri


@dataclass(frozen=True)
class Looking:
    """How documents are looked at."""

    seed: int
    tokenizer: Tokenizer | None
    progress: Progress

    def count(self, documents: Sequence[pa.RecordBatch], split: str) -> Statistics:
        """Return what there is to count in some documents of a split, and say so."""
        found = measure(
            documents,
            split=split,
            seed=self.seed,
            budget=AUDIT,
            exactly=True,
            tokenizer=self.tokenizer,
        )
        for batch in documents:
            size = pc.sum(pc.binary_length(batch.column(TEXT))).as_py() or 0
            self.progress.advance(documents=batch.num_rows, bytes=size)
        return found


def audit(
    path: str | Path,
    *,
    text: str = TEXT,
    seed: int = 0,
    thorough: bool = True,
    tokenizer: str | Path | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Return the audit of a build, of Parquet files, or of what a source can read there.

    Raises InputError where there is nothing to read, ConfigError where `text` is not a build's.
    """
    counter = load(tokenizer) if tokenizer is not None else None
    how = Looking(seed, counter, progress or silent())
    how.progress.start("audit", bytes=0)
    by = counter.to_json() if counter else None
    close = partial(of_documents, thorough=thorough, tokenizer=by)
    folder = Path(path)
    manifest = None if is_uri(str(path)) else manifest_at(folder)
    if manifest is not None:
        if text != TEXT:
            raise ConfigError(
                f"{folder}: this is a build, and the text of a build is its column {TEXT!r}; leave "
                f"--text out, or name its files to measure another column: {folder / 'data'}"
            )
        found = _shards(folder, manifest, how)
        before = audit_of(folder, manifest)
        told = close(found, folder=folder, manifest=manifest, before=before)
        return Audit(manifest["name"], told, manifest)
    where = str(path) if is_uri(str(path)) else str(folder.resolve())
    found, files = Statistics(), Files()
    for split, batches in documents(where, text=text, files=files):
        found = found.merge(how.count(batches, split))
    name = where.rstrip("/").rpartition("/")[2]
    return Audit(name, close(found, unread=files.to_json(), files=files.kinds))


def _shards(folder: Path, manifest: dict[str, Any], how: Looking) -> Statistics:
    """Return what there is to count in the shards of a build."""
    found = Statistics()
    for split, told in manifest["splits"].items():
        for shard in told["shards"]:
            with reading(folder, shard), pq.ParquetFile(folder / shard) as file:
                for batch in file.iter_batches(batch_size=8192):
                    found = found.merge(how.count([batch], split))
    return found
