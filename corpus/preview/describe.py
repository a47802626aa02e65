"""Show the preview of a source on a terminal: its columns, an example, dates, and what is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus.builds.summary import describe_skipped
from corpus.documents import ID
from corpus.markup import count_of
from corpus.preview.columns import ColumnPreview
from corpus.preview.source_preview import SourcePreview, reasons_of
from corpus.sources.columns.synonyms import columns_setting
from corpus.sources.files.skipped import describe_skipped_files
from corpus.terminal import format_value, safe, width

LINE_WIDTH = 96
MAX_COLUMNS = 14
MAX_REASONS = 3
MAX_NAME_WIDTH = 24


def describe(preview: SourcePreview) -> Iterator[str]:
    """Yield the lines below the name of a source."""
    if preview.skipped_files:
        kinds = safe(describe_skipped_files(preview.skipped_files))
        yield f"{count_of(len(preview.skipped_files), 'file')} not read: {kinds}"
    if preview.records or preview.skipped:
        yield _what_was_read(preview)
    yield from _table(preview.columns)
    for dialect in preview.notes.dialects:
        yield f"csv: {safe(dialect)}"
    if n := preview.notes.short_rows:
        yield f"{count_of(n, 'row')} with fewer fields than the header; the missing ones are null"
    if preview.proposed_columns:
        yield f"empty; to fill it: {safe(columns_setting(preview.proposed_columns))}"
    if dates := _dates(preview):
        yield dates
    if preview.skipped:
        yield f"skipped because they are not documents: {safe(describe_skipped(preview.skipped))}"
    if preview.repeated_ids:
        yield (
            f"{count_of(preview.repeated_ids, 'document')} would get another id, because their id "
            "occurs twice"
        )
    if preview.rejects:
        yield f"{count_of(len(preview.rejects), 'record')} cannot be read:"
        reasons = reasons_of(preview.rejects)
        for text, n in reasons[:MAX_REASONS]:
            yield _cut(f"  {safe(text)}") + (f" (and {n - 1:,} more)" if n > 1 else "")
        if len(reasons) > MAX_REASONS:
            yield f"  and {len(reasons) - MAX_REASONS:,} more reasons"


def _what_was_read(preview: SourcePreview) -> str:
    if preview.records == 1:
        return "the only record:" if preview.is_all else "the first record:"
    return f"{'all' if preview.is_all else 'first'} {preview.records:,} records:"


def _table(columns: Sequence[ColumnPreview]) -> Iterator[str]:
    """Yield one line for each column: its name, its name in the source, the example."""
    shown = columns[:MAX_COLUMNS]
    rows = [(_name(c.name), _name(_origin(c)), safe(c.example)) for c in shown]
    if not rows:
        return
    widths = [max(width(row[i]) for row in rows) for i in range(2)]
    for name, origin, example in rows:
        start = f"  {_padded(name, widths[0])}  {_padded(origin, widths[1])}"
        yield _cut(f"{start}  {example}").rstrip()
    if more := [column.name for column in columns[MAX_COLUMNS:]]:
        yield _cut(
            f"  and {len(more):,} more column{'s'[: len(more) > 1]}: {safe(', '.join(more))}"
        )


def _origin(column: ColumnPreview) -> str:
    """Return where a column comes from: the source's name, if it is another one; or its type."""
    if column.name == ID and not column.source_name:
        return "(hash)"
    renamed = bool(column.source_name) and column.source_name != column.name
    kind = "" if column.type == "string" else column.type
    return f"<- {column.source_name}" if renamed else kind


def _dates(preview: SourcePreview) -> str:
    """Return how many dates could be read, and how ambiguous ones were."""
    dates = preview.dates
    n = dates.parsed + dates.unparsed
    if not n:
        return ""
    text = f"dates: {dates.parsed:,} of {n:,} read"
    if dates.inferred_format:
        text += f"; ambiguous ones as {format_value(dates.inferred_format)}, like the others"
    if dates.unparsed:
        text += f"; not {', '.join(format_value(value) for value in dates.unparsed_examples)}"
    return text


def _name(text: str) -> str:
    text = safe(text)
    return text if len(text) <= MAX_NAME_WIDTH else text[: MAX_NAME_WIDTH - 1] + "…"


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def _cut(line: str) -> str:
    """Return a line cut to the width of the page."""
    if width(line) <= LINE_WIDTH:
        return line
    while width(line) >= LINE_WIDTH:
        line = line[: LINE_WIDTH - 1] if len(line) > LINE_WIDTH else line[:-1]
    return line.rstrip() + "…"
