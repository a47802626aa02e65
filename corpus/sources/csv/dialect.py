r"""Detect how the rows of a CSV file are written, from its first rows.

    sep=;                                   Excel's first line: the delimiter
    id; title; text
    a1; "A bridge"; "She said \"go; now\"."

Detected are the delimiter, whether quotes within a field are doubled or escaped with a backslash,
whether spaces follow delimiters, and whether a lone CR ends a row. Where tabs separate fields, a
quote may also be an ordinary character. The usual dialect (a comma, or a
tab in `.tsv`; doubled quotes) is kept unless another one reads the first rows clearly better. So a
few damaged rows never change how a file is read. What the config sets is not detected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from corpus.documents import TEXT
from corpus.sources.columns.names import source_column
from corpus.sources.csv.line_queue import Dialect, LineQueue
from corpus.sources.csv.reader import Row, read_rows
from corpus.sources.files.compression import without_compression_extension
from corpus.sources.files.streams import Stream
from corpus.sources.lines import Block
from corpus.sources.settings import Source

DETECTION_BYTES = 256 << 10
"""Bytes at the start of a file that the dialect is detected from."""

MAX_DETECTION_ROWS = 1000

DELIMITERS = (",", "\t", ";", "|", "\x01")
"""Delimiters that are detected. The last is that of Apache Hive, and reads a file of one column
whose texts have commas but no quotes."""

DELIMITER_NAMES = {"\t": "tab", " ": "space"}

_SEP_LINE = re.compile(
    rb"""\A"?sep=(\\t|[\xc2-\xf4][\x80-\xbf]{1,3}|[^\r\n"]|)"?[ \t]*(?:\r\n|\r|\n|\Z)""",
    re.IGNORECASE,
)
_SPACES_AND_QUOTE = re.compile(r'\A +"')


@dataclass(frozen=True)
class _Fit:
    """How well a dialect reads the first rows of a file."""

    dialect: Dialect

    has_text_column: bool
    """Whether the first row has the name of the text column."""

    is_table: bool
    """Whether at least half of the lines are rows with as many fields as the header, at least 2."""

    misread: float
    """Share of the lines in rows that are malformed, or wider or narrower than the header."""

    def is_better_than(self, other: _Fit) -> bool:
        """Return whether this fit is clearly better; small differences do not count."""
        rank = (self.has_text_column, self.is_table)
        other_rank = (other.has_text_column, other.is_table)
        return rank > other_rank or (rank == other_rank and 2 * self.misread < other.misread)


def without_sep_line(head: bytes) -> tuple[bytes, str | None]:
    """Return the head of a file without its `sep=` line, and the delimiter that this line names.

    A delimiter is a tab or a visible ASCII character. A line that names another character is left
    out, too, but says nothing.
    """
    match = _SEP_LINE.match(head)
    if match is None:
        return head, None
    name = match.group(1)
    rest = head[match.end() :]
    if name in (b"", b"\\t", b"\t"):
        return rest, "\t"
    return rest, name.decode() if len(name) == 1 and b" " <= name <= b"~" else None


def usual_dialect(file_name: str, source: Source) -> Dialect:
    """Return the dialect of a file if its content does not decide otherwise."""
    is_tsv = without_compression_extension(file_name).endswith((".tsv", ".tab"))
    delimiter = source.delimiter or ("\t" if is_tsv else ",")
    return Dialect(delimiter, source.quote, source.escape)


def detect_dialect(
    head: bytes, file_name: str, source: Source, *, sep: str | None, at_end: bool
) -> Dialect:
    """Return the dialect of a file that begins with `head`, which is UTF-8.

    `sep` is the delimiter in the file's `sep=` line. `at_end` is true if the head is all there is.
    """
    usual = usual_dialect(file_name, source)
    if sep and source.delimiter is None:
        usual = usual._replace(delimiter=sep)
    best: _Fit | None = None
    for dialect in _candidates(usual, head, source, is_known=bool(source.delimiter)):
        fit = _fit(dialect, head, source, at_end=at_end)
        if best is None or fit.is_better_than(best):
            best = fit
        if best.has_text_column and best.misread == 0:
            break
    return best.dialect if best else usual


def describe(dialect: Dialect) -> str:
    """Return a dialect in words: `delimiter ';', quotes doubled`."""
    name = DELIMITER_NAMES.get(dialect.delimiter)
    parts = [f"delimiter {name or repr(dialect.delimiter)}"]
    if dialect.quote is None:
        parts.append("no quotes")
    else:
        kind = "quotes" if dialect.quote == '"' else f"quotes {dialect.quote!r}"
        parts.append(
            f"{kind} escaped with {dialect.escape}" if dialect.escape else f"{kind} doubled"
        )
    if dialect.skip_spaces:
        parts.append("spaces after delimiters skipped")
    if dialect.cr_ends_rows:
        parts.append("rows end in CR")
    return ", ".join(parts)


def _candidates(
    usual: Dialect, head: bytes, source: Source, *, is_known: bool
) -> Iterator[Dialect]:
    """Yield the dialects that the file may have, the usual one first."""
    delimiters = [usual.delimiter]
    if not is_known:
        delimiters += [
            d for d in DELIMITERS if d != usual.delimiter and (d == "\x01" or d.encode() in head)
        ]
    quote = (usual.quote or "").encode()
    has_lone_cr = head.count(b"\r") != head.count(b"\r\n") + head.endswith(b"\r")
    has_lone_cr |= b"\r" in head and b"\n" not in head
    for delimiter in delimiters:
        may_skip = (
            bool(quote)
            and delimiter != " "
            and delimiter.encode() + b" " in head
            and b" " + quote in head
        )
        may_escape = usual.escape is None and any(
            b"\\" + escaped in head for escaped in (quote, delimiter.encode()) if escaped
        )
        for cr, skip, escape in product(
            (False, True)[: 1 + has_lone_cr],
            (False, True)[: 1 + may_skip],
            (usual.escape, "\\")[: 1 + may_escape],
        ):
            if delimiter not in (source.quote, escape):
                yield Dialect(delimiter, source.quote, escape, skip, cr)
        if delimiter == "\t" and quote and quote in head:
            for cr in (False, True)[: 1 + has_lone_cr]:
                yield Dialect(delimiter, None, usual.escape, cr_ends_rows=cr)


def _fit(dialect: Dialect, head: bytes, source: Source, *, at_end: bool) -> _Fit:
    """Return how well a dialect reads the head of a file."""
    data = head if at_end else head[: _past_last_line(head, dialect)]
    stream = Stream("", cut=not at_end)
    limit = max(1, len(data))
    queue = LineQueue(iter([Block(0, data, len(data))]), limit, stream, dialect)
    rows = list(islice(read_rows(queue), MAX_DETECTION_ROWS))
    if not rows:
        return _Fit(dialect, has_text_column=False, is_table=False, misread=1.0)
    first = [field.strip() for field in rows[0].fields]
    names = list(source.header or first)
    has_text_column = source_column(source, TEXT) in first
    rows = rows if source.header and first != names else rows[1:]
    unfinished = len(queue.row_lines) if queue.at_end else 0  # an unclosed quote swallows many
    total = sum(len(row.lines) for row in rows) + unfinished
    if dialect.quote != source.quote and _has_quoted_fields(rows, source.quote or ""):
        return _Fit(dialect, has_text_column, is_table=False, misread=1.0)
    consistent = sum(len(row.lines) for row in rows if _is_consistent(row, len(names), dialect))
    share = 1 - consistent / total if total else 0.0
    return _Fit(dialect, has_text_column, is_table=len(names) > 1 and share <= 0.5, misread=share)


def _has_quoted_fields(rows: Sequence[Row], quote: str) -> bool:
    """Return whether most fields that begin with a quote end with one, read without quotes."""
    quoted = [field for row in rows for field in row.fields if field.startswith(quote)]
    return 2 * sum(len(f) > 1 and f.endswith(quote) for f in quoted) > len(quoted)


def _past_last_line(head: bytes, dialect: Dialect) -> int:
    """Return the position after the last line end in the head of a longer file."""
    ends = [head.rfind(b"\n")]
    if dialect.cr_ends_rows:
        ends.append(head.rfind(b"\r", 0, len(head) - 1))
    return max(ends) + 1


def _is_consistent(row: Row, width: int, dialect: Dialect) -> bool:
    """Return whether a row was read without error, with as many fields as the header."""
    if row.error and row.error.startswith("invalid CSV"):
        return False
    fields = without_empty_end(row.fields, width)
    has_stray_quote = dialect.quote == '"' and any(map(_SPACES_AND_QUOTE.match, fields))
    return len(fields) == width and not has_stray_quote


def without_empty_end(fields: Sequence[str], width: int) -> Sequence[str]:
    """Return the fields of a row without those beyond the header, if all of these are empty."""
    if len(fields) > width and not any(map(str.strip, fields[width:])):
        return fields[:width]
    return fields
