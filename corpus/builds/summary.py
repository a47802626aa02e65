"""A build in one table: how many documents were read, removed and why, and kept in which split."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from corpus.builds.empty_columns import empty_columns_notices
from corpus.builds.quality_notices import quality_notices
from corpus.documents import OTHER_COLUMNS
from corpus.mixture.report import mixture_notices, mixture_of
from corpus.terminal import format_bytes, format_value
from corpus.tokens.tokenizer import tokenizer_of

MAX_EXAMPLES = 3
"""Values listed of a column of dates that could not be parsed."""

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


def skipped_files(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of files that were not read, by kind, the most frequent first."""
    total: Counter[str] = Counter()
    for entry in manifest.get("skipped_files", ()):
        total[entry["kind"]] += entry["files"]
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


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


class UnparsedDates(NamedTuple):
    """The dates of one source that could not be parsed."""

    path: str
    """The path of the source in the config."""

    unparsed: int
    parsed: int
    examples: list[str]

    @property
    def notice(self) -> str:
        """Return how many there are, with examples, and what to do."""
        values = ", ".join(format_value(value) for value in self.examples)
        text = (
            f"{self.unparsed:,} of {self.unparsed + self.parsed:,} dates of "
            f"{format_value(self.path)} could not be parsed, such as {values}; they are null, and "
            "another column keeps them"
        )
        if any(_AMBIGUOUS_DATE.match(value) for value in self.examples):
            text += ". Set date_format of the source: '%d/%m/%Y' or '%m/%d/%Y'"
        return text


_AMBIGUOUS_DATE = re.compile(r"\s*\d{1,2}[/-]\d{1,2}[/-]\d{2,4}")


def unparsed_dates(manifest: Mapping[str, Any]) -> list[UnparsedDates]:
    """Return the dates of each source that could not be parsed; sources without any are left out.

    Dates of a file without any unparsed one are not counted.
    """
    by_source: dict[int, UnparsedDates] = {}
    for entry in manifest["inputs"]:
        if n := entry.get("unparsed_dates", 0):
            path = manifest["config"]["sources"][entry["config"]]["path"]
            total = by_source.get(entry["config"], UnparsedDates(path, 0, 0, []))
            by_source[entry["config"]] = UnparsedDates(
                path,
                total.unparsed + n,
                total.parsed + entry.get("parsed_dates", 0),
                sorted({*total.examples, *entry.get("unparsed_examples", [])})[:MAX_EXAMPLES],
            )
    return list(by_source.values())


def notices(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a person should know about a build that no count shows: (subject, sentence)."""
    if text := tokens_notice(manifest):
        yield "tokens", text
    if mixture := mixture_of(manifest):
        yield from (("mixture", text) for text in mixture_notices(mixture))
    if renamed := manifest.get("renamed_ids"):
        yield "ids", renamed_ids_notice(renamed)
    if text := no_text_column_notice(manifest["inputs"]):
        yield "no text", text
    if text := short_rows_notice(manifest["inputs"]):
        yield "rows", text
    if text := encodings_notice(manifest["inputs"]):
        yield "encoding", text
    if text := other_columns_notice(manifest):
        yield "columns", text
    for text in empty_columns_notices(manifest):
        yield "columns", text
    for text in quality_notices(manifest):
        yield "quality", text
    for unparsed in unparsed_dates(manifest):
        yield "dates", unparsed.notice
    for notice in inferred_formats_notices(manifest):
        yield "dates", notice


def tokens_notice(manifest: Mapping[str, Any]) -> str:
    """Return how many tokens each split has; "" if no stage has counted them."""
    tokenizer = tokenizer_of(manifest)
    if tokenizer is None:
        return ""
    splits = manifest["splits"].items()
    counts = ", ".join(f"{split.get('tokens', 0):,} in {name}" for name, split in splits)
    return f"{counts}, counted with {format_value(tokenizer['name'])}, without special tokens"


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
        f"{records:,} {'record was' if records == 1 else 'records were'} removed"
    )


def short_rows_notice(inputs: Sequence[Mapping[str, Any]]) -> str:
    """Return how many rows of CSV files have missing fields; "" if none has."""
    files = [entry for entry in inputs if entry.get("short_rows", 0)]
    if not files:
        return ""
    largest = max(files, key=lambda entry: entry["short_rows"])
    n = largest["short_rows"]
    rows = f"{n:,} {'row' if n == 1 else 'rows'} of {format_value(largest['source'])}"
    if len(files) > 1:
        others = sum(entry["short_rows"] for entry in files) - n
        rows += f" and {others:,} of other files"
    has = "has" if n == len(files) == 1 else "have"
    return f"{rows} {has} fewer fields than the header; the missing fields are null"


def other_columns_notice(manifest: Mapping[str, Any]) -> str:
    """Return that the sources have too many columns for a corpus; "" if they have not."""
    if all(column["name"] != OTHER_COLUMNS for column in manifest["columns"]):
        return ""
    limit = manifest["config"]["output"]["max_columns"]
    return (
        f"the sources have more than {limit:,} different columns of their own; those in the fewest "
        f"documents are in one JSON column, {OTHER_COLUMNS}; to keep more of them, increase "
        "output.max_columns; to choose, set extra_columns of the source"
    )


def encodings_notice(inputs: Sequence[Mapping[str, Any]]) -> str:
    """Return which files of records were read in a detected encoding; "" if none was."""
    files = [entry for entry in inputs if entry.get("encoding")]
    if not files:
        return ""
    by_encoding: dict[str, list[str]] = {}
    for entry in files:
        by_encoding.setdefault(entry["encoding"], []).append(entry["source"])
    shown = [
        f"{len(names):,} {'file' if len(names) == 1 else 'files'} as {name} "
        f"({format_value(names[0])}{', ...' if len(names) > 1 else ''})"
        for name, names in sorted(by_encoding.items())
    ]
    return (
        f"the encoding was detected, because it is not UTF-8: {', '.join(shown)}; if that is "
        "wrong, set encoding of the source"
    )


def inferred_formats_notices(manifest: Mapping[str, Any]) -> list[str]:
    """Return for each source how its ambiguous dates were read, if its other dates decided it."""
    formats = {e["config"]: e["date_format"] for e in manifest["inputs"] if e.get("date_format")}
    return [
        f"ambiguous dates of {format_value(manifest['config']['sources'][source]['path'])} were "
        f"read as {format_value(format)}, like the other dates there; to decide it yourself, set "
        "date_format of the source"
        for source, format in formats.items()
    ]
