"""A build in one table: how many documents were read, removed and why, and kept in which split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from corpus.terminal import format_bytes

MAX_SKIP_REASONS = 8
"""Reasons for skipping records that are listed."""


class Counts(NamedTuple):
    """The number of documents of a build: `read` is the sum of the three others."""

    read: int
    kept: int
    removed: int
    rejected: int
    splits: dict[str, int]
    """The kept documents of each split."""


class Row(NamedTuple):
    """One row of the summary; a negative number counts documents that were taken out."""

    stage: str
    reason: str
    documents: int
    files: str = ""


def skipped_records(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of records that are not documents, by reason, the most frequent first.

    WARC files have most of their records for other purposes: requests, images, error pages.
    """
    total: Counter[str] = Counter()
    for entry in manifest["inputs"]:
        total.update(entry.get("skipped", {}))
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def describe_skipped(skipped: Mapping[str, int]) -> str:
    """Return the skipped records in one line: `12 (8 request, 3 status 404, 1 not_html)`."""
    shown = [f"{n:,} {reason[:40]}" for reason, n in list(skipped.items())[:MAX_SKIP_REASONS]]
    if more := sum(list(skipped.values())[MAX_SKIP_REASONS:]):
        shown.append(f"{more:,} for other reasons")
    return f"{sum(skipped.values()):,} ({', '.join(shown)})"


def rows_of(manifest: Mapping[str, Any]) -> list[Row]:
    """Return the rows of the summary: what was read, removed by stage and reason, and kept."""
    counts = manifest["counts"]
    rows = [Row("read", "", counts["read"])]
    rows += [
        Row(f"  {step['stage']}", step["reason"], -step["documents"])
        for step in manifest["funnel"]
        if step["documents"]
    ]
    if counts["rejected"]:
        rows.append(Row("  rejected", "unreadable", -counts["rejected"]))
    for name, split in manifest["splits"].items():
        n = len(split["shards"])
        files = f"{n} file{'' if n == 1 else 's'}, {format_bytes(split['bytes'])}"
        rows.append(Row(name, "", split["documents"], files))
    return rows
