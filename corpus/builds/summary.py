"""A build in one table: how many documents were read, removed and why, and kept in which split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from corpus.terminal import format_bytes, format_value


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


def notices(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a person should know about a build that no count shows: (subject, sentence)."""
    if renamed := manifest.get("renamed_ids"):
        yield "ids", renamed_ids_notice(renamed)
    if text := no_text_column_notice(manifest["inputs"]):
        yield "no text", text


def renamed_ids_notice(renamed: Mapping[str, Any]) -> str:
    """Return how many documents share their id with another one, and what their ids are now."""
    examples = "".join(f", such as {format_value(row['id'])}" for row in renamed["examples"][:1])
    return (
        f"{renamed['documents']:,} documents share their id with another one, so they are named "
        f"after their source{examples}; the original ids are in the column {renamed['column']}"
    )


def no_text_column_notice(inputs: Sequence[Mapping[str, Any]]) -> str:
    """Return which files have no text column at all; "" if every file has one."""
    files = [entry for entry in inputs if 0 < entry["records"] == entry.get("no_text_column", 0)]
    if not files:
        return ""
    records = sum(entry["records"] for entry in files)
    more = f" and {len(files) - 1:,} more files" if len(files) > 1 else ""
    return (
        f"no record of {format_value(files[0]['source'])}{more} has the text column; "
        f"{records:,} records were removed"
    )
